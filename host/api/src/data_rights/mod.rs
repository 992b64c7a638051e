//! What people may ask of their data: a copy of everything, its deletion, and how long it is kept.
//!
//! Copies and deletions are asked for here and done by [`DataRights`], which
//! runs beside the API and may be stopped at any moment: what it was doing is
//! done again by whoever comes next.

pub(crate) mod deletion;
pub(crate) mod exports;
pub(crate) mod retention;

mod archive;
mod work;

pub use work::{DataRights, DataRightsParts};
