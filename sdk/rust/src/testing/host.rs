//! The host itself.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::joined::Secrets;
use super::memory::Memory;
use super::{Joined, difference, schema};
use crate::{AuthenticatingHost, Context, Entry, Error, Host, Level, PureHost, Request, Response};

/// 2025-10-09T08:53:20Z, the moment at which `neustream-plugin test` begins, too.
const NOW_MS: u64 = 1_760_000_000_000;

/// A platform that answers whatever comes.
type Answers = Box<dyn FnMut(&Joined) -> Result<Response, Error>>;

/// A host with a configuration, a clock, a memory, a log, secrets, and a platform that follows a script.
///
/// ```
/// use neustream_plugin::json::json;
/// use neustream_plugin::testing::{FakeHost, answer};
/// use neustream_plugin::{Host, Level, PureHost, Request};
///
/// let request = Request::get("https://api.example/v1/channel").bearer("account");
/// let host = FakeHost::new(json!({"channel": "ronni"}))
///     .expect(request.clone(), answer(200, &[], json!({"live": true})));
///
/// assert_eq!(host.config(), r#"{"channel":"ronni"}"#);
/// assert_eq!(host.send(&request)?.status, 200);
///
/// host.log(Level::Info, "asked", &[]);
/// assert_eq!(host.logged(Level::Info), ["asked"]);
/// # Ok::<(), neustream_plugin::Error>(())
/// ```
///
/// # Panics
/// At a request that differs from the announced one or was not announced; when it is dropped with announced requests
/// that were never made; at anything that the real host refuses whatever the manifest says.
pub struct FakeHost {
    config: String,
    /// Null where nobody gave one.
    schema: serde_json::Value,
    now_ms: Cell<u64>,
    secrets: Secrets,
    platform: RefCell<Option<Answers>>,
    script: RefCell<VecDeque<(Request, Result<Response, Error>)>>,
    memory: RefCell<Memory>,
    log: RefCell<Vec<(Level, String)>>,
    counts: RefCell<BTreeMap<String, u64>>,
}

impl fmt::Debug for FakeHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FakeHost").field("config", &self.config).finish_non_exhaustive()
    }
}

impl FakeHost {
    /// A host with this configuration, as text or `json!`, whose platform expects no request.
    ///
    /// ```
    /// use neustream_plugin::json::json;
    /// use neustream_plugin::testing::FakeHost;
    ///
    /// let host = FakeHost::new("{}");
    /// let host = FakeHost::new(json!({"words": ["darn"]}));
    /// ```
    #[allow(clippy::needless_pass_by_value, reason = "`json!` is given by value")]
    pub fn new(config: impl ToString) -> Self {
        Self {
            config: config.to_string(),
            schema: serde_json::Value::Null,
            now_ms: Cell::new(NOW_MS),
            secrets: Secrets::default(),
            platform: RefCell::default(),
            script: RefCell::default(),
            memory: RefCell::default(),
            log: RefCell::default(),
            counts: RefCell::default(),
        }
    }

    /// Holds the configuration to the plugin's schema, now and at every [`configure`](Self::configure): the host would give
    /// no other. Looks at types, required and further properties, items, enumerations and bounds; `neustream-plugin test`
    /// looks at everything.
    ///
    /// # Panics
    /// When it does not fit, with the JSON pointer of what is wrong.
    ///
    /// ```should_panic
    /// use neustream_plugin::testing::FakeHost;
    ///
    /// // In a plugin: include_str!("../config.schema.json").
    /// let schema = r#"{"properties": {"words": {"type": "array"}}}"#;
    /// // Panics with: the configuration does not fit its schema: /words: must be of type "array", is "darn"
    /// FakeHost::new(r#"{"words": "darn"}"#).with_schema(schema);
    /// ```
    #[must_use]
    pub fn with_schema(mut self, schema: &str) -> Self {
        self.schema = serde_json::from_str(schema).expect("the schema is JSON");
        self.check_config();
        self
    }

    fn check_config(&self) {
        if self.schema.is_null() {
            return;
        }
        let config = serde_json::from_str(&self.config).expect("the configuration is JSON");
        if let Some(misfit) = schema::misfit(&self.schema, &config, "") {
            panic!("the configuration does not fit its schema: {misfit}");
        }
    }

    /// Sets a secret, for signatures and for [`with_platform`](Self::with_platform). The plugin only ever names it.
    ///
    /// ```
    /// use neustream_plugin::AuthenticatingHost;
    /// use neustream_plugin::testing::FakeHost;
    ///
    /// let host = FakeHost::new("{}").with_secret("webhook-secret", "whsec_1");
    /// assert_eq!(host.hmac_sha256("webhook-secret", b"body")?.len(), 32);
    /// # Ok::<(), neustream_plugin::Error>(())
    /// ```
    #[must_use]
    pub fn with_secret(mut self, name: &str, value: &str) -> Self {
        self.secrets.set(name, value);
        self
    }

    /// A platform that answers requests which no test announced; it sees them with secrets joined. A request with a secret
    /// that is not set fails with `secret-missing`, as at the real host.
    ///
    /// ```
    /// use neustream_plugin::testing::{FakeHost, answer};
    /// use neustream_plugin::{Host, Request};
    ///
    /// let host = FakeHost::new("{}").with_secret("account", "t0ken").with_platform(|request| {
    ///     assert_eq!(request.header("authorization"), Some("Bearer t0ken"));
    ///     answer(200, &[], "{}")
    /// });
    /// host.send(&Request::get("https://api.example/v1/channel").bearer("account"))?;
    /// # Ok::<(), neustream_plugin::Error>(())
    /// ```
    #[must_use]
    pub fn with_platform(self, platform: impl FnMut(&Joined) -> Result<Response, Error> + 'static) -> Self {
        *self.platform.borrow_mut() = Some(Box::new(platform));
        self
    }

    /// Announces a request and its outcome. Requests come in the order in which they were announced.
    ///
    /// ```
    /// use neustream_plugin::testing::{FakeHost, answer};
    /// use neustream_plugin::{Host, Request};
    ///
    /// let request = Request::get("https://api.example/v1/channel");
    /// let host = FakeHost::new("{}").expect(request.clone(), answer(503, &[], ""));
    /// assert_eq!(host.send(&request)?.status, 503);
    /// # Ok::<(), neustream_plugin::Error>(())
    /// ```
    #[must_use]
    pub fn expect(self, request: Request, outcome: Result<Response, Error>) -> Self {
        self.announce(request, outcome);
        self
    }

    /// [`FakeHost::expect`] later in a test.
    ///
    /// ```
    /// use neustream_plugin::testing::{FakeHost, answer};
    /// use neustream_plugin::{Host, Request};
    ///
    /// let host = FakeHost::new("{}");
    /// let request = Request::get("https://api.example/v1/channel");
    /// host.announce(request.clone(), answer(200, &[], ""));
    /// host.send(&request)?;
    /// # Ok::<(), neustream_plugin::Error>(())
    /// ```
    pub fn announce(&self, request: Request, outcome: Result<Response, Error>) {
        self.script.borrow_mut().push_back((request, outcome));
    }

    /// Lets the memory fail with `quota` from now on.
    ///
    /// ```
    /// use neustream_plugin::Host;
    /// use neustream_plugin::testing::FakeHost;
    ///
    /// let host = FakeHost::new("{}");
    /// host.break_memory();
    /// assert_eq!(host.kv_get("key").unwrap_err().code(), "quota");
    /// ```
    pub fn break_memory(&self) {
        self.memory.borrow_mut().is_full = true;
    }

    /// The tenant changes the settings.
    ///
    /// ```
    /// use neustream_plugin::PureHost;
    /// use neustream_plugin::testing::FakeHost;
    ///
    /// let mut host = FakeHost::new("{}");
    /// host.configure(r#"{"words": []}"#);
    /// assert_eq!(host.config(), r#"{"words": []}"#);
    /// ```
    #[allow(clippy::needless_pass_by_value, reason = "`json!` is given by value")]
    pub fn configure(&mut self, config: impl ToString) {
        self.config = config.to_string();
        self.check_config();
    }

    /// Sets the clock, in milliseconds since the Unix epoch. It begins at 1760000000000 and never moves by itself.
    ///
    /// ```
    /// use neustream_plugin::testing::FakeHost;
    ///
    /// let host = FakeHost::new("{}");
    /// host.set_now(1_800_000_000_000);
    /// assert_eq!(host.context().now, 1_800_000_000_000);
    /// ```
    pub fn set_now(&self, now_ms: u64) {
        self.now_ms.set(now_ms);
    }

    /// Lets time pass.
    ///
    /// ```
    /// use neustream_plugin::testing::FakeHost;
    ///
    /// let host = FakeHost::new("{}");
    /// host.pass_seconds(60);
    /// assert_eq!(host.context().now, 1_760_000_060_000);
    /// ```
    pub fn pass_seconds(&self, seconds: u64) {
        self.now_ms.set(self.now_ms.get() + seconds * 1000);
    }

    /// The circumstances of a call made now.
    ///
    /// ```
    /// use neustream_plugin::Context;
    /// use neustream_plugin::testing::FakeHost;
    ///
    /// let host = FakeHost::new("{}");
    /// let second_attempt = Context { attempt: 2, ..host.context() };
    /// ```
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
    ///
    /// ```
    /// use neustream_plugin::testing::FakeHost;
    /// use neustream_plugin::{Level, PureHost};
    ///
    /// let host = FakeHost::new("{}");
    /// host.log(Level::Warn, "an old list is used", &[("code", "timed-out")]);
    /// assert_eq!(host.logged(Level::Warn), ["an old list is used"]);
    /// ```
    pub fn logged(&self, level: Level) -> Vec<String> {
        let log = self.log.borrow();
        log.iter().filter(|(at, _)| *at == level).map(|(_, message)| message.clone()).collect()
    }

    /// How far the counter `metric` has come.
    ///
    /// ```
    /// use neustream_plugin::PureHost;
    /// use neustream_plugin::testing::FakeHost;
    ///
    /// let host = FakeHost::new("{}");
    /// host.count("joins", 2);
    /// assert_eq!(host.counted("joins"), 2);
    /// ```
    pub fn counted(&self, metric: &str) -> u64 {
        self.counts.borrow().get(metric).copied().unwrap_or_default()
    }

    /// The revision of `key` in the memory.
    ///
    /// ```
    /// use neustream_plugin::Host;
    /// use neustream_plugin::testing::FakeHost;
    ///
    /// let host = FakeHost::new("{}");
    /// assert_eq!(host.revision("key"), None);
    /// let revision = host.kv_put("key", b"value", None, None)?;
    /// assert_eq!(host.revision("key"), revision);
    /// # Ok::<(), neustream_plugin::Error>(())
    /// ```
    pub fn revision(&self, key: &str) -> Option<u64> {
        self.memory.borrow_mut().get(key, self.now_ms.get()).map(|entry| entry.revision)
    }

    /// Puts `value` into the memory, as an earlier call would have.
    ///
    /// ```
    /// use neustream_plugin::Host;
    /// use neustream_plugin::testing::FakeHost;
    ///
    /// let host = FakeHost::new("{}");
    /// host.remember("broadcast-1", b"7");
    /// assert_eq!(host.kv_get("broadcast-1")?.unwrap().value, b"7");
    /// # Ok::<(), neustream_plugin::Error>(())
    /// ```
    pub fn remember(&self, key: &str, value: &[u8]) {
        self.memory.borrow_mut().store(key, value, None);
    }

    fn mac(&self, key: &str, data: &[u8]) -> Result<Hmac<Sha256>, Error> {
        let secret = self.secrets.get(key)?;
        let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
        Ok(mac.chain_update(data))
    }

    fn memory_failure(&self) -> Result<(), Error> {
        if self.memory.borrow().is_full {
            return Err(Error::other("quota", "the memory is full"));
        }
        Ok(())
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
        assert!(
            is_kebab && metric.len() <= 64,
            "a metric's name is kebab-case, at most 64 bytes: {metric:?}"
        );
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
            return platform(&Joined::of_request(request, &self.secrets)?);
        }
        let Some((expected, outcome)) = next else {
            panic!("a request that the test did not announce (FakeHost::expect): {request:#?}");
        };
        let difference = difference::between(&expected, request);
        assert!(difference.is_empty(), "another request than announced:{difference}");
        outcome
    }

    fn kv_get(&self, key: &str) -> Result<Option<Entry>, Error> {
        self.memory_failure()?;
        Ok(self.memory.borrow_mut().get(key, self.now_ms.get()))
    }

    fn kv_put(
        &self,
        key: &str,
        value: &[u8],
        expected: Option<u64>,
        ttl_s: Option<u32>,
    ) -> Result<Option<u64>, Error> {
        self.memory_failure()?;
        let now_ms = self.now_ms.get();
        let expires_ms = ttl_s.map(|ttl| now_ms + u64::from(ttl) * 1000);
        self.memory.borrow_mut().put(key, value, expected, expires_ms, now_ms)
    }

    fn kv_delete(&self, key: &str, expected: u64) -> Result<bool, Error> {
        self.memory_failure()?;
        Ok(self.memory.borrow_mut().delete(key, expected, self.now_ms.get()))
    }
}

impl Drop for FakeHost {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let script = self.script.borrow();
        let left: Vec<_> =
            script.iter().map(|(request, _)| format!("{} {}", request.method, request.url)).collect();
        assert!(left.is_empty(), "announced and never made: {}", left.join(", "));
    }
}
