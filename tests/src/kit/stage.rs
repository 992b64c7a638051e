//! A furnished platform: every page of the dashboard has something to show, so that all of them can be looked at.
//!
//! An administrator's show is live at two destinations, while a third one refuses its key.

use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tokio::process::Command;

use super::api::{Account, PASSWORD, Source};
use super::author::{Author, built, republished};
use super::program::Program;
use super::rtmp::destination::RtmpDestination;
use super::server::{Server, Settings};
use super::stand_in::{HttpsStandIn, Platforms, twitch_ingest};
use super::tool;

/// How long the show may take to be live everywhere on a busy machine.
const LIVE: Duration = Duration::from_secs(45);
const KEY: &str = "live_4711_AbCdEfGh";

/// The furnished platform. Dropping it ends everything.
pub struct Stage {
    /// The server.
    pub server: Server,
    /// Who runs it.
    pub administrator: Account,
    /// The source that is live.
    pub show: Source,
    /// What scripts are told: addresses, ids, and how to log in.
    pub told: Value,
    _publisher: Program,
    _receivers: [RtmpDestination; 4],
    _ingests: HttpsStandIn,
    /// Its certificate is read again whenever the server looks at itself.
    _platforms: Platforms,
}

impl Stage {
    /// Furnishes one, and waits until its show is live.
    ///
    /// # Errors
    /// When anything is refused, or the show does not go live.
    pub async fn set() -> Result<Self> {
        let mut platforms = Platforms::new()?;
        let twitch = platforms.rtmp("live-fra.twitch.tv", KEY).await?;
        let youtube = platforms.rtmps("a.rtmps.youtube.com", "the-right-key").await?;
        let backup = platforms.rtmps("b.rtmps.youtube.com", "the-right-key").await?;
        let partner = platforms.rtmp("ingest.example.com", KEY).await?;
        let ingests = [twitch_ingest(24, "live-fra.twitch.tv", true, 1)];
        let ingests = platforms.twitch_ingests(json!({ "ingests": ingests })).await?;

        let mut server = platforms.lead(Settings::new()?).start().await?;
        let administrator = server.administrator().await?;
        let show = administrator.source("Friday night show").await?;
        // Its title is told to viewers.
        let public = json!({ "visibility": "public" });
        administrator.ask("PUT", &format!("/api/sources/{}", show.id), Some(&public)).await?;
        let offline = administrator.source("Sunday talks").await?;
        let live = [
            destination(&administrator, &show, "Twitch", "neustream/twitch", json!({}), KEY).await?,
            destination(
                &administrator,
                &show,
                "Our own site",
                "neustream/custom-rtmp",
                json!({ "rtmp_url": "rtmp://ingest.example.com/live" }),
                KEY,
            )
            .await?,
        ];
        let refused =
            destination(&administrator, &show, "YouTube", "neustream/youtube", json!({}), "an-old-key")
                .await?;
        let furniture = furnish(&server, &administrator).await?;

        let publisher = Program::start("ffmpeg-show", scene(&server.publish_url(&show.stream_key))?)?;
        for id in &live {
            administrator.destination_is(&show, id, "live", LIVE).await?;
        }
        let has_reason = |stream: &super::api::Stream| {
            stream.destination(&refused).is_ok_and(|destination| destination.reason.is_some())
        };
        administrator.stream_is(&show, LIVE, "the refused key is shown", has_reason).await?;

        let mut told = json!({
            "base": server.base_url(),
            "email": administrator.email,
            "password": PASSWORD,
            "source": show.id,
            "offline": offline.id,
            "playback": show.playback_id,
            "destination": live[0],
            "refused": refused,
        });
        merge(&mut told, furniture);
        let receivers = [twitch, youtube, backup, partner];
        Ok(Self {
            server,
            administrator,
            show,
            told,
            _publisher: publisher,
            _receivers: receivers,
            _ingests: ingests,
            _platforms: platforms,
        })
    }
}

async fn destination(
    account: &Account,
    source: &Source,
    name: &str,
    plugin: &str,
    config: Value,
    key: &str,
) -> Result<String> {
    let secrets = json!({ "stream-key": key });
    let body = json!({ "plugin": plugin, "name": name, "config": config, "secrets": secrets });
    account.destination(source, &body).await
}

/// A filter, a plugin of one's own that waits for a review, an app, a key, a colleague who was invited, and a tenant.
async fn furnish(server: &Server, account: &Account) -> Result<Value> {
    let rules = json!([{ "name": "insults", "action": "delete", "terms": ["badword"] }]);
    let body = json!({ "plugin": "neustream/blocklist", "grant": [], "config": { "rules": rules } });
    let installed = account.ask("POST", "/api/installations", Some(&body)).await?;
    let installation = installed["installation"]["id"].as_str().context("an installation's id")?.to_owned();

    let author = Author::register(account, "studio").await?;
    let own = republished(&built("moderation/links-and-caps")?, |manifest| {
        manifest["id"] = json!("studio/house-rules");
        manifest["name"] = json!("House rules");
    })?;
    let digest = author.publish(&own).await?["plugin"]["digest"].clone();

    let scopes = json!(["sources:read", "streams:read"]);
    account.ask("POST", "/api/api-keys", Some(&json!({ "name": "Overlay", "scopes": scopes }))).await?;
    account.ask("POST", "/api/apps", Some(&json!({ "name": "Concerts" }))).await?;
    let invited = json!({ "email": "grace@example.com", "role": "editor" });
    account.ask("POST", "/api/team/invitations", Some(&invited)).await?;
    Account::register_as(server.http(), "linus@example.com").await?;
    let told = json!({
        "installation": installation,
        "plugin": "neustream/twitch",
        "own_plugin": "studio/house-rules",
        "digest": digest,
        "plan": "free",
    });
    Ok(told)
}

/// Slowly moving colours with a tone, as an encoder sends them.
fn scene(target: &str) -> Result<Command> {
    let mut ffmpeg = Command::new(tool::ffmpeg()?);
    ffmpeg.args(["-hide_banner", "-nostdin", "-loglevel", "warning"]);
    ffmpeg.args(["-re", "-f", "lavfi", "-i"]);
    ffmpeg.arg("gradients=size=1280x720:rate=30:c0=0x123a5a:c1=0xd9622b:c2=0x3a1d4f:c3=0xf2b35e:nb_colors=4:seed=6:speed=0.01");
    ffmpeg.args(["-re", "-f", "lavfi", "-i", "sine=frequency=220:sample_rate=48000"]);
    ffmpeg.args(["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-pix_fmt", "yuv420p"]);
    ffmpeg.args(["-b:v", "2500k", "-g", "60", "-c:a", "aac", "-b:a", "128k", "-f", "flv", target]);
    Ok(ffmpeg)
}

fn merge(into: &mut Value, other: Value) {
    if let (Some(into), Value::Object(other)) = (into.as_object_mut(), other) {
        into.extend(other);
    }
}
