//! One installation of the plugin: calls are made one after the other, and what is carried from one to the next is
//! what a server carries.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use neustream_chat::connector::{Kept, denied_effects, kept_after};
use neustream_chat::moderation::{LookupCaller, look_up};
use neustream_contract::chat::{ChatConnectors as _, Event, Problem, Step};
use neustream_contract::destination::DestinationAdapters as _;
use neustream_contract::manifest::SecretKind;
use neustream_contract::moderation::{Found, MAX_BATCH, Message, ModerationFilters as _};
use neustream_contract::payment::PaymentProviders as _;
use neustream_contract::{
    CLIENT_ID_SUFFIX, Call, CallError, CallErrorKind, Grant, Kind, LogLine, Manifest, PlanCeilings,
    PluginPlatform as _, Secrets,
};
use neustream_model::{InstallationId, Secret, TenantId, UnixMillis};
use neustream_outbound::{Echoes, Rules};
use neustream_plugin_wasm::{Clock as _, KvOwner, KvStore as _, KvWrite};
use serde_json::Value;

use super::LocalHost;
use super::ledger::{Exchange, Happened, Usage};
use super::platform::Platform;
use super::wire::{self, At, Malformed, Outcome, Read};

/// How long a lookup of a filter may take; the server's default.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(2);
/// How often a call that ran out of a short wall-clock time is made again.
const HASTY_ATTEMPTS: usize = 3;
/// Whose installation it is: the same on every run.
const TENANT: &str = "01900000-0000-7000-8000-000000000001";
const INSTALLATION: &str = "01900000-0000-7000-8000-000000000002";
/// When a transcript begins that does not say so.
const DEFAULT_NOW: u64 = 1_760_000_000_000;

/// What an installation begins with.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Its configuration, valid against the schema.
    pub config: Value,
    /// Its secrets, by the manifest's names; beside those of kind `oauth2` also `<name>.client-id`.
    pub secrets: BTreeMap<String, String>,
    /// The keys that were granted; all that the manifest asks for where none are given.
    pub grant: Option<Vec<String>>,
    /// The clock, in milliseconds since the Unix epoch.
    pub now: u64,
    /// What its memory holds.
    pub kv: BTreeMap<String, Vec<u8>>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            config: Value::Object(serde_json::Map::new()),
            secrets: BTreeMap::new(),
            grant: None,
            now: DEFAULT_NOW,
            kv: BTreeMap::new(),
        }
    }
}

/// Settings that an installation cannot have: what is wrong, at which JSON pointers of a transcript.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub struct SettingsInvalid(pub Vec<Malformed>);

/// What a call came to.
#[derive(Debug, Clone)]
pub struct Called {
    /// How it ended.
    pub outcome: Outcome,
    /// Its requests, in order.
    pub exchanges: Vec<Exchange>,
    /// What it used; a filter's `plan` and `judge` are two calls.
    pub usage: Vec<Usage>,
    /// The lines that it and the host wrote.
    pub log: Vec<LogLine>,
    /// What the guest gave to `log`, before the host cleaned it.
    pub said: Vec<String>,
    /// Effects of a chat connector that a server would not carry out, by their place in the step.
    pub denied: Vec<(usize, Problem)>,
}

/// One installation.
pub struct Session<'a> {
    host: &'a LocalHost,
    call: Call,
    rules: Rules,
    state: Vec<u8>,
    kept: Kept,
    lines_seen: u64,
}

impl<'a> Session<'a> {
    pub(super) fn begin(
        host: &'a mut LocalHost,
        settings: &Settings,
        platform: Arc<dyn Platform>,
    ) -> Result<Self, SettingsInvalid> {
        let host: &'a LocalHost = host;
        check(host, settings)?;
        let manifest = host.manifest();
        let grant = match &settings.grant {
            Some(keys) => Grant::new(keys.iter().cloned()),
            None => Grant::all_of(manifest),
        };
        let invalid = |pointer: &str, error: &dyn std::fmt::Display| {
            let (pointer, message) = (pointer.to_owned(), error.to_string());
            SettingsInvalid(vec![Malformed { pointer, message }])
        };
        let rules = Rules::of(manifest, &grant).map_err(|error| invalid("/grant", &error))?;
        let secrets = settings.secrets.iter().map(|(name, text)| (name.clone(), Secret::new(text.clone())));
        let call = Call {
            tenant: TENANT.parse::<TenantId>().expect("the literal is a UUID"),
            installation: INSTALLATION.parse::<InstallationId>().expect("the literal is a UUID"),
            plugin: host.digest(),
            grant,
            ceilings: PlanCeilings::default(),
            config: settings.config.to_string(),
            secrets: Secrets::new(secrets.collect()),
            attempt: 1,
            // Longer than any kind's: the kind's own holds.
            deadline: Duration::from_mins(5),
        };
        host.runtime.block_on(async {
            host.plugins.forget(call.tenant, call.installation).await;
            let owner = KvOwner { tenant: call.tenant, installation: call.installation };
            for (key, value) in &settings.kv {
                let write = KvWrite { key, value, expected: None, expires_at: None, max_bytes: usize::MAX };
                let kept = host.kv.put(&owner, write, UnixMillis(settings.now)).await;
                kept.map_err(|error| invalid("/kv", &error))?;
            }
            Ok(())
        })?;
        host.clock.begin(settings.now);
        host.network.set(platform);
        host.ledger.take();
        Ok(Self { host, call, rules, state: Vec::new(), kept: Kept::default(), lines_seen: 0 })
    }

    /// The host.
    pub fn host(&self) -> &LocalHost {
        self.host
    }

    /// Moves the clock.
    pub fn wait(&mut self, ms: u64) {
        self.host.clock.advance(ms);
    }

    /// Another platform answers from now on.
    pub fn answer_with(&mut self, platform: Arc<dyn Platform>) {
        self.host.network.set(platform);
    }

    /// What is carried to the next call: a destination's or a chat connector's state.
    pub fn state(&self) -> &[u8] {
        &self.state
    }

    /// Whether `text` stands in the state that is carried.
    pub fn has_kept(&self, text: &str) -> bool {
        String::from_utf8_lossy(&self.state).contains(text)
    }

    /// Carries another state to the next call.
    pub fn set_state(&mut self, state: Vec<u8>) {
        self.state = state;
    }

    /// Calls `function` with the arguments of `with`. A connector or filter that is out of wall-clock time, of which it
    /// has little, is called again: an author's machine compiles and edits besides, and only a time-out that lasts is
    /// the plugin's. Faults of former calls do not keep it from being made: the
    /// breaker of an installation goes by the time of day, which does not pass here.
    ///
    /// # Errors
    /// There is no such function, or `with` is not what it takes: at a pointer that begins with `/call` or `/with`.
    pub fn call(&mut self, function: &str, with: &Value) -> Read<Called> {
        let is_hasty = matches!(self.host.kind(), Kind::Chat | Kind::Moderation);
        let mut called = self.call_once(function, with)?;
        for _ in 0..HASTY_ATTEMPTS {
            let is_late = called.outcome.code() == Some("plugin-timeout");
            if !(is_hasty && is_late && matches!(called.outcome, Outcome::Fault(_))) {
                break;
            }
            called = self.call_once(function, with)?;
        }
        Ok(called)
    }

    fn call_once(&mut self, function: &str, with: &Value) -> Read<Called> {
        self.host.plugins.reset_breaker(self.call.tenant, self.call.installation);
        self.host.ledger.take();
        let with = At::standing(with, "/with");
        let mut denied = Vec::new();
        let outcome = match self.host.kind() {
            Kind::Destination => self.call_destination(function, with)?,
            Kind::Chat => self.call_chat(function, with, &mut denied)?,
            Kind::Moderation => self.call_filter(function, with)?,
            Kind::Payment => self.call_provider(function, with)?,
        };
        let Happened { exchanges, usage, said } = self.host.ledger.take();
        let mut log = self.host.plugins.log(self.call.tenant, self.call.installation);
        log.retain(|line| line.number > self.lines_seen);
        self.lines_seen = log.last().map_or(self.lines_seen, |line| line.number);
        Ok(Called { outcome, exchanges, usage, log, said, denied })
    }

    fn call_destination(&mut self, function: &str, with: At<'_>) -> Read<Outcome> {
        let (host, call) = (self.host, &self.call);
        let adapter = match host.runtime.block_on(host.plugins.adapter(&call.plugin)) {
            Ok(adapter) => adapter,
            Err(error) => return Ok(Outcome::of::<()>(Err(error), |()| Value::Null)),
        };
        let state = |at: &At<'_>| match at.optional("state")? {
            Some(state) => state.bytes(),
            None => Ok(self.state.clone()),
        };
        Ok(match function {
            "prepare" => {
                let with = with.with_keys(&["broadcast"])?;
                let broadcast = wire::destination::broadcast(&with.field("broadcast")?)?;
                let prepared = host.runtime.block_on(adapter.prepare(call, &broadcast));
                if let Ok(target) = &prepared {
                    self.state.clone_from(&target.state);
                }
                Outcome::of(prepared, |target| wire::destination::target(&target))
            }
            "check" => {
                let state = state(&with.with_keys(&["state"])?)?;
                Outcome::of(host.runtime.block_on(adapter.check(call, &state)), wire::destination::health)
            }
            "finish" => {
                let state = state(&with.with_keys(&["state"])?)?;
                Outcome::of(host.runtime.block_on(adapter.finish(call, &state)), |()| Value::Null)
            }
            "retitle" => {
                let with = with.with_keys(&["state", "title"])?;
                let (state, title) = (state(&with)?, with.field("title")?.text()?);
                let retitled = host.runtime.block_on(adapter.retitle(call, &state, &title));
                if retitled == Ok(false) {
                    return Err(unknown("the plugin does not export `metadata`, where `retitle` is"));
                }
                Outcome::of(retitled, |_| Value::Null)
            }
            _ => return Err(no_such(function, "`prepare`, `check`, `finish`, `retitle`")),
        })
    }

    fn call_chat(
        &mut self,
        function: &str,
        with: At<'_>,
        denied: &mut Vec<(usize, Problem)>,
    ) -> Read<Outcome> {
        let (host, call) = (self.host, &self.call);
        let connector = match host.runtime.block_on(host.plugins.connector(&call.plugin)) {
            Ok(connector) => connector,
            Err(error) => return Ok(Outcome::of::<()>(Err(error), |()| Value::Null)),
        };
        let (kept, events, stepped) = match function {
            "open" => {
                with.with_keys(&[])?;
                (Kept::default(), Vec::new(), host.runtime.block_on(connector.open(call)))
            }
            "handle" => {
                let with = with.with_keys(&["state", "events"])?;
                if let Some(state) = with.optional("state")? {
                    self.state = state.bytes()?;
                }
                let events: Vec<Event> = with.field("events")?.list_of(wire::chat::event)?;
                let stepped = host.runtime.block_on(connector.handle(call, &self.state, &events));
                (self.kept.clone(), events, stepped)
            }
            _ => return Err(no_such(function, "`open`, `handle`")),
        };
        let invalid = |error: neustream_chat::connector::StepInvalid| {
            CallError::new(CallErrorKind::Limit, "step-invalid", error.to_string())
        };
        let stepped = stepped.and_then(|step: Step| {
            let after = kept_after(&kept, &events, &step, self.host.clock.now()).map_err(invalid)?;
            Ok((step, after))
        });
        if let Ok((step, after)) = &stepped {
            *denied = denied_effects(&self.rules, &self.call.secrets, &kept, &step.effects);
            self.state.clone_from(&step.state);
            self.kept = after.clone();
        }
        Ok(Outcome::of(stepped, |(step, _)| wire::chat::step(&step)))
    }

    fn call_filter(&mut self, function: &str, with: At<'_>) -> Read<Outcome> {
        if function != "judge" {
            return Err(no_such(function, "`judge`, which calls `plan` first"));
        }
        let with = with.with_keys(&["messages"])?;
        let messages = with.field("messages")?;
        let batch = messages.list_of(wire::moderation::message)?;
        if batch.len() > MAX_BATCH {
            let message = format!("{} messages; a batch has at most {MAX_BATCH}", batch.len());
            return Err(messages.malformed(message));
        }
        let verdicts = self.host.runtime.block_on(self.judged(&batch));
        Ok(Outcome::of(verdicts, |verdicts| verdicts.iter().map(wire::moderation::verdict).collect()))
    }

    async fn judged(
        &self,
        batch: &[Message],
    ) -> Result<Vec<neustream_contract::moderation::Verdict>, CallError> {
        let (host, call) = (self.host, &self.call);
        let filter = host.plugins.filter(&call.plugin).await?;
        let echoes = Echoes::of(&call.secrets);
        let caller = LookupCaller {
            rules: &self.rules,
            secrets: &call.secrets,
            echoes: &echoes,
            timeout: LOOKUP_TIMEOUT,
        };
        let mut found = Vec::new();
        for lookup in filter.plan(call, batch).await? {
            host.ledger.asks(wire::http::lookup(&lookup));
            let (outcome, _) = look_up(&*host.network, &caller, &lookup).await;
            let refusal = outcome.as_ref().err();
            let refusal =
                refusal.map(|problem| (problem.reason.code.clone(), problem.reason.message.clone()));
            host.ledger.came_back(refusal);
            found.push(Found { id: lookup.id, outcome });
        }
        filter.judge_at(call, host.clock.now(), batch, &found).await
    }

    fn call_provider(&mut self, function: &str, with: At<'_>) -> Read<Outcome> {
        let (host, call) = (self.host, &self.call);
        let provider = match host.runtime.block_on(host.plugins.provider(&call.plugin)) {
            Ok(provider) => provider,
            Err(error) => return Ok(Outcome::of::<()>(Err(error), |()| Value::Null)),
        };
        let status = |status| wire::payment::status(&status);
        Ok(match function {
            "start" => {
                let charge = wire::payment::charge(&with.with_keys(&["charge"])?.field("charge")?)?;
                Outcome::of_payment(host.runtime.block_on(provider.start(call, &charge)), status)
            }
            "find" => {
                let key = with.with_keys(&["key"])?.field("key")?.text()?;
                let found = host.runtime.block_on(provider.find(call, &key));
                Outcome::of(found, |found| found.map_or(Value::Null, status))
            }
            "confirm" => {
                let with = with.with_keys(&["key", "provider-id", "returned"])?;
                let (key, id) = (with.field("key")?.text()?, with.field("provider-id")?.text()?);
                let returned = with.optional_list("returned", At::texts)?;
                Outcome::of(host.runtime.block_on(provider.confirm(call, &key, &id, &returned)), status)
            }
            "refund" => {
                let with = with.with_keys(&["key", "provider-id", "amount"])?;
                let (key, id) = (with.field("key")?.text()?, with.field("provider-id")?.text()?);
                let amount = wire::payment::money(&with.field("amount")?)?;
                Outcome::of_payment(host.runtime.block_on(provider.refund(call, &key, &id, &amount)), status)
            }
            "receive" => {
                let webhook = wire::payment::webhook(&with.with_keys(&["webhook"])?.field("webhook")?)?;
                let updates = host.runtime.block_on(provider.receive(call, &webhook));
                Outcome::of(updates, |updates| updates.iter().map(wire::payment::update).collect())
            }
            _ => return Err(no_such(function, "`start`, `find`, `confirm`, `refund`, `receive`")),
        })
    }
}

fn no_such(function: &str, known: &str) -> Malformed {
    unknown(&format!("there is no function `{function}`; there are {known}"))
}

fn unknown(message: &str) -> Malformed {
    Malformed { pointer: "/call".to_owned(), message: message.to_owned() }
}

/// Whether an installation can have these settings.
fn check(host: &LocalHost, settings: &Settings) -> Result<(), SettingsInvalid> {
    let mut wrong = Vec::new();
    let mut note = |pointer: String, message: String| wrong.push(Malformed { pointer, message });
    for error in host.schema().validate_all(&settings.config) {
        note(format!("/config{}", error.pointer), error.message);
    }
    let names = secret_names(host.manifest());
    for name in settings.secrets.keys().filter(|name| !names.contains(name)) {
        let known = if names.is_empty() { "none".to_owned() } else { names.join("`, `") };
        note(format!("/secrets/{name}"), format!("the manifest has no secret `{name}`; it has `{known}`"));
    }
    let asked = host.manifest().permission_keys();
    for (index, key) in settings.grant.iter().flatten().enumerate().filter(|(_, key)| !asked.contains(key)) {
        let asked = asked.join("`, `");
        note(
            format!("/grant/{index}"),
            format!("the manifest does not ask for `{key}`; it asks for `{asked}`"),
        );
    }
    if !settings.kv.is_empty() && host.manifest().capabilities.kv.is_none() {
        note("/kv".to_owned(), "the manifest has no [capabilities.kv]".to_owned());
    }
    if wrong.is_empty() { Ok(()) } else { Err(SettingsInvalid(wrong)) }
}

fn secret_names(manifest: &Manifest) -> Vec<String> {
    let secrets = manifest.capabilities.secrets.iter();
    let names = secrets.flat_map(|(name, secret)| {
        let client_id = (secret.kind == SecretKind::Oauth2).then(|| format!("{name}{CLIENT_ID_SUFFIX}"));
        [name.clone()].into_iter().chain(client_id)
    });
    names.collect()
}
