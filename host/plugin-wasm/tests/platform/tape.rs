//! Every host call passes one door: what is recorded there can answer in place of the world.

use std::sync::{Arc, Mutex};

use neustream_outbound::OutboundSettings;
use neustream_plugin_wasm::host::Response;
use neustream_plugin_wasm::{HostAnswer, HostCall, Tape};

use crate::kit::{GALLERY, Platform, STREAM_KEY, package};

/// Records, and answers requests by itself.
#[derive(Default)]
struct Recorder(Mutex<Vec<(u32, HostCall, HostAnswer)>>);

impl Tape for Recorder {
    fn record(&self, _: &str, number: u32, asked: &HostCall, answer: &HostAnswer) {
        self.0.lock().unwrap().push((number, asked.clone(), answer.clone()));
    }
}

struct Replayer(Vec<(u32, HostCall, HostAnswer)>);

impl Tape for Replayer {
    fn recorded(&self, _: &str, number: u32, asked: &HostCall) -> Option<HostAnswer> {
        let (_, call, answer) = self.0.iter().find(|(recorded, ..)| *recorded == number)?;
        (call == asked).then(|| answer.clone())
    }

    fn record(&self, _: &str, _: u32, asked: &HostCall, _: &HostAnswer) {
        panic!("not on the tape: {asked:?}");
    }
}

async fn platform_with(tape: Arc<dyn Tape>) -> Platform {
    let platform = Platform::warm(OutboundSettings::default(), |settings| settings.tape = Some(tape));
    platform.plugins.load(package(GALLERY)).await.expect("the gallery loads");
    platform
}

#[tokio::test]
async fn a_recorded_call_is_replayed_without_the_world() {
    let recorder = Arc::new(Recorder::default());
    let platform = platform_with(Arc::clone(&recorder) as Arc<dyn Tape>).await;
    let call = platform.call();
    for number in ["1", "2"] {
        assert_eq!(platform.deed_of(&call, "kv-count").await.unwrap().state, number.as_bytes());
    }
    let tape: Vec<_> = recorder.0.lock().unwrap().drain(..).take(2).collect();
    assert!(matches!(tape[0], (0, HostCall::KvGet { .. }, HostAnswer::Entry(Ok(None)))), "{tape:?}");
    let text = serde_json::to_string(&tape).unwrap();
    let tape = serde_json::from_str(&text).unwrap();

    let platform = platform_with(Arc::new(Replayer(tape))).await;
    for _ in 0..3 {
        assert_eq!(platform.learned("kv-count").await, "1", "a replay does not move the world");
    }
}

#[tokio::test]
async fn a_request_can_be_answered_from_the_tape() {
    struct Answers;
    impl Tape for Answers {
        fn recorded(&self, _: &str, _: u32, asked: &HostCall) -> Option<HostAnswer> {
            let HostCall::HttpSend(request) = asked else { return None };
            let body = format!("{} {}", request.method, request.url).into_bytes();
            Some(HostAnswer::Response(Ok(Response { status: 200, headers: vec![], body })))
        }

        fn record(&self, _: &str, _: u32, asked: &HostCall, answer: &HostAnswer) {
            assert!(!format!("{asked:?}{answer:?}").contains(STREAM_KEY));
        }
    }
    let platform = platform_with(Arc::new(Answers)).await;
    assert_eq!(platform.learned("get https://nowhere.invalid/x").await, "200\nGET https://nowhere.invalid/x");
}
