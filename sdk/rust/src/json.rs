//! JSON in and out.
//!
//! ```
//! use neustream_plugin::{Error, json};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Debug, PartialEq, Serialize, Deserialize)]
//! struct State {
//!     broadcast: String,
//! }
//!
//! let state = State { broadcast: "b-7".to_owned() };
//! let bytes = json::to(&state);
//! assert_eq!(json::from::<State>(&bytes)?, state);
//! # Ok::<(), Error>(())
//! ```

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Error;

#[doc(inline)]
pub use serde_json::{Value, json};

/// The value that `bytes` say in JSON: a platform's answer, a webhook's body, what was kept. The error is
/// [`Error::Unavailable`] with the code `malformed`, names the place and never repeats what stands there.
///
/// ```
/// use neustream_plugin::json;
///
/// let error = json::from::<Vec<u32>>(b"[1, \"secret\"]").unwrap_err();
/// assert_eq!(error.problem().message, "The answer cannot be read (line 1, column 12).");
/// ```
pub fn from<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(bytes).map_err(|error| {
        // serde's messages may quote the value, so only its place is passed on.
        let place = format!("line {}, column {}", error.line(), error.column());
        Error::unavailable("malformed", format!("The answer cannot be read ({place})."))
    })
}

/// `value` as JSON.
///
/// # Panics
/// When JSON cannot say it: a map whose keys are no texts, a `Serialize` that fails. Derived ones of structs do not.
///
/// ```
/// use neustream_plugin::json;
///
/// assert_eq!(json::to(&["a", "b"]), br#"["a","b"]"#);
/// ```
pub fn to<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).expect("JSON can say this type")
}
