//! One file a command.

pub(crate) mod api;
pub(crate) mod build;
pub(crate) mod completions;
pub(crate) mod dev;
pub(crate) mod inspect;
pub(crate) mod key;
pub(crate) mod login;
pub(crate) mod logs;
pub(crate) mod new;
pub(crate) mod publish;
pub(crate) mod run;
pub(crate) mod sign;
pub(crate) mod test;
