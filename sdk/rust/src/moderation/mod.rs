//! Moderation filters: what becomes of a message.
//!
//! A filter is deterministic: the same configuration, batch and answers give the same verdicts, byte for byte, so that
//! one can be replayed in an appeal. It has no clock but [`Context::now`] and no network; what it must know it names in
//! `plan`, and the host asks, caches and records it before `judge`.
//!
//! ```
//! use neustream_plugin::moderation::{Action, Found, Lookup, Message, ModerationFilter, Verdict};
//! use neustream_plugin::testing::{FakeHost, answer, judge, message};
//! use neustream_plugin::{Context, PureHost, Request, json};
//! use serde::Deserialize;
//!
//! #[derive(Deserialize)]
//! struct Reputation {
//!     is_known: bool,
//! }
//!
//! struct Strangers;
//!
//! impl ModerationFilter for Strangers {
//!     fn plan(_: &impl PureHost, _: &Context, batch: &[Message]) -> Vec<Lookup> {
//!         let url = |author: &str| format!("https://reputation.example/v1/{author}");
//!         batch.iter().take(8).map(|message| Lookup::get(&message.id, url(&message.author_hash))).collect()
//!     }
//!
//!     fn judge(_: &impl PureHost, _: &Context, batch: &[Message], found: &[Found]) -> Vec<Verdict> {
//!         let judge = |message: &Message| {
//!             let found = found.iter().find(|found| found.id == message.id)?;
//!             let reputation: Reputation = json::from(found.outcome.as_ref().ok()?).ok()?;
//!             Some(match reputation.is_known {
//!                 true => Verdict::clean(message),
//!                 false => Verdict::new(message, Action::Hold, "stranger", "The author is new."),
//!             })
//!         };
//!         // Nothing is known about the rest: without a verdict the tenant's default holds.
//!         batch.iter().filter_map(judge).collect()
//!     }
//! }
//!
//! neustream_plugin::export_moderation!(Strangers);
//!
//! let host = FakeHost::new("{}").expect(
//!     Request::get("https://reputation.example/v1/author-1"),
//!     answer(200, &[], r#"{"is_known": false}"#),
//! );
//! assert_eq!(judge::<Strangers>(&host, &[message("hello")])[0].action, Action::Hold);
//! ```

mod cached;
mod measure;
mod verdict;

use crate::{Context, PureHost};

pub use crate::bindings::moderation::exports::neustream::moderation::filter::{
    Action, Found, Lookup, Message, Verdict,
};

pub use cached::Cached;
pub use measure::Measure;

/// One way to judge messages. Deterministic: the same configuration, batch and answers give the same verdicts.
///
/// ```
/// use neustream_plugin::moderation::{Action, Found, Message, ModerationFilter, Verdict};
/// use neustream_plugin::{Context, PureHost};
///
/// struct Shouting;
///
/// impl ModerationFilter for Shouting {
///     fn judge(_: &impl PureHost, _: &Context, batch: &[Message], _: &[Found]) -> Vec<Verdict> {
///         let judge = |message: &Message| match message.text.ends_with("!!!") {
///             true => Verdict::new(message, Action::Hide, "shouting", "It shouts."),
///             false => Verdict::clean(message),
///         };
///         batch.iter().map(judge).collect()
///     }
/// }
/// ```
pub trait ModerationFilter {
    /// What must be known before the batch can be judged; most filters need nothing. At most 8 a batch. Called only where
    /// the tenant granted `[capabilities.http]`.
    fn plan(_: &impl PureHost, _: &Context, _batch: &[Message]) -> Vec<Lookup> {
        Vec::new()
    }

    /// Judges. A message without a verdict gets the tenant's default.
    fn judge(host: &impl PureHost, ctx: &Context, batch: &[Message], found: &[Found]) -> Vec<Verdict>;
}

/// Makes a component of a [`ModerationFilter`](crate::moderation::ModerationFilter). Only when built for wasm.
///
/// ```
/// # use neustream_plugin::moderation::{Found, Message, ModerationFilter, Verdict};
/// # use neustream_plugin::{Context, PureHost};
/// # struct Everything;
/// # impl ModerationFilter for Everything {
/// #     fn judge(_: &impl PureHost, _: &Context, batch: &[Message], _: &[Found]) -> Vec<Verdict> {
/// #         batch.iter().map(Verdict::clean).collect()
/// #     }
/// # }
/// neustream_plugin::export_moderation!(Everything);
/// ```
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
