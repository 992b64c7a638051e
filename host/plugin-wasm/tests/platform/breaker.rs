//! What keeps failing is not called any more.

use neustream_contract::CallErrorKind;
use neustream_outbound::OutboundSettings;

use crate::kit::Platform;

#[tokio::test]
async fn five_faults_open_the_breaker_of_that_installation_and_of_no_other() {
    let platform = Platform::with_gallery(OutboundSettings::default()).await;
    let call = platform.call();
    for _ in 0..5 {
        assert_eq!(platform.deed_of(&call, "abort").await.unwrap_err().kind, CallErrorKind::Trap);
    }
    let error = platform.deed_of(&call, "good x").await.unwrap_err();
    assert_eq!(error.kind, CallErrorKind::BreakerOpen);
    assert!(error.retry_after.is_some_and(|after| after.as_secs() <= 30), "{error:?}");
    assert_eq!(platform.learned("good other").await, "other");
}

#[tokio::test]
async fn errors_that_a_guest_reports_are_not_faults() {
    let platform = Platform::with_gallery(OutboundSettings::default()).await;
    let call = platform.call();
    for _ in 0..20 {
        assert_eq!(
            platform.deed_of(&call, "liar unauthorized").await.unwrap_err().kind,
            CallErrorKind::Unauthorized
        );
    }
    platform.deed_of(&call, "good x").await.expect("still called");
}
