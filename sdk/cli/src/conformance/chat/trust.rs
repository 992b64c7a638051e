//! What the manifest permits, and who may deliver.

use serde_json::json;

use super::steps::{effects, events, handle, steps};
use crate::conformance::Finding;
use crate::conformance::bench::{Bench, before, place};
use crate::local::wire::{At, write};

pub(super) fn effects_are_permitted(bench: &mut Bench<'_>) -> Finding {
    let (mut wrong, mut seen) = (Vec::new(), 0);
    let whole = bench.all().into_iter().filter(|(transcript, _)| transcript.settings.grant.is_none());
    for (transcript, ran) in whole {
        for step in &ran.calls {
            seen += effects(&step.called).len();
            let denied = step.called.denied.iter().filter(|(_, problem)| {
                // Known by another rule, or a matter of the transcript's settings.
                !matches!(problem.reason.code.as_str(), "connection-unknown" | "secret-missing")
            });
            let place = place(transcript, step.step, &step.function);
            wrong.extend(denied.map(|(index, problem)| {
                format!("{place}, effect {}: {}: {}", index + 1, problem.reason.code, problem.reason.message)
            }));
        }
    }
    if seen == 0 {
        return Finding::Skipped("one that begins with `open`".to_owned());
    }
    Finding::of(wrong, format!("{seen} effects"))
}

pub(super) fn forged_delivery_is_refused(bench: &mut Bench<'_>) -> Finding {
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for (transcript, step, call, _) in steps(bench) {
        let Some(delivery) = events(call).iter().find_map(|event| event.get("delivered")) else { continue };
        let body = At::root(delivery).optional_bytes("body").unwrap_or_default();
        let mut forged = delivery.clone();
        forged["body"] = write::bytes(&[&body[..], b" "].concat());
        let mut played = before(transcript, step);
        played.push(handle(&[json!({ "delivered": forged })]));
        let Some(called) = bench.last(&transcript.settings, &played) else { continue };
        seen += 1;
        if called.outcome.case() != Some("unauthorized") {
            let place = place(transcript, step, "handle");
            wrong.push(format!("{place}, a byte more: {}", called.outcome));
        }
    }
    let has_webhook = bench.host.manifest().capabilities.webhook.is_some();
    match seen {
        0 if has_webhook => Finding::Skipped("one with a genuine `delivered`".to_owned()),
        0 => Finding::Passed("the plugin takes no webhooks".to_owned()),
        _ => Finding::of(wrong, format!("{seen} deliveries")),
    }
}
