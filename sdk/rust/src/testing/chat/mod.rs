//! A stand-in of the chat driver: it keeps connections, timers and the state of one connector, holds every step
//! to the interface's ceilings, and never lets time pass by itself.
//!
//! A test plays the platform: it takes what would have left (secrets joined)
//! and hands in what the platform answers. Every call is made twice, and both
//! steps must agree: the host repeats events until a step has committed.

mod parrot;

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::marker::PhantomData;

use super::joined::Secrets;
use super::{FakeHost, Joined};
use crate::chat::{
    Answer, ChatConnector, Closing, Connection, Effect, Endpoint, Event, Frame, MAX_STATE_BYTES, Message,
    Outgoing, Payload, Response, Step, Transport, is_id,
};
use crate::{Context, Error, Problem};

#[doc(hidden)]
pub use parrot::Parrot;

/// Ceilings of the interface.
const MAX_CONNECTIONS: usize = 8;
const MAX_ALARMS: usize = 16;
const MAX_REQUESTS_UNDER_WAY: usize = 4;
const MAX_REQUEST_BYTES: usize = 64 * 1024;
const MIN_INTERVAL_MS: u32 = 500;
const MAX_EFFECTS: usize = 1000;
const MAX_ROLES: usize = 16;
const MAX_EXTRAS: usize = 64;

/// What the connector told the host, in order; frames and requests stand in queues of their own.
///
/// ```
/// use neustream_plugin::testing::chat::{Driver, Parrot};
///
/// let mut driver = Driver::<Parrot>::open("{}", &[("token", "t0ken")])?;
/// use neustream_plugin::testing::chat::Told;
///
/// driver.send("o-1", "hello", None);
/// driver.answered("o-1", Err(neustream_plugin::Problem::new("timed-out", "no answer")));
/// assert_eq!(driver.take_told(), [Told::Failed("o-1".to_owned(), "unconfirmed".to_owned())]);
/// # Ok::<(), neustream_plugin::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// A message was written on the platform.
    Published(Message),
    /// A message was removed there.
    Retracted(String),
    /// An outgoing message was written.
    Sent(String),
    /// An outgoing message was not written: its id, and the code why.
    Failed(String, String),
    /// How the connector is doing: the code, none for well.
    Status(Option<String>),
}

/// The driver of the connector `C`. The [module of the kind](crate::chat) has a whole example; those of the methods drive
/// a connector that greets on its socket `chat`, asks `news` every two seconds and writes by a request.
///
/// ```
/// use neustream_plugin::testing::chat::{Driver, Parrot};
///
/// let mut driver = Driver::<Parrot>::open("{}", &[("token", "t0ken")])?;
/// use neustream_plugin::testing::chat::Told;
///
/// driver.opened("chat");
/// assert_eq!(driver.next_transmitted(), Some(("chat".to_owned(), "LOGIN t0ken".to_owned())));
/// driver.received("chat", "m-1 hello");
/// assert!(matches!(&driver.take_told()[..], [Told::Published(message)] if message.text == "hello"));
/// # Ok::<(), neustream_plugin::Error>(())
/// ```
pub struct Driver<C> {
    connector: PhantomData<C>,
    host: FakeHost,
    secrets: Secrets,
    state: Vec<u8>,
    connections: BTreeMap<String, Kept>,
    alarms: BTreeMap<String, u64>,
    requests: BTreeMap<String, Joined>,
    transmitted: VecDeque<(String, String)>,
    told: Vec<Told>,
    last_problem: Option<Problem>,
}

impl<C> fmt::Debug for Driver<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driver")
            .field("connections", &self.connections)
            .field("told", &self.told)
            .finish_non_exhaustive()
    }
}

#[derive(Debug)]
struct Kept {
    transport: Transport,
    is_open: bool,
    /// For a poll: when the next question is due.
    due_ms: u64,
}

impl<C: ChatConnector> Driver<C> {
    /// A driver that has called `open` of the connector `C`.
    ///
    /// ```
    /// use neustream_plugin::testing::chat::{Driver, Parrot};
    ///
    /// let driver = Driver::<Parrot>::open("{}", &[("token", "t0ken")])?;
    /// assert_eq!(driver.connections(), ["chat", "news"]);
    /// # Ok::<(), neustream_plugin::Error>(())
    /// ```
    pub fn open(config: &str, secrets: &[(&str, &str)]) -> Result<Self, Error> {
        let mut driver = Self {
            connector: PhantomData,
            host: FakeHost::new(config),
            secrets: Secrets::default(),
            state: Vec::new(),
            connections: BTreeMap::new(),
            alarms: BTreeMap::new(),
            requests: BTreeMap::new(),
            transmitted: VecDeque::new(),
            told: Vec::new(),
            last_problem: None,
        };
        for (name, value) in secrets {
            driver.secrets.set(name, value);
        }
        let ctx = driver.context();
        let step = C::open(&driver.host, &ctx)?;
        assert_eq!(C::open(&driver.host, &ctx), Ok(step.clone()), "opening twice must agree");
        driver.commit(step);
        Ok(driver)
    }

    /// Hands in events, in one call.
    ///
    /// ```
    /// use neustream_plugin::testing::chat::{Driver, Parrot};
    ///
    /// let mut driver = Driver::<Parrot>::open("{}", &[("token", "t0ken")])?;
    /// use neustream_plugin::chat::Event;
    ///
    /// // The host gives several events to one call when they come close together.
    /// driver.handle(vec![Event::Remove("m-1".to_owned()), Event::Remove("m-2".to_owned())])?;
    /// assert_eq!(driver.take_told().len(), 2);
    /// # Ok::<(), neustream_plugin::Error>(())
    /// ```
    pub fn handle(&mut self, events: Vec<Event>) -> Result<(), Error> {
        let ctx = self.context();
        let step = C::handle(&self.host, &ctx, &self.state, events.clone())?;
        let again = C::handle(&self.host, &ctx, &self.state, events);
        assert_eq!(again, Ok(step.clone()), "the same events must give the same step");
        self.commit(step);
        Ok(())
    }

    /// The connection `id` is open now.
    ///
    /// ```
    /// use neustream_plugin::testing::chat::{Driver, Parrot};
    ///
    /// let mut driver = Driver::<Parrot>::open("{}", &[("token", "t0ken")])?;
    /// driver.opened("chat");
    /// assert_eq!(driver.next_transmitted(), Some(("chat".to_owned(), "LOGIN t0ken".to_owned())));
    /// # Ok::<(), neustream_plugin::Error>(())
    /// ```
    pub fn opened(&mut self, id: &str) {
        let kept = self.connections.get_mut(id).unwrap_or_else(|| panic!("`{id}` is not kept"));
        kept.is_open = true;
        self.must_handle(vec![Event::Opened(id.to_owned())]);
    }

    /// The connection `id` is gone.
    ///
    /// ```
    /// use neustream_plugin::testing::chat::{Driver, Parrot};
    ///
    /// let mut driver = Driver::<Parrot>::open("{}", &[("token", "t0ken")])?;
    /// driver.opened("chat");
    /// driver.closed("chat");
    /// assert_eq!(driver.last_problem().unwrap().code, "closed");
    /// # Ok::<(), neustream_plugin::Error>(())
    /// ```
    pub fn closed(&mut self, id: &str) {
        let kept = self.connections.get_mut(id).unwrap_or_else(|| panic!("`{id}` is not kept"));
        kept.is_open = false;
        let problem = Problem::new("closed", "the server closed the connection");
        self.must_handle(vec![Event::Closed(Closing { connection: id.to_owned(), problem })]);
    }

    /// A text came over the connection `id`.
    ///
    /// ```
    /// use neustream_plugin::testing::chat::{Driver, Parrot};
    ///
    /// let mut driver = Driver::<Parrot>::open("{}", &[("token", "t0ken")])?;
    /// driver.received("chat", "m-1 hello");
    /// assert_eq!(driver.take_told().len(), 1);
    /// # Ok::<(), neustream_plugin::Error>(())
    /// ```
    pub fn received(&mut self, id: &str, text: &str) {
        self.must_handle(vec![frame(id, text)]);
    }

    /// The tenant writes a message.
    ///
    /// ```
    /// use neustream_plugin::testing::chat::{Driver, Parrot};
    ///
    /// let mut driver = Driver::<Parrot>::open("{}", &[("token", "t0ken")])?;
    /// driver.send("o-1", "hello", None);
    /// assert_eq!(driver.requests()["o-1"].body, br#"{"text":"hello"}"#);
    /// # Ok::<(), neustream_plugin::Error>(())
    /// ```
    pub fn send(&mut self, id: &str, text: &str, reply_to: Option<&str>) {
        let outgoing =
            Outgoing { id: id.to_owned(), text: text.to_owned(), reply_to: reply_to.map(str::to_owned) };
        self.must_handle(vec![Event::Send(outgoing)]);
    }

    /// A request, or the poll of a connection, is answered.
    ///
    /// ```
    /// use neustream_plugin::testing::chat::{Driver, Parrot};
    ///
    /// let mut driver = Driver::<Parrot>::open("{}", &[("token", "t0ken")])?;
    /// use neustream_plugin::testing::chat::{Told, response};
    ///
    /// driver.send("o-1", "hello", None);
    /// driver.answered("o-1", response(200, &[], ""));
    /// assert_eq!(driver.take_told(), [Told::Sent("o-1".to_owned())]);
    /// driver.answered("news", response(200, &[], "[]"));
    /// # Ok::<(), neustream_plugin::Error>(())
    /// ```
    pub fn answered(&mut self, id: &str, outcome: Result<Response, Problem>) {
        let is_request = self.requests.remove(id).is_some();
        let now = self.now();
        if let Some(kept) = self.connections.get_mut(id).filter(|_| !is_request) {
            let Transport::Poll(endpoint) = &kept.transport else { panic!("`{id}` is no poll") };
            kept.due_ms = now + u64::from(endpoint.interval_ms);
        } else {
            assert!(is_request, "nothing called `{id}` was asked");
        }
        self.must_handle(vec![Event::Answered(Answer { id: id.to_owned(), outcome })]);
    }

    fn must_handle(&mut self, events: Vec<Event>) {
        let told = format!("{events:?}");
        self.handle(events).unwrap_or_else(|error| panic!("{told}: {error:?}"));
    }

    /// Lets time pass, timers ringing when they are due.
    ///
    /// ```
    /// use neustream_plugin::testing::chat::{Driver, Parrot};
    ///
    /// let mut driver = Driver::<Parrot>::open("{}", &[("token", "t0ken")])?;
    /// let before = driver.now();
    /// driver.pass_ms(60_000);
    /// assert_eq!(driver.now(), before + 60_000);
    /// # Ok::<(), neustream_plugin::Error>(())
    /// ```
    pub fn pass_ms(&mut self, ms: u64) {
        let end = self.now() + ms;
        loop {
            let next = self.alarms.iter().min_by_key(|(_, at)| **at);
            let next = next.map(|(name, at)| (name.clone(), *at)).filter(|(_, at)| *at <= end);
            let Some((name, at)) = next else { break };
            self.alarms.remove(&name);
            self.host.set_now(at.max(self.now()));
            self.must_handle(vec![Event::Timer(name)]);
        }
        self.host.set_now(end);
    }

    /// Milliseconds since the Unix epoch.
    ///
    /// ```
    /// use neustream_plugin::testing::chat::{Driver, Parrot};
    ///
    /// let driver = Driver::<Parrot>::open("{}", &[("token", "t0ken")])?;
    /// assert_eq!(driver.now(), 1_760_000_000_000);
    /// # Ok::<(), neustream_plugin::Error>(())
    /// ```
    pub fn now(&self) -> u64 {
        self.host.context().now
    }

    /// The circumstances of a call made now.
    ///
    /// ```
    /// use neustream_plugin::testing::chat::{Driver, Parrot};
    ///
    /// let driver = Driver::<Parrot>::open("{}", &[("token", "t0ken")])?;
    /// assert_eq!(driver.context().attempt, 1);
    /// # Ok::<(), neustream_plugin::Error>(())
    /// ```
    pub fn context(&self) -> Context {
        self.host.context()
    }

    /// The committed state.
    ///
    /// ```
    /// use neustream_plugin::testing::chat::{Driver, Parrot};
    ///
    /// let mut driver = Driver::<Parrot>::open("{}", &[("token", "t0ken")])?;
    /// driver.received("chat", "m-1 hello");
    /// assert_eq!(driver.state(), [2]);
    /// # Ok::<(), neustream_plugin::Error>(())
    /// ```
    pub fn state(&self) -> &[u8] {
        &self.state
    }

    /// The host, whose log a test may read.
    ///
    /// ```
    /// use neustream_plugin::testing::chat::{Driver, Parrot};
    ///
    /// let driver = Driver::<Parrot>::open("{}", &[("token", "t0ken")])?;
    /// use neustream_plugin::Level;
    ///
    /// assert!(driver.host().logged(Level::Warn).is_empty());
    /// # Ok::<(), neustream_plugin::Error>(())
    /// ```
    pub fn host(&self) -> &FakeHost {
        &self.host
    }

    /// The text that left next: its connection and the text, secrets joined.
    ///
    /// ```
    /// use neustream_plugin::testing::chat::{Driver, Parrot};
    ///
    /// let mut driver = Driver::<Parrot>::open("{}", &[("token", "t0ken")])?;
    /// assert_eq!(driver.next_transmitted(), None);
    /// # Ok::<(), neustream_plugin::Error>(())
    /// ```
    pub fn next_transmitted(&mut self) -> Option<(String, String)> {
        self.transmitted.pop_front()
    }

    /// What was told since the last time.
    ///
    /// ```
    /// use neustream_plugin::testing::chat::{Driver, Parrot};
    ///
    /// let mut driver = Driver::<Parrot>::open("{}", &[("token", "t0ken")])?;
    /// use neustream_plugin::chat::Message;
    /// use neustream_plugin::testing::chat::Told;
    ///
    /// driver.received("chat", "m-1 hello");
    /// assert_eq!(driver.take_told(), [Told::Published(Message::new("m-1", "parrot", "hello"))]);
    /// assert_eq!(driver.take_told(), []);
    /// # Ok::<(), neustream_plugin::Error>(())
    /// ```
    pub fn take_told(&mut self) -> Vec<Told> {
        std::mem::take(&mut self.told)
    }

    /// The last status's problem.
    ///
    /// ```
    /// use neustream_plugin::testing::chat::{Driver, Parrot};
    ///
    /// let driver = Driver::<Parrot>::open("{}", &[("token", "t0ken")])?;
    /// assert_eq!(driver.last_problem(), None);
    /// # Ok::<(), neustream_plugin::Error>(())
    /// ```
    pub fn last_problem(&self) -> Option<&Problem> {
        self.last_problem.as_ref()
    }

    /// Requests under way, by the connector's names.
    ///
    /// ```
    /// use neustream_plugin::testing::chat::{Driver, Parrot};
    ///
    /// let mut driver = Driver::<Parrot>::open("{}", &[("token", "t0ken")])?;
    /// driver.send("o-1", "hello", None);
    /// assert_eq!(driver.requests()["o-1"].header("authorization"), Some("Bearer t0ken"));
    /// # Ok::<(), neustream_plugin::Error>(())
    /// ```
    pub fn requests(&self) -> &BTreeMap<String, Joined> {
        &self.requests
    }

    /// The names of the connections that are kept.
    ///
    /// ```
    /// use neustream_plugin::testing::chat::{Driver, Parrot};
    ///
    /// let driver = Driver::<Parrot>::open("{}", &[("token", "t0ken")])?;
    /// assert_eq!(driver.connections(), ["chat", "news"]);
    /// # Ok::<(), neustream_plugin::Error>(())
    /// ```
    pub fn connections(&self) -> Vec<&str> {
        self.connections.keys().map(String::as_str).collect()
    }

    /// The place of a connection.
    ///
    /// ```
    /// use neustream_plugin::testing::chat::{Driver, Parrot};
    ///
    /// let driver = Driver::<Parrot>::open("{}", &[("token", "t0ken")])?;
    /// assert_eq!(driver.endpoint("chat").unwrap().url, "wss://chat.example/socket");
    /// # Ok::<(), neustream_plugin::Error>(())
    /// ```
    pub fn endpoint(&self, id: &str) -> Option<&Endpoint> {
        match &self.connections.get(id)?.transport {
            Transport::Websocket(endpoint) | Transport::Line(endpoint) | Transport::Poll(endpoint) => {
                Some(endpoint)
            }
            Transport::Webhook(_) => None,
        }
    }

    /// The question that the poll `id` asks next, and when.
    ///
    /// ```
    /// use neustream_plugin::testing::chat::{Driver, Parrot};
    ///
    /// let mut driver = Driver::<Parrot>::open("{}", &[("token", "t0ken")])?;
    /// use neustream_plugin::testing::chat::response;
    ///
    /// let (due_ms, question) = driver.poll("news").unwrap();
    /// assert_eq!((due_ms, question.method.as_str()), (driver.now(), "GET"));
    /// driver.answered("news", response(200, &[], "[]"));
    /// assert_eq!(driver.poll("news").unwrap().0, driver.now() + 2000);
    /// # Ok::<(), neustream_plugin::Error>(())
    /// ```
    pub fn poll(&self, id: &str) -> Option<(u64, Joined)> {
        let kept = self.connections.get(id)?;
        match &kept.transport {
            Transport::Poll(endpoint) => {
                Some((kept.due_ms, joined(Joined::of_poll(endpoint, &self.secrets))))
            }
            _ => None,
        }
    }

    /// The tenant changes the settings.
    ///
    /// ```
    /// use neustream_plugin::testing::chat::{Driver, Parrot};
    ///
    /// let mut driver = Driver::<Parrot>::open("{}", &[("token", "t0ken")])?;
    /// driver.configure(r#"{"channel": "ronni"}"#);
    /// # Ok::<(), neustream_plugin::Error>(())
    /// ```
    pub fn configure(&mut self, config: &str) {
        self.host.configure(config);
    }

    /// When the timer `name` rings.
    ///
    /// ```
    /// use neustream_plugin::testing::chat::{Driver, Parrot};
    ///
    /// let driver = Driver::<Parrot>::open("{}", &[("token", "t0ken")])?;
    /// assert_eq!(driver.alarm("ping"), Some(driver.now() + 30_000));
    /// # Ok::<(), neustream_plugin::Error>(())
    /// ```
    pub fn alarm(&self, name: &str) -> Option<u64> {
        self.alarms.get(name).copied()
    }

    fn commit(&mut self, step: Step) {
        assert!(step.state.len() <= MAX_STATE_BYTES, "the state has {} bytes", step.state.len());
        assert!(step.effects.len() <= MAX_EFFECTS, "{} effects", step.effects.len());
        self.state = step.state;
        for effect in step.effects {
            self.perform(effect);
        }
        assert!(self.connections.len() <= MAX_CONNECTIONS, "too many connections");
        assert!(self.alarms.len() <= MAX_ALARMS, "too many timers");
        assert!(self.requests.len() <= MAX_REQUESTS_UNDER_WAY, "too many requests under way");
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Publish(message) => {
                check(&message);
                self.told.push(Told::Published(message));
            }
            Effect::Retract(id) => {
                assert!(is_id(&id), "no id: {id:?}");
                self.told.push(Told::Retracted(id));
            }
            Effect::Sent(id) => self.told.push(Told::Sent(id)),
            Effect::Failed(failure) => {
                self.told.push(Told::Failed(failure.id, failure.problem.code));
            }
            Effect::Status(problem) => {
                self.told.push(Told::Status(problem.as_ref().map(|problem| problem.code.clone())));
                self.last_problem = problem;
            }
            Effect::Transmit(frame) => self.transmit(frame),
            Effect::Request(request) => {
                assert!(request.url.starts_with("https://"), "{} is not https", request.url);
                assert!(request.body.len() <= MAX_REQUEST_BYTES, "the body has {} bytes", request.body.len());
                let joined = joined(Joined::of_chat(&request, &self.secrets));
                let other = self.requests.insert(request.id.clone(), joined);
                assert!(other.is_none(), "`{}` is under way", request.id);
            }
            Effect::Reopen(connection) => self.keep(connection),
            Effect::Close(id) => {
                self.connections.remove(&id);
            }
            Effect::Wake(alarm) if alarm.after_ms == 0 => {
                self.alarms.remove(&alarm.name);
            }
            Effect::Wake(alarm) => {
                self.alarms.insert(alarm.name, self.now() + u64::from(alarm.after_ms));
            }
        }
    }

    fn transmit(&mut self, frame: Frame) {
        let text = match frame.payload {
            Payload::Text(text) => text,
            Payload::Binary(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Payload::Parts(parts) => parts.iter().map(|part| joined(self.secrets.join(part))).collect(),
        };
        // The driver drops what goes to a closed connection; a connector that counts on it loses messages.
        let is_open = self.connections.get(&frame.connection).is_some_and(|kept| kept.is_open);
        assert!(is_open, "`{}` is not open: {text}", frame.connection);
        self.transmitted.push_back((frame.connection, text));
    }

    fn keep(&mut self, connection: Connection) {
        let url = |endpoint: &Endpoint, scheme: &str| {
            assert!(endpoint.url.starts_with(scheme), "{} is not {scheme}", endpoint.url);
        };
        let mut due_ms = self.now();
        match &connection.transport {
            Transport::Websocket(endpoint) => url(endpoint, "wss://"),
            Transport::Line(endpoint) => url(endpoint, "tls://"),
            Transport::Poll(endpoint) => {
                url(endpoint, "https://");
                assert!(endpoint.interval_ms >= MIN_INTERVAL_MS, "polls at {} ms", endpoint.interval_ms);
                // A changed poll keeps its pace: the next question waits for the new interval.
                if self.connections.contains_key(&connection.id) {
                    due_ms += u64::from(endpoint.interval_ms);
                }
            }
            Transport::Webhook(advice) => assert!(!advice.is_empty(), "a webhook without advice"),
        }
        let kept = Kept { transport: connection.transport, is_open: false, due_ms };
        self.connections.insert(connection.id, kept);
    }
}

/// What leaves, with its secrets.
fn joined<T>(joined: Result<T, Error>) -> T {
    joined.unwrap_or_else(|error| panic!("{}; give it to `Driver::open`", error.problem().message))
}

/// What the host refuses a step for.
fn check(message: &Message) {
    for id in [Some(&message.id), Some(&message.author_id), message.reply_to.as_ref()].into_iter().flatten() {
        assert!(is_id(id), "no id: {message:?}");
    }
    for word in message.roles.iter().chain([&message.kind]) {
        let is_kebab = word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        assert!(is_kebab && !word.is_empty(), "no word: {word:?}");
    }
    assert!(message.roles.len() <= MAX_ROLES && message.extra.len() <= MAX_EXTRAS, "{message:?}");
    assert!(message.extra.iter().all(|(name, _)| is_id(name)), "{message:?}");
}

/// A text that came over a connection.
///
/// ```
/// use neustream_plugin::testing::chat::{Driver, Parrot};
///
/// let mut driver = Driver::<Parrot>::open("{}", &[("token", "t0ken")])?;
/// use neustream_plugin::testing::chat::frame;
///
/// driver.handle(vec![frame("chat", "m-1 hello"), frame("chat", "m-2 again")])?;
/// assert_eq!(driver.take_told().len(), 2);
/// # Ok::<(), neustream_plugin::Error>(())
/// ```
pub fn frame(connection: &str, text: &str) -> Event {
    Event::Received(Frame { connection: connection.to_owned(), payload: Payload::Text(text.to_owned()) })
}

/// A platform's answer of this status with these headers and this body.
///
/// ```
/// use neustream_plugin::testing::chat::response;
///
/// let outcome = response(429, &[("retry-after", "30")], "");
/// assert_eq!(outcome.unwrap().retry_after_ms(), Some(30_000));
/// ```
pub fn response(status: u16, headers: &[(&str, &str)], body: &str) -> Result<Response, Problem> {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Ok(Response { status, headers, body: body.as_bytes().to_vec() })
}
