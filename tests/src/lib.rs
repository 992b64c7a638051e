//! The kit of the tests.

pub mod kit;
