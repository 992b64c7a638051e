//! A moderation filter's two phases, as the host goes through them.

use super::FakeHost;
use crate::moderation::{Found, Lookup, Message, ModerationFilter, Verdict};
use crate::{Content, Host as _, Problem, Request};

/// The host asks no more a batch.
const MAX_LOOKUPS: usize = 8;

/// The verdicts of the filter `F`: `plan`, its lookups asked of `host` as requests, `judge`. Everything is done twice,
/// and must agree: verdicts are replayed in appeals.
///
/// # Panics
/// When the second time differs, when there are more than 8 lookups or two of one id, and when a verdict is about no
/// message of the batch.
///
/// ```
/// use neustream_plugin::moderation::{Action, Found, Message, ModerationFilter, Verdict};
/// use neustream_plugin::testing::{FakeHost, judge, message};
/// use neustream_plugin::{Context, PureHost};
///
/// struct Everything;
///
/// impl ModerationFilter for Everything {
///     fn judge(_: &impl PureHost, _: &Context, batch: &[Message], _: &[Found]) -> Vec<Verdict> {
///         batch.iter().map(Verdict::clean).collect()
///     }
/// }
///
/// let verdicts = judge::<Everything>(&FakeHost::new("{}"), &[message("hello")]);
/// assert_eq!(verdicts[0].action, Action::Allow);
/// ```
pub fn judge<F: ModerationFilter>(host: &FakeHost, batch: &[Message]) -> Vec<Verdict> {
    let ctx = host.context();
    let lookups = F::plan(host, &ctx, batch);
    assert_eq!(lookups, F::plan(host, &ctx, batch), "`plan` must give the same lookups for the same batch");
    assert!(lookups.len() <= MAX_LOOKUPS, "{} lookups; the host asks {MAX_LOOKUPS} a batch", lookups.len());
    for (index, lookup) in lookups.iter().enumerate() {
        let is_twice = lookups[..index].iter().any(|other| other.id == lookup.id);
        assert!(!is_twice, "two lookups have the id `{}`", lookup.id);
    }
    let found: Vec<_> = lookups.into_iter().map(|lookup| asked(host, lookup)).collect();
    let verdicts = F::judge(host, &ctx, batch, &found);
    let again = F::judge(host, &ctx, batch, &found);
    assert_eq!(verdicts, again, "`judge` must give the same verdicts for the same batch");
    for verdict in &verdicts {
        let is_known = batch.iter().any(|message| message.id == verdict.id);
        assert!(is_known, "a verdict is about `{}`, which is no message of the batch", verdict.id);
    }
    verdicts
}

/// A POST when there is a body, otherwise a GET; the body of a 200, or why there is none.
fn asked(host: &FakeHost, lookup: Lookup) -> Found {
    let (method, body) = match lookup.body {
        body if body.is_empty() => ("GET", Content::Empty),
        body => ("POST", Content::Bytes(body)),
    };
    let request = Request { headers: lookup.headers, body, ..Request::new(method, lookup.url) };
    let outcome = match host.send(&request) {
        Ok(response) if response.status == 200 => Ok(response.body),
        Ok(response) => Err(Problem::new("refused", format!("it answered {}", response.status))),
        Err(error) => Err(error.into_problem()),
    };
    Found { id: lookup.id, outcome }
}
