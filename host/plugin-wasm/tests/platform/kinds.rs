//! All four kinds through the contract's traits, with a guest of each.

use std::sync::Arc;
use std::time::Duration;

use neustream_contract::chat::{ChatConnectors as _, Effect, Event, Outgoing, Payload, Transport};
use neustream_contract::destination::DestinationAdapters as _;
use neustream_contract::moderation::{Action, MAX_BATCH, ModerationFilters as _};
use neustream_contract::payment::{PaymentFailure, PaymentProviders as _, PaymentStatus, Webhook};
use neustream_contract::{CallErrorKind, Kind, PluginPlatform as _};
use neustream_outbound::OutboundSettings;
use neustream_plugin_wasm::host::Response;
use neustream_plugin_wasm::{HostAnswer, HostCall, Tape};

use crate::kit::{CHAT, FILTER, GALLERY, PAYMENT, Platform, digest, message, package};

async fn all_kinds() -> Platform {
    let platform = Platform::warm(OutboundSettings::default(), |_| {});
    for name in [GALLERY, CHAT, FILTER, PAYMENT] {
        platform.plugins.load(package(name)).await.expect(name);
    }
    platform
}

#[tokio::test]
async fn a_connector_moves_from_state_to_state_and_tells_what_to_do() {
    let platform = all_kinds().await;
    let call = platform.call_of(CHAT);
    let connector = platform.plugins.connector(&call.plugin).await.expect("a connector");
    assert_eq!(connector.manifest().kind, Kind::Chat);
    let opened = connector.open(&call).await.expect("a first state");
    let [Effect::Reopen(connection)] = &opened.effects[..] else { panic!("{opened:?}") };
    let Transport::Websocket(endpoint) = &connection.transport else { panic!("{connection:?}") };
    assert_eq!(endpoint.url, "wss://chat.hostile.test/socket");

    let received = Event::Received("main".to_owned(), Payload::Text("publish hello".to_owned()));
    let sent = Event::Send(Outgoing { id: "o".to_owned(), text: "publish back".to_owned(), reply_to: None });
    let step = connector.handle(&call, &opened.state, &[received, sent]).await.expect("a step");
    let texts: Vec<_> = step
        .effects
        .iter()
        .map(|effect| match effect {
            Effect::Publish(message) => message.text.as_str(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(texts, ["hello", "back"]);
}

#[tokio::test]
async fn a_connector_that_answers_too_large_a_state_commits_nothing() {
    let platform = all_kinds().await;
    let call = platform.call_of(CHAT);
    let connector = platform.plugins.connector(&call.plugin).await.expect("a connector");
    let ask = |bytes: usize| Event::Timer(format!("state {bytes}"));
    assert_eq!(connector.handle(&call, b"", &[ask(64 << 10)]).await.expect("a step").state.len(), 64 << 10);
    let error = connector.handle(&call, b"", &[ask((64 << 10) + 1)]).await.unwrap_err();
    assert_eq!((error.kind, error.code.as_str()), (CallErrorKind::Limit, "state-too-large"));
    let warnings = platform.plugins.activity(call.tenant, call.installation).warnings;
    assert_eq!((warnings["state-bytes"].used, warnings["state-bytes"].limit), ((64 << 10) + 1, 64 << 10));
}

#[tokio::test]
async fn a_filter_judges_a_batch_and_a_larger_one_is_not_handed_over() {
    let platform = all_kinds().await;
    let call = platform.call_of(FILTER);
    let filter = platform.plugins.filter(&call.plugin).await.expect("a filter");
    let mut batch = vec![message("a", "judge delete"), message("b", "anything")];
    let verdicts = filter.judge(&call, &batch, &[]).await.expect("verdicts");
    let told: Vec<_> = verdicts.iter().map(|verdict| (verdict.id.as_str(), &verdict.action)).collect();
    assert_eq!(told, [("a", &Action::Delete), ("b", &Action::Delete)]);
    batch.resize(MAX_BATCH + 1, message("c", "x"));
    assert_eq!(filter.judge(&call, &batch, &[]).await.unwrap_err().code, "batch-too-large");
}

#[tokio::test]
async fn a_filter_plans_lookups_only_where_requests_were_granted() {
    let platform = all_kinds().await;
    let mut call = platform.call_of(FILTER);
    let filter = platform.plugins.filter(&call.plugin).await.expect("a filter");
    let batch = [message("a", "plan look https://api.hostile.test/list")];
    let lookups = filter.plan(&call, &batch).await.expect("a plan");
    assert_eq!(lookups[0].url, "https://api.hostile.test/list");
    call.grant = neustream_contract::Grant::default();
    assert_eq!(filter.plan(&call, &batch).await, Ok(vec![]));
}

/// Answers every request as if its server had.
struct Answers;

impl Tape for Answers {
    fn recorded(&self, _: &str, _: u32, asked: &HostCall) -> Option<HostAnswer> {
        let HostCall::HttpSend(_) = asked else { return None };
        Some(HostAnswer::Response(Ok(Response { status: 200, headers: vec![], body: vec![] })))
    }

    fn record(&self, _: &str, _: u32, _: &HostCall, _: &HostAnswer) {}
}

#[tokio::test]
async fn a_provider_s_answers_come_as_the_contract_has_them() {
    let platform = all_kinds().await;
    let call = platform.call_of(PAYMENT);
    let PaymentStatus::Settled(receipt) = platform.pay(&call, "settle").await.expect("a status") else {
        panic!("not settled")
    };
    assert_eq!((receipt.amount.minor, receipt.amount.currency.as_str()), (100, "EUR"));
    let provider = platform.plugins.provider(&call.plugin).await.expect("a provider");
    assert_eq!(provider.find(&call, "charge-1").await, Ok(None));
    let webhook = Webhook { headers: vec![], body: b"settle charge-1".to_vec() };
    let updates = provider.receive(&call, &webhook).await.expect("updates");
    assert_eq!(updates[0].key.as_deref(), Some("charge-1"));
    let foreign = Webhook { headers: vec![], body: b"settle NOT_A_KEY".to_vec() };
    assert_eq!(provider.receive(&call, &foreign).await.unwrap_err().code, "answer-invalid");
}

#[tokio::test]
async fn a_charge_from_which_nothing_left_was_not_sent_however_its_call_ended() {
    let platform = all_kinds().await;
    let call = platform.call_of(PAYMENT);
    for deed in ["abort", "unknown", "loop", "settle-nameless"] {
        let failure = platform.pay(&call, deed).await.unwrap_err();
        assert!(matches!(failure, PaymentFailure::NotSent(_)), "{deed}: {failure}");
    }
    // The host is not even resolved: nothing can have left.
    let failure = platform.pay(&call, "send-and-trap https://elsewhere.test/").await.unwrap_err();
    assert!(matches!(failure, PaymentFailure::NotSent(_)), "{failure}");
}

#[tokio::test]
async fn a_connector_on_a_tape_speaks_to_nobody() {
    let platform =
        Platform::warm(OutboundSettings::default(), |settings| settings.tape = Some(Arc::new(Answers)));
    platform.plugins.load(package(PAYMENT)).await.expect("loads");
    let call = platform.call_of(PAYMENT);
    let status = platform.pay(&call, "get https://api.hostile.test/").await.expect("a status");
    let PaymentStatus::ActionRequired(action) = status else { panic!("{status:?}") };
    assert!(action.parameters[0].1.starts_with("200"), "{action:?}");
    assert!(platform.plugins.activity(call.tenant, call.installation).egress.is_empty());
}

#[tokio::test]
async fn a_plugin_of_another_kind_is_not_found() {
    let platform = all_kinds().await;
    let Err(error) = platform.plugins.connector(&digest(FILTER)).await else { panic!("a connector") };
    assert_eq!((error.kind, error.code.as_str()), (CallErrorKind::NotRunnable, "plugin-kind"));
    assert!(platform.plugins.adapter(&digest(PAYMENT)).await.is_err());
    assert!(platform.plugins.filter(&digest(CHAT)).await.is_err());
    assert!(platform.plugins.provider(&digest(GALLERY)).await.is_err());
}

#[tokio::test]
async fn an_adapter_without_the_optional_export_says_that_it_cannot() {
    let platform = all_kinds().await;
    let call = platform.call();
    let adapter = platform.adapter(GALLERY).await;
    assert_eq!(adapter.retitle(&call, b"", "New title").await, Ok(false));
}

#[tokio::test]
async fn a_kind_s_own_deadline_holds_whatever_the_caller_allows() {
    let platform = all_kinds().await;
    let mut call = platform.call_of(CHAT);
    call.deadline = Duration::from_mins(1);
    let connector = platform.plugins.connector(&call.plugin).await.expect("a connector");
    let began = std::time::Instant::now();
    let error = connector.handle(&call, b"", &[Event::Timer("loop".to_owned())]).await.unwrap_err();
    assert_eq!(error.kind, CallErrorKind::Timeout, "{error}");
    // 20 ms of CPU within 100 ms; the rest is for a machine that is busy with other tests.
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
}
