//! Transcripts against a strict stand-in of Twitch's chat server.

mod batching;
mod connection;
mod reading;
mod server;
mod writing;

use neustream_plugin::chat::Message;
use neustream_plugin::testing::chat::{Driver, Told};

use crate::TwitchChat;
use server::Server;

const CONFIG: &str = r##"{"channel": "#Ronni"}"##;
const SECRETS: [(&str, &str); 2] = [("account", "s3cr3t-t0ken"), ("account.client-id", "app-client-id")];

/// A driver whose connection is not open yet.
fn started() -> Driver<TwitchChat> {
    Driver::<TwitchChat>::open(CONFIG, &SECRETS).expect("the connector opens")
}

/// A driver and a server that have come as far as the channel.
fn joined() -> (Driver<TwitchChat>, Server) {
    let mut driver = started();
    let mut server = Server::new("s3cr3t-t0ken", "ronni");
    driver.opened("irc");
    server.serve(&mut driver);
    assert_eq!(driver.take_told(), [Told::Status(None)]);
    (driver, server)
}

/// Messages that were published.
fn published(told: &[Told]) -> Vec<&Message> {
    let messages = told.iter().filter_map(|told| match told {
        Told::Published(message) => Some(message),
        _ => None,
    });
    messages.collect()
}
