//! A configuration prepared ahead of its call: reading rules may cost more than judging.
//!
//! The host has an instance judge an empty batch before it is needed. What was
//! prepared then, is there when the messages come. The prepared rules are a pure
//! function of the configuration's text, so a cold instance and a prepared one
//! give the same verdicts.

use std::cell::RefCell;
use std::rc::Rc;

/// What was last prepared, and from which text. For a `thread_local!`, in filters whose settings are large: the host
/// has an instance judge an empty batch before the one that matters.
///
/// ```
/// use neustream_plugin::moderation::{Cached, Found, Message, ModerationFilter, Verdict};
/// use neustream_plugin::{Context, PureHost};
///
/// #[derive(Default)]
/// struct Rules(Vec<String>);
///
/// thread_local! {
///     static RULES: Cached<Rules> = const { Cached::new() };
/// }
///
/// struct Filter;
///
/// impl ModerationFilter for Filter {
///     fn judge(host: &impl PureHost, _: &Context, batch: &[Message], _: &[Found]) -> Vec<Verdict> {
///         let read = |config: &str| Rules(serde_json::from_str(config).unwrap_or_default());
///         let rules = RULES.with(|cached| cached.get(host.config(), read));
///         batch.iter().filter(|message| !rules.0.contains(&message.text)).map(Verdict::clean).collect()
///     }
/// }
/// ```
#[derive(Debug)]
pub struct Cached<T>(RefCell<Option<(String, Rc<T>)>>);

impl<T> Cached<T> {
    /// Nothing is prepared yet.
    ///
    /// ```
    /// use neustream_plugin::moderation::Cached;
    ///
    /// thread_local! {
    ///     static RULES: Cached<Vec<String>> = const { Cached::new() };
    /// }
    /// ```
    pub const fn new() -> Self {
        Self(RefCell::new(None))
    }

    /// What `prepare` makes of `text`, made only when `text` is another than the last time.
    ///
    /// ```
    /// use neustream_plugin::moderation::Cached;
    ///
    /// let cached = Cached::new();
    /// assert_eq!(*cached.get("abc".to_owned(), str::len), 3);
    /// assert_eq!(*cached.get("abc".to_owned(), |_| unreachable!()), 3);
    /// ```
    pub fn get(&self, text: String, prepare: impl FnOnce(&str) -> T) -> Rc<T> {
        let mut slot = self.0.borrow_mut();
        if let Some((last, prepared)) = slot.as_ref()
            && is_same(last.as_bytes(), text.as_bytes())
        {
            return Rc::clone(prepared);
        }
        let prepared = Rc::new(prepare(&text));
        *slot = Some((text, Rc::clone(&prepared)));
        prepared
    }
}

impl<T> Default for Cached<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// Equality eight bytes at a time: wasm's `memcmp` goes byte by byte.
fn is_same(a: &[u8], b: &[u8]) -> bool {
    let word = |bytes: &[u8]| u64::from_le_bytes(bytes.try_into().expect("chunks of eight"));
    let (a_words, b_words) = (a.chunks_exact(8), b.chunks_exact(8));
    a.len() == b.len()
        && a_words.remainder() == b_words.remainder()
        && a_words.zip(b_words).all(|(a, b)| word(a) == word(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_text_is_prepared_once_and_another_one_anew() {
        let cached = Cached::new();
        let count = std::cell::Cell::new(0);
        let length = |text: &str| {
            count.set(count.get() + 1);
            text.len()
        };
        for (text, expected, preparations) in [
            ("0123456789", 10, 1),
            ("0123456789", 10, 1),
            ("012345678x", 10, 2),
            ("x123456789", 10, 3),
            ("", 0, 4),
        ] {
            assert_eq!(*cached.get(text.to_owned(), length), expected);
            assert_eq!(count.get(), preparations, "{text}");
        }
    }
}
