//! The bundled adapters through the real runtime.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use neustream_contract::destination::{DestinationAdapters as _, Protocol, Target};
use neustream_contract::{Call, CallErrorKind, Secrets, Value};
use neustream_outbound::OutboundSettings;
use neustream_plugin_wasm::host::Response;
use neustream_plugin_wasm::{HostAnswer, HostCall, Tape};
use serde_json::json;

use crate::kit::{GALLERY, PACKAGES, Platform, broadcast, digest, package};

async fn with_bundled() -> Platform {
    let platform = Platform::warm(OutboundSettings::default(), |_| {});
    for name in PACKAGES.into_iter().filter(|name| name.starts_with("destinations/")) {
        platform.plugins.load(package(name)).await.expect(name);
    }
    platform
}

#[tokio::test]
async fn the_bundled_adapters_load_and_are_listed() {
    let platform = with_bundled().await;
    let ids: Vec<_> = platform.plugins.list().into_iter().map(|plugin| plugin.id).collect();
    let expected = ["custom-rtmp", "facebook", "kick", "twitch", "youtube"].map(|n| format!("neustream/{n}"));
    assert_eq!(ids, expected);
    let twitch = platform.plugins.find("neustream/twitch").expect("twitch");
    assert!(twitch.digest.starts_with("sha256:") && twitch.publisher == "Neustream");
    assert!(twitch.permissions.iter().any(|permission| permission.capability == "push"));
    assert!(twitch.secrets.iter().any(|secret| secret.name == "stream-key"));
}

#[tokio::test]
async fn the_custom_adapter_pushes_to_the_configured_server_and_names_the_key() {
    let platform = with_bundled().await;
    let mut call = platform.call_of("destinations/custom-rtmp");
    call.config = json!({"rtmp_url": "rtmp://ingest.example.com:1936/live"}).to_string();
    let adapter = platform.adapter("destinations/custom-rtmp").await;
    let target = adapter.prepare(&call, &broadcast("hello")).await.expect("a target");
    let Target { protocol, url, key, .. } = &target;
    assert_eq!((protocol, url.as_str()), (&Protocol::Rtmp, "rtmp://ingest.example.com:1936/live"));
    assert_eq!(key, &Value::Secret("stream-key".to_owned()));
    adapter.finish(&call, &target.state).await.expect("nothing to end");
}

#[tokio::test]
async fn a_wrong_configuration_is_told_with_its_pointer_before_any_guest_runs() {
    let platform = with_bundled().await;
    let adapter = platform.adapter("destinations/custom-rtmp").await;
    let mut call = platform.call_of("destinations/custom-rtmp");
    call.config = json!({"rtmp_url": 7}).to_string();
    let error = adapter.prepare(&call, &broadcast("hello")).await.unwrap_err();
    assert_eq!((error.kind, error.code.as_str()), (CallErrorKind::InvalidConfig, "config-invalid"));
    assert!(error.message.starts_with("/rtmp_url: "), "{error}");
}

#[tokio::test]
async fn a_missing_stream_key_is_told_before_any_guest_runs() {
    let platform = with_bundled().await;
    let adapter = platform.adapter("destinations/youtube").await;
    let call = Call { secrets: Secrets::default(), ..platform.call_of("destinations/youtube") };
    let error = adapter.prepare(&call, &broadcast("hello")).await.unwrap_err();
    assert_eq!((error.kind, error.code.as_str()), (CallErrorKind::InvalidConfig, "secret-missing"));
}

#[tokio::test]
async fn a_plugin_that_is_not_there_cannot_run() {
    let platform = Platform::cold();
    let Err(error) = platform.plugins.adapter(&digest(GALLERY)).await else { panic!("an adapter") };
    assert_eq!((error.kind, error.code.as_str()), (CallErrorKind::NotRunnable, "plugin-unknown"));
}

/// Stands in for `ingest.twitch.tv` and counts how often it is asked.
#[derive(Default)]
struct IngestList(AtomicUsize);

impl Tape for IngestList {
    fn recorded(&self, _: &str, _: u32, asked: &HostCall) -> Option<HostAnswer> {
        let HostCall::HttpSend(request) = asked else { return None };
        if request.url.starts_with("https://api.twitch.tv/") {
            // No account is connected: the host itself refuses what names its token.
            return None;
        }
        assert_eq!(
            (request.method.as_str(), request.url.as_str()),
            ("GET", "https://ingest.twitch.tv/ingests")
        );
        self.0.fetch_add(1, Ordering::SeqCst);
        let list = json!({"ingests": [
            {
                "name": "EU: Frankfurt, DE (3)", "availability": 1.0, "default": false, "priority": 20,
                "url_template": "rtmp://fra03.contribute.live-video.net/app/{stream_key}",
            },
            {
                "name": "EU: Paris, FR (1)", "availability": 1.0, "default": true, "priority": 10,
                "url_template": "rtmp://cdg01.contribute.live-video.net/app/{stream_key}",
            },
            {
                "name": "Elsewhere", "availability": 1.0, "default": false, "priority": 1,
                "url_template": "rtmp://thief.example/app/{stream_key}",
            },
        ]});
        let body = list.to_string().into_bytes();
        Some(HostAnswer::Response(Ok(Response { status: 200, headers: vec![], body })))
    }

    fn record(&self, _: &str, _: u32, _: &HostCall, _: &HostAnswer) {}
}

#[tokio::test]
async fn twitch_takes_the_recommended_ingest_and_asks_for_the_list_once() {
    let list = Arc::new(IngestList::default());
    let tape = Arc::clone(&list) as Arc<dyn Tape>;
    let platform = Platform::warm(OutboundSettings::default(), |settings| settings.tape = Some(tape));
    platform.plugins.load(package("destinations/twitch")).await.expect("loads");
    let adapter = platform.adapter("destinations/twitch").await;
    let call = platform.call_of("destinations/twitch");
    for _ in 0..3 {
        let target = adapter.prepare(&call, &broadcast("hello")).await.expect("a target");
        assert_eq!(target.url, "rtmp://cdg01.contribute.live-video.net/app");
        assert_eq!(target.backup_url.as_deref(), Some("rtmp://fra03.contribute.live-video.net/app"));
        assert_eq!(target.key, Value::Secret("stream-key".to_owned()));
    }
    assert_eq!(list.0.load(Ordering::SeqCst), 1, "the list is kept in kv");
}
