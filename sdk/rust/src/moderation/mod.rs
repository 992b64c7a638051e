//! A moderation filter as a Rust trait, and its way into a component.

mod cached;
mod measure;

use crate::{Context, PureHost};

pub use crate::bindings::moderation::exports::neustream::moderation::filter::{
    Action, Found, Lookup, Message, Verdict,
};

pub use cached::Cached;
pub use measure::Measure;

/// The verdict on a message that no rule matches: an explicit one, since without any the tenant's default holds.
pub fn clean(message: &Message) -> Verdict {
    let (rule, reason) = ("clean".to_owned(), "No rule matches.".to_owned());
    Verdict { id: message.id.clone(), action: Action::Allow, rule, reason }
}

/// The verdict on a message whose author is exempt: one of `roles`.
pub fn exempt(message: &Message, roles: &[String]) -> Option<Verdict> {
    let role = message.roles.iter().find(|role| roles.contains(role))?;
    Some(Verdict {
        id: message.id.clone(),
        action: Action::Allow,
        rule: "exempt-role".to_owned(),
        reason: format!("The role {role} is exempt."),
    })
}

/// One way to judge messages. Deterministic: the same configuration, batch and answers give the same verdicts.
pub trait ModerationFilter {
    /// What must be known before the batch can be judged; most filters need nothing.
    fn plan(_: &impl PureHost, _: &Context, _batch: &[Message]) -> Vec<Lookup> {
        Vec::new()
    }

    /// Judges. A message without a verdict gets the tenant's default.
    fn judge(host: &impl PureHost, ctx: &Context, batch: &[Message], found: &[Found]) -> Vec<Verdict>;
}

/// Makes a component of a [`ModerationFilter`]. Only when built for wasm.
#[macro_export]
macro_rules! export_moderation {
    ($filter:ty) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            use $crate::bindings::moderation::exports::neustream::moderation::filter;
            use $crate::moderation::{Found, Lookup, Message, ModerationFilter, Verdict};
            use $crate::{Context, Imports};

            struct Component;

            impl filter::Guest for Component {
                fn plan(ctx: Context, batch: Vec<Message>) -> Vec<Lookup> {
                    $crate::report_panics();
                    <$filter as ModerationFilter>::plan(&Imports, &ctx, &batch)
                }

                fn judge(ctx: Context, batch: Vec<Message>, found: Vec<Found>) -> Vec<Verdict> {
                    $crate::report_panics();
                    <$filter as ModerationFilter>::judge(&Imports, &ctx, &batch, &found)
                }
            }

    $crate::bindings::moderation::export!(Component with_types_in $crate::bindings::moderation);
        };
    };
}
