//! What a local host puts in the place of the world: behind the rules, and the same on every run.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use neustream_contract::CallErrorKind;
use neustream_model::UnixMillis;
use neustream_outbound::{CheckedRequest, HttpResponse, Network, OutboundError, OutboundSettings};
use neustream_plugin_wasm::{CallReport, Clock, HostAnswer, HostCall, Observer, Tape};

use crate::kit::{API_TOKEN, GALLERY, Platform, package};

/// Writes down what it is asked, and answers so many bytes.
#[derive(Default)]
struct Recorded {
    requests: Mutex<Vec<CheckedRequest>>,
    body_bytes: usize,
}

impl Network for Recorded {
    fn exchange(&self, request: CheckedRequest) -> BoxFuture<'static, Result<HttpResponse, OutboundError>> {
        let sent = &request.request().headers;
        let echo =
            sent.iter().map(|(name, value)| (format!("x-{name}"), value.expose().to_owned())).collect();
        self.requests.lock().unwrap().push(request);
        let body = Bytes::from(vec![b'x'; self.body_bytes]);
        Box::pin(async move { Ok(HttpResponse { status: 200, headers: echo, body }) })
    }
}

async fn platform_with(network: &Arc<Recorded>) -> Platform {
    let network = Arc::clone(network);
    let platform = Platform::warm(OutboundSettings::default(), |settings| settings.network = network);
    platform.plugins.load(package(GALLERY)).await.expect("the gallery loads");
    platform
}

#[tokio::test]
async fn a_network_is_asked_nothing_that_the_rules_refuse() {
    let network = Arc::new(Recorded::default());
    let platform = platform_with(&network).await;
    for (deed, code) in [
        ("get https://evil.example/", "host-denied"),
        ("get https://127.0.0.1/", "host-denied"),
        ("method https://api.hostile.test/", "method-denied"),
        ("hidden-header https://api.hostile.test/", "header-denied"),
        ("smuggle https://api.hostile.test/", "header-invalid"),
        ("big-body https://api.hostile.test/", "too-large"),
        ("echo-secret https://other.hostile.test/", "secret-denied"),
        ("send-stream-key https://api.hostile.test/", "secret-denied"),
    ] {
        assert_eq!(platform.deed(deed).await.unwrap_err().code, code, "{deed}");
    }
    assert!(network.requests.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_network_is_asked_with_secrets_joined_and_the_guest_does_not_see_their_echo() {
    let network = Arc::new(Recorded::default());
    let platform = platform_with(&network).await;
    let learned = platform.learned("echo-secret https://api.hostile.test/me").await;
    assert!(learned.contains("x-authorization: Bearer ***"), "{learned}");
    let requests = network.requests.lock().unwrap();
    let [request] = requests.as_slice() else { panic!("one request") };
    let authorization = request.request().headers.iter().find(|(name, _)| name == "authorization");
    assert_eq!(authorization.map(|(_, value)| value.expose()), Some(format!("Bearer {API_TOKEN}").as_str()));
    assert_eq!(request.endpoint().host.to_string(), "api.hostile.test");
    assert!(!format!("{request:?}").contains(API_TOKEN));
}

#[tokio::test]
async fn an_answer_above_the_ceiling_is_refused_whichever_network_gave_it() {
    let network = Arc::new(Recorded { body_bytes: (4 << 20) + 1, ..Recorded::default() });
    let platform = platform_with(&network).await;
    let error = platform.deed("get https://api.hostile.test/").await.unwrap_err();
    assert_eq!((error.kind, error.code.as_str()), (CallErrorKind::Unavailable, "too-large"));
}

/// Stands still, and counts calls.
struct Still(Mutex<u32>);

impl Clock for Still {
    fn now(&self) -> UnixMillis {
        UnixMillis(1_760_000_000_000)
    }

    fn next_call_id(&self) -> Option<String> {
        let mut calls = self.0.lock().unwrap();
        *calls += 1;
        Some(format!("call-{calls}"))
    }
}

/// The ids of calls, and what they used.
#[derive(Default)]
struct Heard {
    ids: Mutex<Vec<String>>,
    reports: Mutex<Vec<Report>>,
}

/// Function, host calls, what was used of each limit, and whether it failed.
type Report = (String, u32, Vec<(&'static str, u64, u64)>, bool);

impl Tape for Heard {
    fn record(&self, call_id: &str, _: u32, _: &HostCall, _: &HostAnswer) {
        self.ids.lock().unwrap().push(call_id.to_owned());
    }
}

impl Observer for Heard {
    fn called(&self, report: &CallReport<'_>) {
        let used = report.used.iter().map(|used| (used.limit_name, used.amount, used.limit)).collect();
        let (function, has_failed) = (report.function.to_owned(), report.error.is_some());
        self.reports.lock().unwrap().push((function, report.host_calls, used, has_failed));
    }
}

#[tokio::test]
async fn ids_of_calls_are_those_that_are_given_and_what_each_call_used_is_told() {
    let heard = Arc::new(Heard::default());
    let (tape, observer) = (Arc::clone(&heard), Arc::clone(&heard));
    let platform = Platform::warm(OutboundSettings::default(), |settings| {
        settings.network = Arc::new(Recorded::default());
        settings.clock = Some(Arc::new(Still(Mutex::new(0))));
        settings.tape = Some(tape);
        settings.observer = Some(observer);
    });
    platform.plugins.load(package(GALLERY)).await.expect("the gallery loads");
    platform.learned("many-requests http://plain.hostile.test/").await;
    platform.deed("panic").await.unwrap_err();

    let ids = heard.ids.lock().unwrap();
    assert!(ids.iter().any(|id| id == "call-1") && ids.iter().all(|id| id.starts_with("call-")), "{ids:?}");
    let reports = heard.reports.lock().unwrap();
    let [(function, host_calls, used, false), (_, _, _, true)] = reports.as_slice() else {
        panic!("{reports:?}")
    };
    let of =
        |name: &str| used.iter().find(|(limit, ..)| *limit == name).map(|(_, used, limit)| (*used, *limit));
    assert_eq!((function.as_str(), *host_calls), ("prepare", 21));
    assert_eq!(of("requests"), Some((21, 20)), "the one that was refused counts");
    let (memory, cpu) = (of("memory-bytes").unwrap(), of("cpu-us").unwrap());
    assert!(memory.0 > 0 && memory.0 <= memory.1 && cpu.0 > 0 && cpu.1 == 100_000, "{used:?}");
    assert_eq!(of("log-bytes"), Some((0, 8192)));
}
