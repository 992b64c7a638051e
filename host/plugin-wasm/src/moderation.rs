//! The adapter file of kind `moderation`: the contract's trait over the WIT world's exports.
//!
//! Everything that a filter sees comes from the call, and it is held to a
//! number of instructions, so the same call gives the same verdicts, byte for
//! byte, or runs out at the same instruction. `plan` is not called where the
//! tenant granted no requests: there is nothing that it could find out.

use std::collections::HashSet;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::FutureExt as _;
use neustream_contract::moderation::{
    Action, Found, Lookup, MAX_BATCH, MAX_LOOKUPS, Message, ModerationFilter, Verdict,
};
use neustream_contract::{Call, CallError, CallErrorKind, Manifest};
use neustream_model::UnixMillis;
use wasmtime::Store;
use wasmtime::component::Instance;

use crate::answer::{at_most, fields, id, invalid, told, too_much, url, word};
use crate::bindings::moderation::exports::neustream::moderation::filter as wit;
use crate::bindings::neustream::host::types::Context;
use crate::call::{Caller, Guest, asking};
use crate::fault::mismatch;
use crate::kind::Exports;
use crate::plugin::LoadedPlugin;
use crate::state::CallState;
use crate::text::{printable, shown};

const MAX_LOOKUP_BODY_BYTES: usize = 64 * 1024;
const MAX_REPLACEMENT_BYTES: usize = 8 * 1024;
const MAX_REASON_BYTES: usize = 300;

/// One moderation plugin, ready to be called.
pub(crate) struct WasmFilter(pub(crate) Caller);

fn filter(guest: &mut Guest<'_>) -> wasmtime::Result<wit::Guest> {
    match guest.filter {
        Some(filter) => Ok(filter.clone()),
        None => Err(mismatch("moderation")),
    }
}

/// Has a fresh instance judge nothing, so that it builds what it needs for every batch. Answers its functions.
pub(crate) async fn show_empty_batch(
    plugin: &LoadedPlugin,
    instance: &Instance,
    store: &mut Store<CallState>,
    context: Context,
) -> wasmtime::Result<wit::Guest> {
    let Exports::Moderation(filter) = &plugin.exports else { return Err(mismatch("moderation")) };
    let filter = filter.load(&mut *store, instance)?;
    filter.call_judge(store, &context, &[], &[]).await?;
    Ok(filter)
}

#[async_trait]
impl ModerationFilter for WasmFilter {
    fn manifest(&self) -> &Manifest {
        self.0.plugin.manifest()
    }

    async fn plan(&self, call: &Call, batch: &[Message]) -> Result<Vec<Lookup>, CallError> {
        check_batch(batch)?;
        if self.0.plugin.rules(&call.grant)?.http().is_none() {
            return Ok(Vec::new());
        }
        let batch = messages(batch);
        let ask = asking(move |mut guest| {
            async move { filter(&mut guest)?.call_plan(guest.store, &guest.context, &batch).await }.boxed()
        });
        self.0.call(call, "plan", ask, |lookups, _| checked_lookups(lookups)).await.result
    }

    async fn judge(
        &self,
        call: &Call,
        batch: &[Message],
        found: &[Found],
    ) -> Result<Vec<Verdict>, CallError> {
        self.judge_at(call, UnixMillis::now(), batch, found).await
    }

    async fn judge_at(
        &self,
        call: &Call,
        now: UnixMillis,
        batch: &[Message],
        found: &[Found],
    ) -> Result<Vec<Verdict>, CallError> {
        check_batch(batch)?;
        let ids: Vec<_> = batch.iter().map(|message| message.id.clone()).collect();
        let (batch, found) = (messages(batch), answers(found));
        let ask = asking(move |mut guest| {
            async move { filter(&mut guest)?.call_judge(guest.store, &guest.context, &batch, &found).await }
                .boxed()
        });
        let read = move |verdicts: Vec<wit::Verdict>, _: &mut CallState| checked_verdicts(verdicts, &ids);
        self.0.call_at(call, "judge", now, ask, read).await.result
    }
}

fn check_batch(batch: &[Message]) -> Result<(), CallError> {
    if batch.len() > MAX_BATCH {
        let message = format!("A batch of {} messages; {MAX_BATCH} are judged at once.", batch.len());
        return Err(CallError::new(CallErrorKind::Other, "batch-too-large", message));
    }
    Ok(())
}

fn messages(batch: &[Message]) -> Vec<wit::Message> {
    let message = |message: &Message| wit::Message {
        id: message.id.clone(),
        platform: message.platform.clone(),
        author_hash: message.author_hash.clone(),
        roles: message.roles.clone(),
        text: message.text.clone(),
        traits: message.traits.clone(),
    };
    batch.iter().map(message).collect()
}

fn answers(found: &[Found]) -> Vec<wit::Found> {
    let answer = |found: &Found| wit::Found {
        id: found.id.clone(),
        outcome: match &found.outcome {
            Ok(body) => Ok(body.clone()),
            Err(problem) => Err(told(problem)),
        },
    };
    found.iter().map(answer).collect()
}

fn checked_lookups(lookups: Vec<wit::Lookup>) -> Result<Vec<Lookup>, CallError> {
    at_most("lookups", lookups.len(), MAX_LOOKUPS)?;
    let mut ids = HashSet::new();
    let checked = |lookup: wit::Lookup| {
        at_most("bytes of a lookup's body", lookup.body.len(), MAX_LOOKUP_BODY_BYTES)?;
        let id = id("a lookup's id", lookup.id)?;
        if !ids.insert(id.clone()) {
            return Err(invalid("a lookup's id", "is there twice"));
        }
        Ok(Lookup {
            id,
            url: url("a lookup's URL", lookup.url)?,
            headers: fields("a lookup's headers", lookup.headers)?,
            body: lookup.body,
        })
    };
    lookups.into_iter().map(checked).collect()
}

fn checked_verdicts(verdicts: Vec<wit::Verdict>, batch: &[String]) -> Result<Vec<Verdict>, CallError> {
    if verdicts.len() > batch.len() {
        return Err(too_much("verdicts", verdicts.len(), batch.len()));
    }
    let mut open: HashSet<&str> = batch.iter().map(String::as_str).collect();
    let checked = |verdict: wit::Verdict| {
        if !open.remove(verdict.id.as_str()) {
            return Err(invalid("a verdict", "is about no message of the batch, or the second about one"));
        }
        Ok(Verdict {
            id: verdict.id,
            action: action(verdict.action)?,
            rule: word("a verdict's rule", verdict.rule)?,
            reason: printable(&verdict.reason, MAX_REASON_BYTES),
        })
    };
    verdicts.into_iter().map(checked).collect()
}

fn action(action: wit::Action) -> Result<Action, CallError> {
    Ok(match action {
        wit::Action::Allow => Action::Allow,
        wit::Action::Replace(text) => {
            at_most("bytes of a replacement", text.len(), MAX_REPLACEMENT_BYTES)?;
            Action::Replace(shown(&text, MAX_REPLACEMENT_BYTES))
        }
        wit::Action::Hold => Action::Hold,
        wit::Action::Hide => Action::Hide,
        wit::Action::Delete => Action::Delete,
        wit::Action::TimeoutS(seconds) => Action::Timeout(Duration::from_secs(seconds.into())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(id: &str, rule: &str) -> wit::Verdict {
        wit::Verdict {
            id: id.to_owned(),
            action: wit::Action::Hold,
            rule: rule.to_owned(),
            reason: "\u{1b}[2J".to_owned(),
        }
    }

    #[test]
    fn a_verdict_is_about_one_message_of_the_batch() {
        let batch = ["one".to_owned(), "two".to_owned()];
        let good = checked_verdicts(vec![verdict("two", "caps")], &batch).unwrap();
        assert_eq!((good[0].id.as_str(), good[0].reason.as_str()), ("two", "\\u{1b}[2J"));
        for bad in [
            vec![verdict("three", "caps")],
            vec![verdict("one", "caps"), verdict("one", "caps")],
            vec![verdict("one", "No Word")],
            vec![verdict("one", "a"), verdict("two", "a"), verdict("two", "a")],
        ] {
            assert!(checked_verdicts(bad, &batch).is_err());
        }
    }

    #[test]
    fn nine_lookups_and_two_of_one_name_are_refused() {
        let lookup = |id: String| wit::Lookup {
            id,
            url: "https://lists.example.com/".to_owned(),
            headers: vec![],
            body: vec![],
        };
        let nine = (0..9).map(|number| lookup(number.to_string())).collect();
        assert_eq!(checked_lookups(nine).unwrap_err().code, "answer-too-large");
        let twice = vec![lookup("a".to_owned()), lookup("a".to_owned())];
        assert_eq!(checked_lookups(twice).unwrap_err().code, "answer-invalid");
    }
}
