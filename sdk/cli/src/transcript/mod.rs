//! Transcripts: what an installation of a plugin is asked, what its platform answers, and what must come.
//!
//! A transcript is a JSON file in the project's folder `transcripts`; one format serves all kinds and languages. It
//! runs in the production runtime ([`crate::local`]), so a request that manifest, grant or limits would not let
//! through on a server never reaches the answers of the file.
//!
//! | file | concept |
//! |---|---|
//! | `file` | reading, with the file and line of what is wrong |
//! | `located` | JSON that knows where it stands |
//! | `script` | a platform that answers as the file says |
//! | `run` | the steps, one after the other, and what differs |
//! | `compare` | whether what came is what was expected |
//! | `side_by_side`, `pretty` | showing it |
//! | `update` | writing what came into the file |

mod compare;
mod file;
mod located;
mod pretty;
mod run;
mod script;
mod side_by_side;
mod update;

pub use compare::matches;
pub use file::{Call, Expected, FOLDER, Scripted, Step, Transcript};
pub use pretty::pretty;
pub use run::{Difference, Ran, Stepped, run};
pub use script::Script;
pub use side_by_side::side_by_side;
pub use update::updated;
