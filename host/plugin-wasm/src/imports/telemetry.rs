//! `neustream:host/telemetry`: lines into the installation's log and the host's, counters into metrics.

use crate::bindings::neustream::host::telemetry::{Host, Level};
use crate::door::HostCall;
use crate::installation::level_name;
use crate::limits::MAX_LOG_BYTES_PER_CALL;
use crate::state::CallState;
use crate::text::{code, printable};

const MAX_LINE_BYTES: usize = 1024;
const MAX_FIELDS: usize = 16;
const MAX_FIELD_BYTES: usize = 128;
const MAX_LAST_WORDS_BYTES: usize = 300;

impl Host for CallState {
    fn log(&mut self, level: Level, message: String, fields: Vec<(String, String)>) {
        self.pass_at_once(HostCall::Log { level, message, fields });
    }

    fn count(&mut self, metric: String, delta: u64) {
        self.pass_at_once(HostCall::Count { metric, delta });
    }

    fn panicked(&mut self, message: String, location: String) {
        self.pass_at_once(HostCall::Panicked { message, location });
    }
}

pub(crate) fn log(state: &mut CallState, level: Level, message: &str, fields: &[(String, String)]) {
    let mut text = printable(message, MAX_LINE_BYTES);
    for (name, value) in fields.iter().take(MAX_FIELDS) {
        text.push(' ');
        text.push_str(&printable(name, MAX_FIELD_BYTES));
        text.push('=');
        text.push_str(&printable(value, MAX_FIELD_BYTES));
    }
    write_line(state, level, text);
}

fn write_line(state: &mut CallState, level: Level, text: String) {
    if state.is_preparing {
        return;
    }
    let text = state.starred(text);
    if state.log_bytes + text.len() > MAX_LOG_BYTES_PER_CALL {
        state.installation.note_dropped();
        return;
    }
    state.log_bytes += text.len();
    if !state.installation.log(level_name(level), text.clone()) {
        return;
    }
    let (plugin, installation) = (state.rules.plugin(), state.call.installation);
    match level {
        Level::Debug => tracing::debug!(target: "plugin", %plugin, %installation, "{text}"),
        Level::Info => tracing::info!(target: "plugin", %plugin, %installation, "{text}"),
        Level::Warn => tracing::warn!(target: "plugin", %plugin, %installation, "{text}"),
        Level::Error => tracing::error!(target: "plugin", %plugin, %installation, "{text}"),
    }
}

pub(crate) fn count(state: &mut CallState, metric: &str, delta: u64) {
    let name = code(metric, "");
    if state.is_preparing || name.is_empty() || !state.services.counters.admit(state.rules.plugin(), &name) {
        return;
    }
    let plugin = state.rules.plugin().to_owned();
    metrics::counter!("neustream_plugin_events_total", "plugin" => plugin, "event" => name).increment(delta);
}

pub(crate) fn panicked(state: &mut CallState, message: &str, location: &str) {
    let mut words = printable(message, MAX_LAST_WORDS_BYTES);
    if !location.is_empty() {
        words = format!("{words} ({})", printable(location, MAX_FIELD_BYTES));
    }
    let words = state.starred(words);
    write_line(state, Level::Error, format!("panicked: {words}"));
    state.last_words = Some(words);
}
