//! What answers a plugin's requests while its author runs it: the transcript, else what was recorded, else (when told
//! so) the platform itself, whose answers are recorded once and replayed from then on.
//!
//! | file | concept |
//! |---|---|
//! | `file` | `recordings/<transcript>.json`: requests with their answers, without secrets |
//! | `answers` | the order in which the three are asked |
//! | `world` | the real platform, behind the production rules |

mod answers;
mod file;
mod world;

pub(crate) use answers::{Answers, Heard, Origin};
pub(crate) use file::Recording;
pub(crate) use world::World;
