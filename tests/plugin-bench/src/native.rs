//! The same filter without a border, for comparison: the plugin's own source, compiled for this machine.

use std::hint::black_box;
use std::time::Instant;

use neustream_moderation_blocklist::Blocklist;
use neustream_plugin::moderation::{Message, ModerationFilter as _};
use neustream_plugin::{Context, Level, PureHost};

use crate::Extent;
use crate::latency::{BLOCKLIST, batch};
use crate::platform::process_cpu;
use crate::report::{Report, Times};

/// The host of the plugin, as far as a filter needs one.
struct Native;

impl PureHost for Native {
    fn config(&self) -> String {
        BLOCKLIST.to_owned()
    }

    fn log(&self, _: Level, _: &str, _: &[(&str, &str)]) {}

    fn count(&self, _: &str, _: u64) {}
}

/// Judges what the component judges.
pub fn measure(report: &mut Report, extent: Extent) {
    let context = Context {
        tenant: String::new(),
        installation: String::new(),
        call_id: String::new(),
        trace_parent: String::new(),
        now: 0,
        attempt: 1,
        deadline_ms: 50,
    };
    for (what, many) in
        [("The same natively, one message", 1), ("The same natively in batches of 100, a message", 100)]
    {
        let batch: Vec<Message> = batch(many).iter().cloned().map(native).collect();
        let calls = extent.of(50_000) / many as usize + 10;
        let mut times = Vec::with_capacity(calls);
        let cpu = process_cpu();
        for _ in 0..calls {
            let began = Instant::now();
            black_box(Blocklist::judge(&Native, &context, black_box(&batch), &[]));
            times.push(began.elapsed() / many);
        }
        let cpu = process_cpu().saturating_sub(cpu) / calls as u32 / many;
        report.times(what, &Times::of(times), cpu, None);
    }
}

fn native(message: neustream_contract::moderation::Message) -> Message {
    Message {
        id: message.id,
        platform: message.platform,
        author_hash: message.author_hash,
        roles: message.roles,
        text: message.text,
        traits: message.traits,
    }
}
