//! The author's command at a running Neustream, as an author runs it: the real binary against the real server.

#[path = "plugin_cli/kit.rs"]
mod kit;
#[path = "plugin_cli/terminal.rs"]
mod terminal;

#[path = "plugin_cli/agreeing.rs"]
mod agreeing;
#[path = "plugin_cli/asking.rs"]
mod asking;
#[path = "plugin_cli/developing.rs"]
mod developing;
#[path = "plugin_cli/logging.rs"]
mod logging;
#[path = "plugin_cli/publishing.rs"]
mod publishing;
#[path = "plugin_cli/recording.rs"]
mod recording;
#[path = "plugin_cli/signing_in.rs"]
mod signing_in;
