//! What a tenant did not grant is not there, whatever the manifest says.

use neustream_contract::{Call, CallErrorKind, Grant, grant};
use neustream_outbound::OutboundSettings;

use crate::kit::Platform;

/// A call that granted the gallery everything but what begins with `refused`.
fn call_without(platform: &Platform, refused: &str) -> Call {
    let call = platform.call();
    let kept: Vec<_> = call.grant.keys().filter(|key| !key.starts_with(refused)).map(str::to_owned).collect();
    assert!(kept.len() < call.grant.keys().count(), "{refused} is asked for");
    Call { grant: Grant::new(kept), ..call }
}

#[tokio::test]
async fn each_capability_is_denied_by_itself() {
    let platform = Platform::with_gallery(OutboundSettings::default()).await;
    for (refused, deed, code) in [
        ("http:", "get https://api.hostile.test/", "http-denied"),
        ("http:https://api.hostile.test", "get https://api.hostile.test/", "host-denied"),
        ("kv:", "kv-count", "kv-denied"),
        ("push:", "steal-key rtmp://push.hostile.test/live", "host-denied"),
        ("secret:api-token", "echo-secret https://api.hostile.test/", "secret-denied"),
        ("secret-push:", "good x", "secret-denied"),
        ("secret-mac:", "mac x", "secret-denied"),
    ] {
        let error = platform.deed_of(&call_without(&platform, refused), deed).await.expect_err(refused);
        assert_eq!((error.kind, error.code.as_str()), (CallErrorKind::Denied, code), "{refused}: {error}");
    }
}

#[tokio::test]
async fn a_method_that_was_not_granted_is_refused_before_anything_leaves() {
    let platform = Platform::with_gallery(OutboundSettings::default()).await;
    let call = call_without(&platform, &grant::http_method_key("POST").expect("a key"));
    let error = platform.deed_of(&call, "big-body https://api.hostile.test/").await.unwrap_err();
    assert_eq!((error.kind, error.code.as_str()), (CallErrorKind::Denied, "method-denied"));
}

#[tokio::test]
async fn two_installations_of_one_package_have_what_each_was_granted() {
    let platform = Platform::with_gallery(OutboundSettings::default()).await;
    let (full, narrow) = (platform.call(), call_without(&platform, "kv:"));
    for _ in 0..3 {
        platform.deed_of(&full, "kv-count").await.expect("granted");
        assert_eq!(platform.deed_of(&narrow, "kv-count").await.unwrap_err().code, "kv-denied");
    }
}
