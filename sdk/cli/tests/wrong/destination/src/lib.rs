//! A destination that does one thing wrong, named after the rule that it breaks.

use neustream_plugin::destination::{Broadcast, DestinationAdapter, Health, Target};
use neustream_plugin::json::json;
use neustream_plugin::{Context, Error, Host, Level, Problem, Request, Response, Value, read_config};
use serde::Deserialize;

struct Wrong;

neustream_plugin::export_destination!(Wrong);

const API: &str = "https://api.live.example/broadcasts";

#[derive(Deserialize)]
struct Config {
    server: String,
    #[serde(default = "yes")]
    has_account: bool,
    #[serde(default)]
    mistake: String,
}

fn yes() -> bool {
    true
}

#[derive(Deserialize)]
struct Created {
    id: String,
    key: String,
}

impl DestinationAdapter for Wrong {
    fn prepare(host: &impl Host, ctx: &Context, broadcast: &Broadcast) -> Result<Target, Error> {
        let config: Config = read_config(host)?;
        let does = |mistake: &str| config.mistake == mistake;
        if does("within-budget") {
            (0..30).for_each(|_| host.log(Level::Info, &"chatter ".repeat(30), &[]));
        }
        if does("survives-odd-inputs") && broadcast.title.len() > 10_000 {
            panic!("a title that long");
        }
        if does("errors-have-codes") && broadcast.title.is_empty() {
            return Err(Error::Other(Problem::new("Title Empty", "There is no title.")));
        }
        if !config.server.starts_with("rtmps://in.live.example/") && does("invalid-config-is-pointed-at") {
            return Err(Error::InvalidConfig(Problem::new("server", "The server is none of ours.")));
        }
        if !config.server.starts_with("rtmps://in.live.example/") || does("config-examples-work") {
            return Err(Error::invalid_config("/server", "server", "it is none of ours"));
        }
        let url = if does("target-is-usable") { "rtmps://elsewhere.example/app" } else { &config.server };
        if !config.has_account {
            let key = if does("key-by-reference") { Value::from("live_0123456789") } else { Value::secret("stream-key") };
            let state = if does("deterministic") { revision(host)? } else { Vec::new() };
            let expires_at = Some(ctx.now + 3_600_000);
            return Ok(Target { state, expires_at, ..Target::new(url, key) });
        }
        let name = format!("broadcast-{}", hash(&broadcast.id));
        let asked = host.kv_get(&name);
        if does("answers-without-network") && asked.as_ref().is_err_and(|error| error.code() == "kv-denied") {
            panic!("no memory");
        }
        let known = asked?.filter(|_| !does("prepare-is-idempotent"));
        let created = match known {
            Some(entry) => entry.value,
            None => {
                let created = create(host, &config, broadcast)?;
                let _ = host.kv_put(&name, &created, None, None)?;
                created
            }
        };
        let Created { id, key } = neustream_plugin::json::from(&created)?;
        if does("keeps-secrets") {
            host.log(Level::Info, "a broadcast was created", &[("key", &key)]);
        }
        let state = if does("state-within-limit") { format!("{id} {}", broadcast.title) } else { id };
        Ok(Target { state: state.into_bytes(), ..Target::new(url, key) })
    }

    fn check(host: &impl Host, _: &Context, state: &[u8]) -> Result<Health, Error> {
        let config: Config = read_config(host)?;
        let Some(id) = read_state(&config, state) else { return Ok(Health::UNKNOWN) };
        let response = host.send(&Request::get(format!("{API}/{id}")).bearer("token"))?;
        Ok(Health { live: Some(response.is_success()), viewers: None })
    }

    fn finish(host: &impl Host, _: &Context, state: &[u8]) -> Result<(), Error> {
        let config: Config = read_config(host)?;
        let Some(id) = read_state(&config, state) else { return Ok(()) };
        let response = host.send(&Request::delete(format!("{API}/{id}")).bearer("token"))?;
        if response.status == 404 && config.mistake != "finish-twice-succeeds" {
            return Ok(());
        }
        response.success("Example Live").map(|_| ())
    }
}

fn create(host: &impl Host, config: &Config, broadcast: &Broadcast) -> Result<Vec<u8>, Error> {
    let is_private = match broadcast.visibility.as_str() {
        "public" | "unlisted" => false,
        "private" => true,
        _ => config.mistake != "unknown-visibility-is-private",
    };
    let title: String = broadcast.title.chars().take(100).collect();
    let request = Request::post(API).bearer("token").json(&json!({ "title": title, "private": is_private }));
    let response: Response = host.send(&request)?.success("Example Live")?;
    Ok(response.body)
}

/// What it says differs on every run: revisions never repeat.
fn revision(host: &impl Host) -> Result<Vec<u8>, Error> {
    let revision = host.kv_put("runs", b"1", None, None)?;
    Ok(format!("{revision:?}").into_bytes())
}

fn read_state(config: &Config, state: &[u8]) -> Option<String> {
    if config.mistake == "survives-unknown-state" && !state.is_empty() {
        let text = std::str::from_utf8(state).expect("our own state");
        assert!(text.starts_with("b-"), "our own state");
    }
    let is_id = |text: &&str| text.len() < 100 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    std::str::from_utf8(state).ok().filter(|text| !text.is_empty()).filter(is_id).map(str::to_owned)
}

/// Keys of kv are short, ids of broadcasts need not be.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
