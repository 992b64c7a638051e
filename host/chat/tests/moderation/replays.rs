//! Appeals: what was judged is judged again, byte for byte.

use neustream_chat::moderation::{OnFailure, VerdictRecording};
use neustream_contract::moderation::Action;

use crate::world::{Native, World};

/// Judges by configuration, clock and text.
fn depending() -> Native {
    Native::new(|call, now, message, _| {
        let is_bad = (now.0 + message.text.len() as u64 + call.config.len() as u64).is_multiple_of(2);
        Some(if is_bad { Action::Delete } else { Action::Replace(format!("{} at {}", message.text, now.0)) })
    })
}

#[tokio::test]
async fn a_recorded_batch_gives_the_same_verdicts_byte_for_byte() {
    let world = World::of(depending(), OnFailure::Hold).await;
    let judged = world.judged(&["a", "bb", "ccc"]).await;
    let recordings = world.recordings("1").await;
    assert_eq!(recordings.len(), 1);
    assert_eq!(judged[1].decision.as_ref().unwrap().recording, Some(recordings[0].id));
    let replay = world.moderation.replay(&recordings[0]).await.unwrap();
    assert!(replay.is_equal, "{replay:?}");
    assert_eq!(world.natives.trials(), 1, "an appeal is not counted as a call of the installation");
    // Kept as text and read back, it is still the same.
    let text = serde_json::to_string(&recordings[0]).unwrap();
    let read: VerdictRecording = serde_json::from_str(&text).unwrap();
    assert!(world.moderation.replay(&read).await.unwrap().is_equal);
}

#[tokio::test]
async fn a_replay_with_another_clock_or_text_is_told_apart() {
    let world = World::of(depending(), OnFailure::Hold).await;
    world.judged(&["a"]).await;
    let mut recording = world.recordings("0").await.remove(0);
    recording.now.0 += 1;
    assert!(!world.moderation.replay(&recording).await.unwrap().is_equal);
}

#[tokio::test]
async fn a_fault_is_recorded_and_replayed_as_a_fault() {
    let world = World::of(Native::on("x", Action::Hide), OnFailure::Delete).await;
    assert_eq!(world.actions(&["fine", "TRAP"]).await, [Action::Allow, Action::Delete]);
    let recording = world.recordings("1").await.remove(0);
    assert_eq!(recording.fault.as_ref().unwrap().code, "trap");
    assert_eq!(recording.batch.len(), 1, "the one that it failed at, alone");
    assert!(world.moderation.replay(&recording).await.unwrap().is_equal);
}

#[tokio::test]
async fn a_package_that_is_gone_cannot_be_replayed_and_says_so() {
    let world = World::of(Native::on("x", Action::Hide), OnFailure::Hold).await;
    world.judged(&["x"]).await;
    let mut recording = world.recordings("0").await.remove(0);
    recording.plugin = neustream_contract::Digest::of(b"gone");
    assert_eq!(world.moderation.replay(&recording).await.unwrap_err().code, "plugin-unknown");
}

#[tokio::test]
async fn what_nobody_objected_to_is_not_recorded() {
    let world = World::of(Native::on("x", Action::Hide), OnFailure::Hold).await;
    world.judged(&["fine"]).await;
    world.judged(&["x"]).await;
    let all = world.recordings("0").await;
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].batch[0].text, "x");
}
