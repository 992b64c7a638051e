//! Answers that are none: the canonical ABI says no, and the host goes on.

use neustream_contract::{CallError, CallErrorKind, Kind};
use neustream_hostile::Crafted;

use crate::kit::{KINDS, Platform, crafted};

async fn answer_of(platform: &Platform, kind: Kind, guest: &Crafted) -> Result<Vec<u8>, CallError> {
    let package = crafted(kind, guest);
    platform.plugins.load(package.clone()).await.expect("valid code loads");
    let ended = platform.deed_of(kind, &platform.call_of(&package), "x").await;
    platform.still_serves(kind).await;
    ended
}

/// Words in memory order.
fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

async fn is_refused(platform: &Platform, kind: Kind, guest: &Crafted, what: &str) {
    let error = answer_of(platform, kind, guest).await.expect_err(what);
    println!("{}, {what}: {error}", kind.as_str());
    let is_fault = matches!(error.kind, CallErrorKind::Trap | CallErrorKind::Limit | CallErrorKind::Timeout);
    assert!(is_fault, "{}, {what}: {error}", kind.as_str());
}

#[tokio::test]
async fn an_area_of_zeroes_is_an_honest_answer() {
    let platform = Platform::open().await;
    for kind in [Kind::Chat, Kind::Moderation] {
        answer_of(&platform, kind, &Crafted::answering(vec![0; 64])).await.expect("an answer");
    }
}

#[tokio::test]
async fn pointers_out_of_bounds_and_unaligned_are_refused() {
    let platform = Platform::open().await;
    for kind in KINDS {
        for pointer in [0x10_0000, 0x0f_fffc, 0xffff_fffc, 0xffff_ffff, Crafted::ANSWER + 1] {
            let what = format!("an answer at {pointer:#x}");
            is_refused(&platform, kind, &Crafted::pointing(pointer), &what).await;
        }
    }
}

#[tokio::test]
async fn cases_that_do_not_exist_are_refused() {
    let platform = Platform::open().await;
    // The first byte says whether a result is good; moderation answers with a list instead.
    for kind in [Kind::Destination, Kind::Chat, Kind::Payment] {
        for case in [2, 99, 255] {
            is_refused(&platform, kind, &Crafted::answering(vec![case; 256]), "a result of another case")
                .await;
        }
    }
}

#[tokio::test]
async fn lists_and_texts_that_leave_the_memory_are_refused() {
    let platform = Platform::open().await;
    for (pointer, len) in
        [(0, u32::MAX), (0x0f_ffff, 2), (u32::MAX, 1), (u32::MAX, u32::MAX), (0, 0x2000_0000)]
    {
        let what = format!("{len} things at {pointer:#x}");
        // Moderation: the answer is the list. Elsewhere: behind the result's case.
        is_refused(&platform, Kind::Moderation, &Crafted::answering(words(&[pointer, len])), &what).await;
        let step = Crafted::answering(words(&[0, pointer, len, pointer, len]));
        is_refused(&platform, Kind::Chat, &step, &what).await;
    }
}

#[tokio::test]
async fn lists_of_more_than_they_may_have_are_not_read() {
    let platform = Platform::open().await;
    // A list of 100,000 verdicts in 1 MiB: each lies over the next, and each is full of texts of the whole memory.
    let many = vec![Crafted::ANSWER; 128];
    for len in [32_769_u32, 60_000, 100_000] {
        let mut answer = words(&many);
        answer[..8].copy_from_slice(&words(&[8192, len]));
        is_refused(&platform, Kind::Moderation, &Crafted::answering(answer), &format!("{len} verdicts"))
            .await;
    }
}

#[tokio::test]
async fn texts_that_are_not_utf8_are_refused() {
    let platform = Platform::open().await;
    // One verdict at ANSWER + 64, whose id is the three bytes at ANSWER + 32.
    let at = Crafted::ANSWER;
    let mut answer = words(&[at + 64, 1]);
    answer.resize(32, 0);
    answer.extend([0xff, 0xfe, 0x80, 0]);
    answer.resize(64, 0);
    answer.extend(words(&[at + 32, 3, 0, 0, 0, 0, 0, 0, 0, 0]));
    is_refused(&platform, Kind::Moderation, &Crafted::answering(answer), "an id that is no text").await;
}
