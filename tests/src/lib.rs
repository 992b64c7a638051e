//! The kit of the tests.

pub mod hostile;
pub mod kit;
pub mod load;
