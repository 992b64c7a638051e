//! `neustream:host/config`.

use crate::bindings::neustream::host::config::Host;
use crate::door::{HostAnswer, HostCall};
use crate::state::CallState;

impl Host for CallState {
    fn get(&mut self) -> String {
        match self.pass_at_once(HostCall::ConfigGet) {
            HostAnswer::Config(config) => config,
            _ => "{}".to_owned(),
        }
    }
}

pub(crate) fn get(state: &CallState) -> String {
    state.call.config.clone()
}
