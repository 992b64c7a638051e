//! Deeds that only a destination can do.

use neustream_contract::{CallErrorKind, Kind, Value};

use crate::kit::{Platform, STREAM_KEY};
use crate::mirror::Mirror;

const DESTINATION: Kind = Kind::Destination;

/// URLs of insides and elsewheres, in the forms that filters miss.
pub const INSIDES: [&str; 28] = [
    "http://127.0.0.1/",
    "http://localhost/",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://0x7f000001/",
    "http://0x7f.1/",
    "http://2130706433/",
    "http://017700000001/",
    "http://127.1/",
    "http://0/",
    "http://0.0.0.0/",
    "http://10.0.0.1/",
    "http://192.168.0.1/",
    "http://172.16.0.1/",
    "http://100.64.0.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://[fd00:ec2::254]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[2002:7f00:1::]/",
    "http://metadata.google.internal/",
    "https://api.hostile.test@127.0.0.1/",
    "https://api.hostile.test:443@127.0.0.1/",
    "https://127.0.0.1\\@api.hostile.test/",
    "https://api.hostile.test.evil.example/",
    "https://api.hostile.test:8443/",
    "file:///etc/passwd",
    "gopher://api.hostile.test/",
    "https://API.hostile.test%2f@evil.example/",
];

#[tokio::test]
async fn a_stream_key_does_not_leave_for_a_foreign_host_by_either_url() {
    let platform = Platform::open().await;
    for url in [
        "rtmp://thief.example/live",
        "rtmp://push.hostile.test.thief.example/live",
        "rtmp://push.hostile.test:1936/live",
        "rtmps://push.hostile.test/live",
        "rtmp://127.0.0.1/live",
        "rtmp://[::1]/live",
        "rtmp://0x7f000001/live",
        "rtmp://2130706433/live",
        "rtmp://push.hostile.test@thief.example/live",
        "http://push.hostile.test/live",
        "file:///etc/passwd",
    ] {
        for deed in [format!("steal-key {url}"), format!("steal-key-by-backup {url}")] {
            let error = platform.deed(DESTINATION, &deed).await.expect_err(&deed);
            let is_refused = matches!(error.kind, CallErrorKind::Denied | CallErrorKind::Other);
            assert!(is_refused && !error.to_string().contains(STREAM_KEY), "{deed}: {error}");
        }
    }
}

#[tokio::test]
async fn a_target_that_is_none_is_refused_with_its_cause() {
    let platform = Platform::open().await;
    for deed in ["token-as-key", "unknown-key", "basic-key"] {
        let target = platform.prepare(&platform.call(DESTINATION), deed).await;
        match target {
            Err(error) => println!("{deed}: {error}"),
            Ok(target) => panic!("{deed} gave {target:?}"),
        }
    }
    for deed in ["long-url", "long-key", "key-with-lines"] {
        let target = platform.prepare(&platform.call(DESTINATION), deed).await;
        if let Ok(target) = target {
            let Value::Plain(key) = &target.key else { panic!("{deed}: {target:?}") };
            assert!(key.len() <= 4096 && !key.contains(char::is_control), "{deed}: {} bytes", key.len());
            assert!(target.url.len() <= 2048);
        }
    }
    for deed in ["another-scheme", "past", "never", "odd-limits"] {
        // Harmless or refused: a sentence without escapes either way.
        if let Err(error) = platform.prepare(&platform.call(DESTINATION), deed).await {
            assert!(
                !error.to_string().contains(char::is_control) && error.message.len() < 700,
                "{deed}: {error}"
            );
        }
    }
}

#[tokio::test]
async fn a_state_of_16_kib_is_kept_and_a_larger_one_is_refused() {
    let platform = Platform::open().await;
    let call = platform.call(DESTINATION);
    assert_eq!(platform.prepare(&call, "giant 16384").await.expect("kept").state.len(), 16384);
    platform.fails(DESTINATION, "giant 16385", CallErrorKind::Limit, "state-too-large").await;
}

#[tokio::test]
async fn requests_to_insides_are_refused_in_every_form() {
    let mirror = Mirror::start().await;
    let platform = Platform::open_with(mirror.settings.clone(), |_| {}).await;
    for kind in [Kind::Destination, Kind::Payment] {
        for url in INSIDES {
            let error = platform.deed(kind, &format!("get {url}")).await.expect_err(url);
            assert_eq!(error.kind, CallErrorKind::Denied, "{url}: {error}");
        }
    }
    assert_eq!(mirror.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn redirects_to_insides_are_answers_and_are_not_followed() {
    let mirror = Mirror::start().await;
    let platform = Platform::open_with(mirror.settings.clone(), |_| {}).await;
    for kind in [Kind::Destination, Kind::Payment] {
        let learned = platform.deed(kind, "get https://api.hostile.test/elsewhere").await.expect("an answer");
        let learned = String::from_utf8(learned).expect("text");
        assert!(
            learned.starts_with("302\n") && learned.contains("location: https://169.254.169.254/"),
            "{learned}"
        );
    }
    assert_eq!(mirror.requests().len(), 2);
}

#[tokio::test]
async fn requests_have_their_ceilings() {
    let mirror = Mirror::start().await;
    let platform = Platform::open_with(mirror.settings.clone(), |_| {}).await;
    for kind in [Kind::Destination, Kind::Payment] {
        for (deed, wanted, code) in [
            ("big-body https://api.hostile.test/", CallErrorKind::Other, "too-large"),
            ("giant-body https://api.hostile.test/", CallErrorKind::Limit, "plugin-too-much-data"),
            ("get https://api.hostile.test/large", CallErrorKind::Unavailable, "too-large"),
            ("hidden-header https://api.hostile.test/", CallErrorKind::Denied, "header-denied"),
            ("smuggle https://api.hostile.test/", CallErrorKind::Denied, "header-invalid"),
            ("delete https://api.hostile.test/", CallErrorKind::Denied, "method-denied"),
        ] {
            let error = platform.deed(kind, deed).await.expect_err(deed);
            println!("{} does {deed}: {error}", kind.as_str());
            assert_eq!(
                (error.kind, error.code.as_str()),
                (wanted, code),
                "{} does {deed}: {error}",
                kind.as_str()
            );
        }
        for deed in [
            "many-headers https://api.hostile.test/",
            "giant-header https://api.hostile.test/",
            "method https://api.hostile.test/",
        ] {
            let error = platform.deed(kind, deed).await.expect_err(deed);
            println!("{} does {deed}: {error}", kind.as_str());
        }
        let before = mirror.requests().len();
        let learned = platform.deed(kind, "many-requests http://plain.hostile.test/").await.expect("told");
        assert_eq!(String::from_utf8(learned).unwrap(), "20 too-many-requests");
        assert_eq!(mirror.requests().len() - before, 20);
    }
}

#[tokio::test]
async fn a_host_that_never_answers_costs_one_deadline() {
    let mirror = Mirror::start().await;
    let platform = Platform::open_with(mirror.settings.clone(), |_| {}).await;
    for kind in [Kind::Destination, Kind::Payment] {
        let call = neustream_contract::Call {
            deadline: std::time::Duration::from_millis(300),
            ..platform.call(kind)
        };
        let began = std::time::Instant::now();
        let error = platform.deed_of(kind, &call, "get https://api.hostile.test/silent").await.unwrap_err();
        let took = began.elapsed();
        println!("{}: a deadline of 300 ms ended after {took:?}: {error}", kind.as_str());
        assert!(matches!(error.code.as_str(), "plugin-timeout" | "timed-out"), "{error}");
        assert!(took.as_millis() >= 250 && took.as_secs() < 3, "{took:?}");
    }
}

#[tokio::test]
async fn the_kv_quota_is_exact_under_a_hundred_racing_writers() {
    let platform = Platform::open().await;
    for kind in [Kind::Destination, Kind::Payment] {
        // Each writes 100 bytes, and 4096 are allowed.
        let call = platform.call(kind);
        let writers = (0..100).map(|n| {
            let (platform, call) = (&platform, &call);
            async move { platform.deed_of(kind, call, &format!("kv-race writer-{n:02}")).await }
        });
        let ended = futures_util::future::join_all(writers).await;
        let kept = ended.iter().filter(|ended| ended.as_deref() == Ok(b"kept")).count();
        let refused = ended.iter().filter(|ended| ended.as_deref() == Ok(b"quota")).count();
        assert_eq!((kept, refused), (40, 60), "{}: {ended:?}", kind.as_str());
    }
}

#[tokio::test]
async fn kv_keys_values_and_counts_have_their_ceilings() {
    let platform = Platform::open().await;
    for kind in [Kind::Destination, Kind::Payment] {
        for deed in ["kv-long-key", "kv-large-value"] {
            let error = platform.deed(kind, deed).await.expect_err(deed);
            println!("{} does {deed}: {error}", kind.as_str());
            assert_eq!(error.kind, CallErrorKind::Other, "{deed}: {error}");
        }
        let call = platform.call(kind);
        for _ in 0..3 {
            let _ = platform.deed_of(kind, &call, "kv-every-third").await;
        }
        let error = platform.deed_of(kind, &call, "kv-get nobody-s").await;
        assert_eq!(error.expect("no such key"), b"");
    }
}

#[tokio::test]
async fn an_installation_has_a_thousand_keys_and_no_more() {
    let platform = Platform::open().await;
    let package = crate::kit::remade(DESTINATION, |manifest| {
        manifest["capabilities"]["kv"]["max-bytes"] = serde_json::json!(1_048_576);
    });
    platform.plugins.load(package.clone()).await.expect("loads");
    let learned = platform.deed_of(DESTINATION, &platform.call_of(&package), "kv-keys").await.expect("told");
    assert_eq!(String::from_utf8(learned).unwrap(), "1000 quota");
}

#[tokio::test]
async fn one_installation_s_memory_is_not_another_s() {
    let platform = Platform::open().await;
    let (one, other) = (platform.call(DESTINATION), platform.call(DESTINATION));
    platform.deed_of(DESTINATION, &one, "kv-put mine").await.expect("kept");
    assert_eq!(platform.deed_of(DESTINATION, &one, "kv-get kept").await.expect("told"), b"mine");
    assert_eq!(platform.deed_of(DESTINATION, &other, "kv-get kept").await.expect("told"), b"");
    let stranger = neustream_contract::Call { tenant: neustream_model::TenantId::new(), ..one.clone() };
    assert_eq!(platform.deed_of(DESTINATION, &stranger, "kv-get kept").await.expect("told"), b"");
}

#[tokio::test]
async fn what_was_not_granted_is_denied_at_the_call() {
    let mirror = Mirror::start().await;
    let platform = Platform::open_with(mirror.settings.clone(), |_| {}).await;
    for kind in [Kind::Destination, Kind::Payment] {
        let call =
            neustream_contract::Call { grant: neustream_contract::Grant::default(), ..platform.call(kind) };
        for deed in ["get https://api.hostile.test/", "kv-put x", "mac webhook x", "verify webhook x"] {
            let error = platform.deed_of(kind, &call, deed).await;
            let Err(error) = error else { panic!("{} did {deed} without a grant", kind.as_str()) };
            assert_eq!(error.kind, CallErrorKind::Denied, "{} does {deed}: {error}", kind.as_str());
        }
    }
    assert_eq!(mirror.requests(), Vec::<String>::new());
}
