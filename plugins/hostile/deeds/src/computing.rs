//! Deeds that need nobody: time, memory, stack.

use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};

use neustream_plugin::Error;

use crate::{Outcome, failure};

/// Does `deed`, if it is one of these.
pub fn perform(deed: &str, argument: &str) -> Outcome {
    Some(Ok(match deed {
        "good" => argument.as_bytes().to_vec(),
        "loop" => endless_loop(),
        "fill" => fill_memory_for_ever(),
        "copy" => copy_memory_for_ever(),
        "memory-bomb" => memory_bomb(),
        "memory" => memory_of(argument),
        "recursion" => deep_recursion(u64::MAX).to_le_bytes().to_vec(),
        "wide-recursion" => wide_recursion(u64::MAX).to_le_bytes().to_vec(),
        "spin" => return Some(spin(argument)),
        "abort" => core::arch::wasm32::unreachable(),
        "giant" => vec![1; number(argument)],
        "remember" => remembered().to_string().into_bytes(),
        "confess" => own_memory(),
        _ => return None,
    }))
}

fn number(text: &str) -> usize {
    text.parse().unwrap_or_default()
}

fn endless_loop() -> ! {
    let mut n = 0_u64;
    loop {
        n = black_box(n.wrapping_add(1));
    }
}

/// Computes for so many rounds of some nanoseconds each.
fn spin(rounds: &str) -> Result<Vec<u8>, Error> {
    let rounds: u64 = rounds.parse().map_err(|_| failure("no-number", rounds))?;
    let mut n = 0_u64;
    for round in 0..rounds {
        n = black_box(n.rotate_left(5) ^ round);
    }
    Ok(n.to_string().into_bytes())
}

/// One instruction that takes milliseconds, again and again: bulk operations have no epoch checks inside.
fn fill_memory_for_ever() -> ! {
    let mut memory = vec![0_u8; 12 << 20];
    let mut n = 0_u8;
    loop {
        n = n.wrapping_add(1);
        black_box(&mut memory).fill(n);
    }
}

fn copy_memory_for_ever() -> ! {
    let mut memory = vec![0_u8; 12 << 20];
    loop {
        black_box(&mut memory).copy_within(..(12 << 20) - 1, 1);
    }
}

fn memory_bomb() -> Vec<u8> {
    let mut hoard = Vec::new();
    loop {
        hoard.push(black_box(vec![1_u8; 1 << 20]));
    }
}

/// Uses so many MiB and is content.
fn memory_of(mib: &str) -> Vec<u8> {
    black_box(vec![1_u8; number(mib) << 20]);
    b"content".to_vec()
}

/// Frames that live on the engine's stack alone.
#[inline(never)]
fn deep_recursion(n: u64) -> u64 {
    if n == 0 { 0 } else { deep_recursion(n - 1).rotate_left(3) ^ n }
}

/// Frames with an array each, which guests keep on a stack of their own in linear memory.
fn wide_recursion(n: u64) -> u64 {
    let frame = black_box([n; 64]);
    if n == 0 { 0 } else { wide_recursion(n - 1) + frame[(n % 64) as usize] }
}

/// How often this instance was asked: more than once only where instances are kept.
fn remembered() -> u64 {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    CALLS.fetch_add(1, Ordering::Relaxed) + 1
}

/// All of this instance's linear memory from its first byte, as far as it is not empty, in a list of its own.
///
/// Pages of nothing but zeroes are left out, so that the answer fits where answers are small.
pub fn own_memory() -> Vec<u8> {
    const PAGE: usize = 4096;
    let pages = core::arch::wasm32::memory_size(0) * 65536 / PAGE;
    let mut told = Vec::new();
    for page in 0..pages {
        // Page 0 is addressed as everything else: to a guest, address 0 is memory like any other.
        let words = || (page * PAGE..(page + 1) * PAGE).step_by(8).map(word_at);
        if words().any(|word| word != 0) {
            told.extend(words().flat_map(u64::to_le_bytes));
        }
    }
    told
}

#[allow(
    unsafe_code,
    reason = "a guest reads all of its own memory; its host makes sure that this is all it can read"
)]
fn word_at(address: usize) -> u64 {
    // SAFETY: aligned and below the end of the memory. The pointer is hidden from the optimiser, which takes 0 for no
    // pointer.
    unsafe { black_box(address as *const u64).read_volatile() }
}
