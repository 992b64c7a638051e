//! A strict stand-in of the host, for the plugins' tests.
//!
//! It answers exactly the requests that a test announced, in their order, and
//! panics at any other; a request that was announced and never came fails the
//! test as well. Instead of a script a test may give it a platform, which sees
//! requests as they would leave, secrets joined. Its memory has revisions,
//! expiry and ceilings like the real one. For chat connectors, [`chat`] stands
//! in for the driver.

pub mod chat;
mod joined;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::{
    AuthenticatingHost, Broadcast, Content, Context, Entry, Error, Field, Host, Level, Platform, Problem,
    PureHost, Request, Response, Value,
};

pub use joined::{Joined, Secrets};

/// A platform that answers whatever comes.
type Answers = Box<dyn FnMut(&Joined) -> Result<Response, Error>>;

/// A host with a configuration, a clock, a memory, a log, secrets, and a platform that follows a script.
pub struct FakeHost {
    config: String,
    now_ms: Cell<u64>,
    secrets: Secrets,
    platform: RefCell<Option<Answers>>,
    script: RefCell<VecDeque<(Request, Result<Response, Error>)>>,
    memory: RefCell<BTreeMap<String, Stored>>,
    revisions: Cell<u64>,
    memory_fails: Cell<bool>,
    log: RefCell<Vec<(Level, String)>>,
    counts: RefCell<BTreeMap<String, u64>>,
}

impl fmt::Debug for FakeHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FakeHost").field("config", &self.config).finish_non_exhaustive()
    }
}

#[derive(Debug)]
struct Stored {
    entry: Entry,
    expires_ms: Option<u64>,
}

impl FakeHost {
    /// A host with this configuration, whose platform expects no request.
    pub fn new(config: &str) -> Self {
        Self {
            config: config.to_owned(),
            now_ms: Cell::new(1_760_000_000_000),
            secrets: Secrets::default(),
            platform: RefCell::default(),
            script: RefCell::default(),
            memory: RefCell::default(),
            revisions: Cell::new(0),
            memory_fails: Cell::new(false),
            log: RefCell::default(),
            counts: RefCell::default(),
        }
    }

    /// Sets a secret. The plugin only ever names it.
    #[must_use]
    pub fn with_secret(mut self, name: &str, value: &str) -> Self {
        self.secrets.set(name, value);
        self
    }

    /// A platform that answers requests which no test announced; it sees them with secrets joined.
    #[must_use]
    pub fn with_platform(self, platform: impl FnMut(&Joined) -> Result<Response, Error> + 'static) -> Self {
        *self.platform.borrow_mut() = Some(Box::new(platform));
        self
    }

    /// Announces a request and its outcome.
    #[must_use]
    pub fn expect(self, request: Request, outcome: Result<Response, Error>) -> Self {
        self.announce(request, outcome);
        self
    }

    /// [`FakeHost::expect`] later in a test.
    pub fn announce(&self, request: Request, outcome: Result<Response, Error>) {
        self.script.borrow_mut().push_back((request, outcome));
    }

    /// Lets the memory fail from now on.
    pub fn break_memory(&self) {
        self.memory_fails.set(true);
    }

    /// The tenant changes the settings.
    pub fn configure(&mut self, config: &str) {
        config.clone_into(&mut self.config);
    }

    /// Sets the clock.
    pub fn set_now(&self, now_ms: u64) {
        self.now_ms.set(now_ms);
    }

    /// Lets time pass.
    pub fn pass_seconds(&self, seconds: u64) {
        self.now_ms.set(self.now_ms.get() + seconds * 1000);
    }

    /// The circumstances of a call made now.
    pub fn context(&self) -> Context {
        Context {
            tenant: "tenant-1".to_owned(),
            installation: "installation-1".to_owned(),
            call_id: "call-1".to_owned(),
            trace_parent: String::new(),
            now: self.now_ms.get(),
            attempt: 1,
            deadline_ms: 10_000,
        }
    }

    /// What has been logged at `level`.
    pub fn logged(&self, level: Level) -> Vec<String> {
        let log = self.log.borrow();
        log.iter().filter(|(at, _)| *at == level).map(|(_, message)| message.clone()).collect()
    }

    /// How far the counter `metric` has come.
    pub fn counted(&self, metric: &str) -> u64 {
        self.counts.borrow().get(metric).copied().unwrap_or_default()
    }

    fn mac(&self, key: &str, data: &[u8]) -> Result<Hmac<Sha256>, Error> {
        let secret = self.secrets.get(key).ok_or_else(|| {
            Error::Denied(crate::problem("secret-denied", format!("there is no secret `{key}`")))
        })?;
        let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
        Ok(mac.chain_update(data))
    }

    /// The revision of `key` in the memory.
    pub fn revision(&self, key: &str) -> Option<u64> {
        self.memory.borrow().get(key).map(|stored| stored.entry.revision)
    }

    /// Puts `value` into the memory, as an earlier call would have.
    pub fn remember(&self, key: &str, value: &[u8]) {
        let revision = self.next_revision();
        let entry = Entry { value: value.to_vec(), revision };
        self.memory.borrow_mut().insert(key.to_owned(), Stored { entry, expires_ms: None });
    }

    fn next_revision(&self) -> u64 {
        self.revisions.set(self.revisions.get() + 1);
        self.revisions.get()
    }

    fn drop_expired(&self) {
        let now = self.now_ms.get();
        self.memory.borrow_mut().retain(|_, stored| stored.expires_ms.is_none_or(|at| at > now));
    }

    fn memory_failure(&self) -> Result<(), Error> {
        if !self.memory_fails.get() {
            return Ok(());
        }
        Err(Error::Other(Problem {
            code: "quota".to_owned(),
            message: "the memory is full".to_owned(),
            retry_after_ms: None,
        }))
    }
}

impl PureHost for FakeHost {
    fn config(&self) -> String {
        self.config.clone()
    }

    fn log(&self, level: Level, message: &str, fields: &[(&str, &str)]) {
        let texts = fields.iter().flat_map(|(name, value)| [*name, *value]).chain([message]);
        for text in texts {
            assert!(!text.chars().any(char::is_control), "a control character in the log: {text:?}");
        }
        self.log.borrow_mut().push((level, message.to_owned()));
    }

    fn count(&self, metric: &str, delta: u64) {
        let is_kebab = metric.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        assert!(is_kebab && metric.len() <= 64, "no name of a metric: {metric:?}");
        let mut counts = self.counts.borrow_mut();
        *counts.entry(metric.to_owned()).or_default() += delta;
        assert!(counts.len() <= 16, "more than 16 metrics");
    }
}

impl AuthenticatingHost for FakeHost {
    fn verify_hmac_sha256(&self, key: &str, data: &[u8], tag: &[u8]) -> Result<bool, Error> {
        Ok(self.mac(key, data)?.verify_slice(tag).is_ok())
    }

    fn hmac_sha256(&self, key: &str, data: &[u8]) -> Result<Vec<u8>, Error> {
        Ok(self.mac(key, data)?.finalize().into_bytes().to_vec())
    }
}

impl Host for FakeHost {
    fn send(&self, request: &Request) -> Result<Response, Error> {
        let next = self.script.borrow_mut().pop_front();
        if next.is_none()
            && let Some(platform) = self.platform.borrow_mut().as_mut()
        {
            return platform(&Joined::of_request(request, &self.secrets));
        }
        let (expected, outcome) = next.unwrap_or_else(|| panic!("not announced: {request:?}"));
        assert_eq!(*request, expected, "another request than announced");
        outcome
    }

    fn kv_get(&self, key: &str) -> Result<Option<Entry>, Error> {
        self.memory_failure()?;
        self.drop_expired();
        Ok(self.memory.borrow().get(key).map(|stored| stored.entry.clone()))
    }

    fn kv_put(
        &self,
        key: &str,
        value: &[u8],
        expected: Option<u64>,
        ttl_s: Option<u32>,
    ) -> Result<Option<u64>, Error> {
        self.memory_failure()?;
        assert!(key.len() <= 256, "the key has {} bytes", key.len());
        assert!(value.len() <= 64 * 1024, "the value has {} bytes", value.len());
        self.drop_expired();
        if self.revision(key) != expected {
            return Ok(None);
        }
        let revision = self.next_revision();
        let entry = Entry { value: value.to_vec(), revision };
        let expires_ms = ttl_s.map(|ttl| self.now_ms.get() + u64::from(ttl) * 1000);
        self.memory.borrow_mut().insert(key.to_owned(), Stored { entry, expires_ms });
        Ok(Some(revision))
    }

    fn kv_delete(&self, key: &str, expected: u64) -> Result<bool, Error> {
        self.memory_failure()?;
        self.drop_expired();
        let is_same = self.revision(key) == Some(expected);
        if is_same {
            self.memory.borrow_mut().remove(key);
        }
        Ok(is_same)
    }
}

impl Drop for FakeHost {
    fn drop(&mut self) {
        let left = self.script.borrow().len();
        assert!(left == 0 || std::thread::panicking(), "{left} announced requests were never made");
    }
}

/// A GET request with these headers and nothing else.
pub fn get(url: &str, headers: &[(&str, &str)]) -> Request {
    let field = |(name, value): &(&str, &str)| Field {
        name: (*name).to_owned(),
        value: Value::Plain((*value).to_owned()),
    };
    Request {
        method: "GET".to_owned(),
        url: url.to_owned(),
        query: Vec::new(),
        headers: headers.iter().map(field).collect(),
        body: Content::Empty,
        timeout_ms: 3000,
    }
}

/// A response with this status, these headers and this body.
pub fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Result<Response, Error> {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Ok(Response { status, headers, body: body.as_bytes().to_vec() })
}

/// A failure to reach the platform.
pub fn unreachable() -> Result<Response, Error> {
    Err(crate::unavailable("timed-out", "the platform did not answer within 3000 ms"))
}

/// A broadcast.
pub fn broadcast() -> Broadcast {
    Broadcast {
        id: "broadcast-1".to_owned(),
        title: "First light".to_owned(),
        visibility: "public".to_owned(),
    }
}

/// The configuration that the first example of every property of a schema makes.
pub fn config_of_examples(schema: &str) -> String {
    let schema: serde_json::Value = serde_json::from_str(schema).expect("the schema is JSON");
    let properties = schema["properties"].as_object().expect("the schema has properties");
    let example = |(name, property): (&String, &serde_json::Value)| {
        let example = property["examples"].get(0).expect("every property has an example");
        (name.clone(), example.clone())
    };
    serde_json::Value::Object(properties.iter().map(example).collect()).to_string()
}

/// Makes sure that a manifest lets out to all of the platform's hosts, and to no others.
pub fn assert_same_hosts(manifest: &str, platform: Platform) {
    let schemes = ["\"rtmps://", "\"rtmp://"];
    let named: Vec<_> = schemes
        .into_iter()
        .flat_map(|scheme| manifest.split(scheme).skip(1))
        .filter_map(|rest| rest.split('"').next())
        .collect();
    for host in platform.hosts {
        assert!(named.contains(host), "{host} is not in the manifest");
    }
    for host in named {
        assert!(platform.hosts.contains(&host), "{host} is only in the manifest");
    }
}

/// Code and message of an error.
pub fn problem(error: &Error) -> &Problem {
    match error {
        Error::Denied(problem)
        | Error::InvalidConfig(problem)
        | Error::Unauthorized(problem)
        | Error::RateLimited(problem)
        | Error::Unavailable(problem)
        | Error::Other(problem) => problem,
    }
}
