//! A tenant's filters in order, and what becomes of a message.

use async_trait::async_trait;
use neustream_contract::moderation::{Action, Message};
use neustream_model::{InstallationId, TenantId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What becomes of messages that a filter has not judged: it failed, took too long, or left them out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnFailure {
    /// They wait for a moderator.
    #[default]
    Hold,
    /// They go on to the next filter.
    Allow,
    /// They are removed.
    Delete,
}

/// One filter of a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainLink {
    /// The filter's installation.
    pub installation: InstallationId,
    /// The tenant's choice for it.
    pub on_failure: OnFailure,
}

/// Tells which filters a tenant has.
#[async_trait]
pub trait FilterChains: Send + Sync {
    /// The enabled filters of the tenant, in the order in which they judge.
    async fn chain(&self, tenant: TenantId) -> Result<Vec<ChainLink>, ChainUnavailable>;
}

/// Which filters a tenant has cannot be told now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the tenant's filters are not known: {0}")]
pub struct ChainUnavailable(pub String);

/// What becomes of one message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Judgement {
    /// The message's id.
    pub id: String,
    /// The end of all filters. `Replace` carries the text after all of them.
    pub action: Action,
    /// Who decided, and why; none where nothing was said against the message.
    pub decision: Option<Decision>,
}

/// Why a message was judged so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// The filter that decided, or the last one that replaced the text; none where no filter could be asked.
    pub installation: Option<InstallationId>,
    /// Which rule, kebab-case: of the filter, or `filter-failed`, `no-verdict`, `overloaded`, `filters-unknown`.
    pub rule: String,
    /// A sentence for the moderator.
    pub reason: String,
    /// Where it is recorded.
    pub recording: Option<Uuid>,
}

/// A message on its way through a chain.
#[derive(Debug)]
pub(crate) struct Passage {
    /// With the text as it is now.
    pub(crate) message: Message,
    judgement: Option<(Action, Decision)>,
    is_decided: bool,
}

impl Passage {
    pub(crate) fn new(message: Message) -> Self {
        Self { message, judgement: None, is_decided: false }
    }

    /// Whether the filters that follow need not be asked.
    pub(crate) fn is_decided(&self) -> bool {
        self.is_decided
    }

    /// Takes one filter's action.
    pub(crate) fn take(&mut self, action: Action, decision: Decision) {
        match action {
            Action::Allow => {}
            Action::Replace(text) => {
                self.message.text.clone_from(&text);
                self.judgement = Some((Action::Replace(text), decision));
            }
            action => {
                self.judgement = Some((action, decision));
                self.is_decided = true;
            }
        }
    }

    pub(crate) fn judgement(self) -> Judgement {
        let id = self.message.id;
        match self.judgement {
            Some((action, decision)) => Judgement { id, action, decision: Some(decision) },
            None => Judgement { id, action: Action::Allow, decision: None },
        }
    }
}

impl OnFailure {
    pub(crate) fn action(self) -> Action {
        match self {
            Self::Hold => Action::Hold,
            Self::Allow => Action::Allow,
            Self::Delete => Action::Delete,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passage(text: &str) -> Passage {
        Passage::new(Message {
            id: "1".to_owned(),
            platform: "room".to_owned(),
            author_hash: "a".to_owned(),
            roles: vec![],
            text: text.to_owned(),
            traits: vec![],
        })
    }

    fn decision(rule: &str) -> Decision {
        Decision { installation: None, rule: rule.to_owned(), reason: String::new(), recording: None }
    }

    #[test]
    fn replacements_chain_and_the_first_other_verdict_decides() {
        let mut passage = passage("one");
        passage.take(Action::Replace("two".to_owned()), decision("a"));
        passage.take(Action::Allow, decision("b"));
        assert_eq!(passage.message.text, "two");
        assert!(!passage.is_decided());
        passage.take(Action::Hide, decision("c"));
        assert!(passage.is_decided());
        let judgement = passage.judgement();
        assert_eq!(judgement.action, Action::Hide);
        assert_eq!(judgement.decision.unwrap().rule, "c");
    }

    #[test]
    fn a_message_that_nobody_objects_to_is_shown_as_it_is() {
        let mut passage = passage("one");
        passage.take(Action::Allow, decision("a"));
        assert_eq!(passage.judgement().action, Action::Allow);
    }
}
