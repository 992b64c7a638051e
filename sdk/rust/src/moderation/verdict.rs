//! Making verdicts.

use super::{Action, Message, Verdict};

impl Verdict {
    /// A verdict on `message`. `rule` says in kebab-case which rule decided: what an appeal refers to. `reason` is one
    /// sentence for the moderator.
    ///
    /// ```
    /// use neustream_plugin::moderation::{Action, Verdict};
    /// use neustream_plugin::testing::message;
    ///
    /// let verdict = Verdict::new(&message("AAAA"), Action::TimeoutS(60), "capitals", "It shouts.");
    /// assert_eq!(verdict.rule, "capitals");
    /// ```
    pub fn new(
        message: &Message,
        action: Action,
        rule: impl Into<String>,
        reason: impl Into<String>,
    ) -> Self {
        Self { id: message.id.clone(), action, rule: rule.into(), reason: reason.into() }
    }

    /// The verdict on a message that no rule matches: an explicit one, since without any the tenant's default holds.
    ///
    /// ```
    /// use neustream_plugin::moderation::{Action, Verdict};
    /// use neustream_plugin::testing::message;
    ///
    /// assert_eq!(Verdict::clean(&message("hello")).action, Action::Allow);
    /// ```
    pub fn clean(message: &Message) -> Self {
        Self::new(message, Action::Allow, "clean", "No rule matches.")
    }

    /// The verdict on a message whose author is exempt: has one of `roles`.
    ///
    /// ```
    /// use neustream_plugin::moderation::{Message, Verdict};
    /// use neustream_plugin::testing::message;
    ///
    /// let message = Message { roles: vec!["moderator".to_owned()], ..message("hello") };
    /// let exempt = ["broadcaster", "moderator"];
    /// assert_eq!(Verdict::exempt(&message, &exempt).unwrap().rule, "exempt-role");
    /// assert_eq!(Verdict::exempt(&message, &["broadcaster"]), None);
    /// ```
    pub fn exempt(message: &Message, roles: &[impl AsRef<str>]) -> Option<Self> {
        let is_exempt = |role: &&String| roles.iter().any(|exempt| exempt.as_ref() == role.as_str());
        let role = message.roles.iter().find(is_exempt)?;
        Some(Self::new(message, Action::Allow, "exempt-role", format!("The role {role} is exempt.")))
    }
}
