//! The kit of the tests.

pub mod kit;
pub mod load;
