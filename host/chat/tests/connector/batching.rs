//! The same events give the same state, whatever the batching.

use std::time::Duration;

use neustream_chat::connector::ConnectorSettings;
use neustream_chat::testing::Talk;
use proptest::prelude::*;

use crate::world::{World, quick};

/// What the connector remembers and what was stored, after these lines in these pieces.
async fn outcome(lines: &[String], batch_events: usize, piece: usize) -> (u64, u64, Vec<String>) {
    let settings = ConnectorSettings { batch_events, backoff_least: Duration::from_millis(1), ..quick() };
    let mut world = World::prepared(Talk::over_lines(), settings).await;
    world.start();
    let mut peer = world.logged_in().await;
    let text: String =
        lines.iter().map(|line| format!("{line}\r\n")).chain(["MSG last a b\r\n".to_owned()]).collect();
    for piece in text.as_bytes().chunks(piece) {
        peer.write(std::str::from_utf8(piece).expect("ASCII")).await;
    }
    while world.next_last().await != "last" {}
    let state = world.state();
    (state.lines, state.digest, world.stored())
}

impl World {
    async fn next_last(&mut self) -> String {
        match self.next().await {
            neustream_chat::connector::ChatEventKind::Message { message, .. } => message.id,
            _ => String::new(),
        }
    }
}

fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        "[0-9]{1,2}".prop_map(|id| format!("MSG {id} ada hello")),
        "[0-9]{1,2}".prop_map(|id| format!("DEL {id}")),
        "[a-z]{1,5}".prop_map(|word| format!("PING {word}")),
        "[a-zA-Z :@]{1,30}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn the_state_depends_on_the_events_and_not_on_their_batches(
        lines in proptest::collection::vec(line(), 1..60),
        batch in 1_usize..64,
        piece in 1_usize..40,
    ) {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let whole = runtime.block_on(outcome(&lines, 64, 4096));
        let split = runtime.block_on(outcome(&lines, batch, piece));
        prop_assert_eq!(whole, split);
    }
}
