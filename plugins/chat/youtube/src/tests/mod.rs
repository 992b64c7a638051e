//! Transcripts against a strict stand-in of YouTube's live chat API.

mod failing;
mod reading;
mod server;
mod writing;

use neustream_plugin::chat::Message;
use neustream_plugin::testing::chat::{Driver, Told};
use serde_json::{Value, json};

use crate::YouTubeChat;
use server::Server;

const TOKEN: [(&str, &str); 1] = [("account", "ya29.t0ken")];

fn started(config: &str) -> Driver<YouTubeChat> {
    Driver::<YouTubeChat>::open(config, &TOKEN).expect("the connector opens")
}

/// A driver that has found the server's broadcast and read the first page.
fn reading() -> (Driver<YouTubeChat>, Server) {
    let mut driver = started("{}");
    let mut server = Server::new("ya29.t0ken");
    server.run(&mut driver, 1000);
    assert_eq!(driver.take_told(), [Told::Status(None)]);
    (driver, server)
}

fn is_searching(driver: &Driver<YouTubeChat>) -> bool {
    let (_, question) = driver.poll("chat").expect("it is kept");
    !question.url.ends_with("/liveChat/messages")
}

/// Messages that were published.
fn published(told: &[Told]) -> Vec<&Message> {
    let messages = told.iter().filter_map(|told| match told {
        Told::Published(message) => Some(message),
        _ => None,
    });
    messages.collect()
}

fn texts(told: &[Told]) -> Vec<&str> {
    published(told).iter().map(|message| message.text.as_str()).collect()
}

/// A `liveChatMessage` of this kind by this channel.
fn item(id: &str, channel: &str, kind: &str, (name, details): (&str, Value)) -> Value {
    json!({
        "kind": "youtube#liveChatMessage",
        "etag": "x",
        "id": id,
        "snippet": {
            "type": kind,
            "liveChatId": "chat-1",
            "authorChannelId": channel,
            "publishedAt": "2026-11-20T08:15:30.123456+00:00",
            "hasDisplayContent": true,
            "displayMessage": format!("display of {id}"),
            name: details,
        },
        "authorDetails": {
            "channelId": channel,
            "channelUrl": format!("http://www.youtube.com/channel/{channel}"),
            "displayName": format!("Name of {channel}"),
            "profileImageUrl": "https://yt3.ggpht.com/x",
            "isVerified": false,
            "isChatOwner": false,
            "isChatSponsor": true,
            "isChatModerator": false,
        },
    })
}

fn text(id: &str, channel: &str, text: &str) -> Value {
    item(id, channel, "textMessageEvent", ("textMessageDetails", json!({"messageText": text})))
}
