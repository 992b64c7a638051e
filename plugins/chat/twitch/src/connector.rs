//! The life of the connection: login, joining, silence; and where each line goes.

use neustream_plugin::chat::{
    ChatConnector, Closing, Connection, Effect, Endpoint, Event, Frame, Message, Payload, Step, Transport,
    is_id,
};
use neustream_plugin::{AuthenticatingHost, Context, Error, Level, Problem, Value, read_config};
use serde::Deserialize;

use crate::irc::{self, Line};
use crate::messages;
use crate::outbox::{self, Letter};
use crate::removal::{self, Removed};
use crate::state::{Phase, State};

/// The manifest's name of the connected account.
pub const ACCOUNT: &str = "account";

const URL: &str = "wss://irc-ws.chat.twitch.tv:443";
/// The name of the only connection.
const IRC: &str = "irc";
/// The timer that notices a silent server, a login or a joining without an answer.
const WATCH: &str = "watch";
/// The timer of the next login after a refused one.
const LOGIN: &str = "login";

/// Twitch pings every five minutes, so a longer silence is none of the viewers'.
const SILENCE_MS: u64 = 6 * 60 * 1000;
/// How long login and joining may take.
const ANSWERED_IN_MS: u64 = 30_000;
/// After a refused login: the host may have a fresh token by then. Doubled each time, up to 16 minutes.
const LOGIN_AGAIN_MS: u32 = 60_000;

/// The connector.
#[derive(Debug)]
pub struct TwitchChat;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    channel: String,
    account: Option<String>,
    #[serde(default = "yes")]
    notices: bool,
}

fn yes() -> bool {
    true
}

impl Config {
    fn read(host: &impl AuthenticatingHost) -> Result<Self, Error> {
        let mut config: Self = read_config(host)?;
        config.channel = login(&config.channel).ok_or_else(|| {
            Error::invalid_config("/channel", "invalid-name", "this is no name of a Twitch channel")
        })?;
        config.account = match config.account.as_deref().map(str::trim).filter(|name| !name.is_empty()) {
            Some(name) => Some(login(name).ok_or_else(|| {
                Error::invalid_config("/account", "invalid-name", "this is no name of a Twitch account")
            })?),
            None => None,
        };
        Ok(config)
    }
}

/// A login name as IRC wants it: lower case, without what people write in front.
fn login(name: &str) -> Option<String> {
    let name = name.trim().trim_start_matches(['#', '@']).to_ascii_lowercase();
    let is_login = (2..=25).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    is_login.then_some(name)
}

impl ChatConnector for TwitchChat {
    fn open(host: &impl AuthenticatingHost, ctx: &Context) -> Result<Step, Error> {
        let config = Config::read(host)?;
        let mut call = Call::new(host, ctx, State::new(config.channel.clone()), config);
        call.connect();
        Ok(call.step())
    }

    fn handle(
        host: &impl AuthenticatingHost,
        ctx: &Context,
        state: &[u8],
        events: Vec<Event>,
    ) -> Result<Step, Error> {
        let config = Config::read(host)?;
        let known = State::read(state);
        let is_known = known.is_some();
        let state = known.unwrap_or_else(|| State::new(config.channel.clone()));
        let mut call = Call::new(host, ctx, state, config);
        if !is_known {
            host.log(
                Level::Warn,
                "the state was written by another version; the connection is opened anew",
                &[],
            );
            call.connect();
        }
        call.follow_config();
        for event in events {
            call.event(event);
        }
        Ok(call.step())
    }
}

/// One call: the state that moves on, and what the host is to do.
struct Call<'a, H> {
    host: &'a H,
    now: u64,
    config: Config,
    state: State,
    effects: Vec<Effect>,
}

impl<'a, H: AuthenticatingHost> Call<'a, H> {
    fn new(host: &'a H, ctx: &Context, state: State, config: Config) -> Self {
        Self { host, now: ctx.now, config, state, effects: Vec::new() }
    }

    /// What may go out goes, once all events are seen.
    fn step(mut self) -> Step {
        let (state, effects) = (&mut self.state, &mut self.effects);
        state.removals.advance(&state.room_id, &state.account.id, effects);
        let channel = &state.channel;
        let transmit = |letter: &Letter| transmit(privmsg(channel, letter));
        state.outbox.advance(self.now, state.phase == Phase::Joined, effects, transmit);
        Step { state: self.state.write(), effects: self.effects }
    }

    fn event(&mut self, event: Event) {
        match event {
            Event::Opened(_) => self.log_in(),
            Event::Received(frame) => self.frame(frame),
            Event::Closed(closing) => self.closed(closing),
            Event::Timer(name) => self.timer(&name),
            Event::Send(outgoing) => {
                let refused = self.state.outbox.take(outgoing, self.now).err();
                self.effects.extend(refused.map(Effect::Failed));
            }
            Event::Remove(message) => {
                if self.state.removals.take(message).is_some() {
                    self.host.log(Level::Warn, "too many removals wait; the oldest was given up", &[]);
                }
            }
            Event::Answered(answer) => {
                let removed = self.state.removals.answered(&answer.id, &answer.outcome, &mut self.effects);
                match removed {
                    Some(Removed::Refused(problem)) => {
                        self.host.log(Level::Warn, &problem.message, &[("code", &problem.code)]);
                    }
                    Some(Removed::Unauthorized(problem)) => self.tell(Some(problem)),
                    Some(Removed::Done | Removed::Later) | None => {}
                }
            }
            Event::Delivered(_) => {}
        }
    }

    /// The tenant may name another channel while the connection is open.
    fn follow_config(&mut self) {
        if self.state.channel == self.config.channel {
            return;
        }
        let is_in = matches!(self.state.phase, Phase::Joining | Phase::Joined);
        if is_in {
            self.effects.push(transmit(format!("PART #{}", self.state.channel)));
        }
        self.state.outbox.lose_connection(&mut self.effects);
        self.state.channel.clone_from(&self.config.channel);
        if is_in {
            self.join();
        }
    }

    fn connect(&mut self) {
        self.state.outbox.lose_connection(&mut self.effects);
        self.enter(Phase::Connecting);
        self.effects.push(Effect::Reopen(connection()));
    }

    fn enter(&mut self, phase: Phase) {
        self.state.phase = phase;
        self.state.since = self.now;
        if phase != Phase::Joined {
            self.state.outbox.is_moderator = false;
            self.state.room_id.clear();
        }
        if matches!(phase, Phase::Connecting | Phase::Refused) {
            self.state.partial.clear();
        }
    }

    /// CAP, PASS, NICK in this order. `membership` is not asked for: it sends a line for everybody who comes and
    /// goes.
    fn log_in(&mut self) {
        self.state.outbox.lose_connection(&mut self.effects);
        self.enter(Phase::LoggingIn);
        self.state.partial.clear();
        self.state.heard_at = self.now;
        let pass = Value::prefixed("PASS oauth:", ACCOUNT);
        let nick = self.config.account.as_ref().unwrap_or(&self.config.channel);
        self.effects.extend([
            transmit("CAP REQ :twitch.tv/tags twitch.tv/commands"),
            Effect::Transmit(Frame { connection: IRC.to_owned(), payload: Payload::Parts(vec![pass]) }),
            transmit(format!("NICK {nick}")),
        ]);
        self.watch();
    }

    fn join(&mut self) {
        self.enter(Phase::Joining);
        self.effects.push(transmit(format!("JOIN #{}", self.state.channel)));
        self.watch();
    }

    fn frame(&mut self, frame: Frame) {
        let Payload::Text(text) = frame.payload else { return };
        self.state.heard_at = self.now;
        for line in irc::lines(&mut self.state.partial, &text) {
            // A line may end the connection; what came behind it belongs to nobody.
            if matches!(self.state.phase, Phase::Connecting | Phase::Refused) {
                return;
            }
            match Line::parse(&line) {
                Some(line) => self.line(&line),
                None => self.host.count("malformed-lines", 1),
            }
        }
    }

    fn line(&mut self, line: &Line<'_>) {
        match line.command {
            "PING" => self.effects.push(transmit(format!("PONG :{}", line.text()))),
            "001" => self.welcome(line),
            "CAP" if line.parameter(1) == Some("NAK") => {
                self.tell(Some(Problem::new(
                    "capability-refused",
                    "Twitch does not send tags and commands any more.",
                )));
            }
            "RECONNECT" => self.connect(),
            "GLOBALUSERSTATE" => self.account(line),
            "NOTICE" => self.notice(line),
            "ROOMSTATE" | "USERSTATE" | "PRIVMSG" | "USERNOTICE" | "CLEARMSG" | "CLEARCHAT"
                if self.is_here(line) =>
            {
                self.in_channel(line);
            }
            _ => {}
        }
    }

    /// Whether the line is about the joined channel.
    fn is_here(&self, line: &Line<'_>) -> bool {
        line.parameter(0).and_then(|name| name.strip_prefix('#')) == Some(self.state.channel.as_str())
    }

    fn in_channel(&mut self, line: &Line<'_>) {
        match line.command {
            "ROOMSTATE" => self.room(line),
            "USERSTATE" => self.user_state(line),
            "PRIVMSG" => self.publish(messages::privmsg(line)),
            "USERNOTICE" if self.config.notices => self.publish(messages::user_notice(line)),
            "CLEARMSG" => {
                if let Some(id) = line.tag("target-msg-id").filter(|id| is_id(id)) {
                    self.state.recent.forget(&id);
                    self.effects.push(Effect::Retract(id.into()));
                }
            }
            // Without a name behind it, the whole chat was cleared.
            "CLEARCHAT" => {
                let taken = match (line.parameter(1), line.tag("target-user-id")) {
                    (None, _) => self.state.recent.take_all(),
                    (Some(login), id) => self.state.recent.take_of(id.as_deref().unwrap_or(login)),
                };
                self.effects.extend(taken.into_iter().map(Effect::Retract));
            }
            _ => {}
        }
    }

    fn welcome(&mut self, line: &Line<'_>) {
        if self.state.phase != Phase::LoggingIn {
            return;
        }
        self.state.refusals = 0;
        line.parameter(0).unwrap_or_default().clone_into(&mut self.state.account.login);
        self.join();
    }

    fn account(&mut self, line: &Line<'_>) {
        let tag = |name: &str| line.tag(name).unwrap_or_default().into_owned();
        self.state.account.id = tag("user-id");
        self.state.account.name = tag("display-name");
        self.state.account.color = tag("color");
    }

    /// ROOMSTATE with the channel's id comes once, when the channel is joined; later ones tell what changed.
    fn room(&mut self, line: &Line<'_>) {
        if let Some(id) = line.tag("room-id") {
            self.state.room_id = id.into();
        }
        if self.state.phase == Phase::Joining {
            self.state.phase = Phase::Joined;
            self.state.since = self.now;
            self.tell(None);
        }
    }

    /// USERSTATE comes when the channel is joined, and with an id for every message that Twitch took.
    fn user_state(&mut self, line: &Line<'_>) {
        let account = &mut self.state.account;
        account.badges = line.tag("badges").unwrap_or_default().into();
        let roles = messages::roles(&account.badges, line.has("mod"), false);
        self.state.outbox.is_moderator =
            roles.iter().any(|role| role == "broadcaster" || role == "moderator");
        let Some(id) = line.tag("id").filter(|id| is_id(id)) else { return };
        let Some(letter) = self.state.outbox.confirm() else { return };
        let own = messages::own(id.into(), &letter.text, letter.reply_to, &self.state.account, self.now);
        self.effects.push(Effect::Sent(letter.id));
        self.publish(Some(own));
    }

    fn publish(&mut self, message: Option<Message>) {
        let Some(message) = message else {
            self.host.count("messages-without-id", 1);
            return;
        };
        self.state.recent.remember(&message.id, &message.author_id);
        self.effects.push(Effect::Publish(message));
    }

    /// NOTICE (dev.twitch.tv/docs/irc/msg-id): before the login it is about the login, then about the channel or
    /// about the oldest message that is not confirmed.
    fn notice(&mut self, line: &Line<'_>) {
        let text = line.text();
        let id = line.tag("msg-id").unwrap_or_default();
        if self.state.phase == Phase::LoggingIn {
            if ["authentication failed", "Improperly formatted auth", "Login unsuccessful", "Invalid NICK"]
                .iter()
                .any(|refusal| text.contains(refusal))
            {
                self.refused();
            }
            return;
        }
        let code = id.replace('_', "-");
        let refusal = || Problem::new(&code, sentence(text));
        match &*id {
            "msg_channel_suspended" | "msg_banned" | "tos_ban" if self.state.phase == Phase::Joining => {
                self.tell(Some(refusal()));
            }
            "msg_ratelimit" => {
                let failed = self.state.outbox.postpone(refusal(), self.now);
                self.effects.extend(failed);
            }
            "msg_slowmode" => {
                let retry_after_ms = first_number(text).and_then(|seconds| seconds.checked_mul(1000));
                let failed = self.state.outbox.refuse(refusal().after_ms(retry_after_ms));
                self.effects.extend(failed);
            }
            id if id.starts_with("msg_")
                || matches!(id, "no_permission" | "unrecognized_cmd" | "invalid_parent") =>
            {
                let failed = self.state.outbox.refuse(refusal());
                self.effects.extend(failed);
            }
            _ => {}
        }
    }

    /// The token is not (or no longer) good. The host keeps tokens fresh, so a later attempt may do; until then
    /// there is no use in connecting.
    fn refused(&mut self) {
        self.enter(Phase::Refused);
        let after_ms = LOGIN_AGAIN_MS << self.state.refusals.min(4);
        self.state.refusals = self.state.refusals.saturating_add(1);
        let message = "Twitch refuses the login of the connected account; connect it again.";
        self.tell(Some(Problem::new("unauthorized", message).after_ms(after_ms)));
        self.effects.extend([
            Effect::Close(IRC.to_owned()),
            Effect::wake_after_ms(WATCH, 0),
            Effect::wake_after_ms(LOGIN, after_ms),
        ]);
    }

    fn closed(&mut self, closing: Closing) {
        if self.state.phase == Phase::Refused {
            return;
        }
        self.state.outbox.lose_connection(&mut self.effects);
        self.enter(Phase::Connecting);
        self.effects.push(Effect::wake_after_ms(WATCH, 0));
        self.tell(Some(closing.problem));
    }

    fn timer(&mut self, name: &str) {
        match name {
            outbox::ALARM => self.state.outbox.alarm_rang(),
            removal::ALARM => self.state.removals.alarm_rang(),
            LOGIN if self.state.phase == Phase::Refused => self.connect(),
            WATCH => self.watch_rang(),
            _ => {}
        }
    }

    /// When nothing more can be expected to come; none while there is no connection.
    fn deadline(&self) -> Option<u64> {
        match self.state.phase {
            Phase::LoggingIn | Phase::Joining => Some(self.state.since + ANSWERED_IN_MS),
            Phase::Joined => Some(self.state.heard_at + SILENCE_MS),
            Phase::Connecting | Phase::Refused => None,
        }
    }

    fn watch(&mut self) {
        if let Some(deadline) = self.deadline() {
            let after_ms = deadline.saturating_sub(self.now).max(1);
            self.effects.push(Effect::wake_after_ms(WATCH, u32::try_from(after_ms).unwrap_or(u32::MAX)));
        }
    }

    fn watch_rang(&mut self) {
        match self.deadline() {
            Some(deadline) if deadline > self.now => self.watch(),
            Some(_) if self.state.phase == Phase::Joining => {
                let message = format!(
                    "Twitch does not let the account into #{}; is the channel's name right?",
                    self.state.channel
                );
                self.tell(Some(Problem::new("not-joined", message)));
                self.join();
            }
            Some(_) => {
                self.tell(Some(Problem::new(
                    "silent",
                    "Twitch's chat server fell silent; connecting again.",
                )));
                self.connect();
            }
            None => {}
        }
    }

    /// Tells the tenant how the connector is doing, once.
    fn tell(&mut self, problem: Option<Problem>) {
        let code = problem.as_ref().map(|problem| problem.code.clone());
        if code.is_none() || self.state.told != code {
            self.state.told = code;
            self.effects.push(Effect::Status(problem));
        }
    }
}

fn connection() -> Connection {
    Connection::new(IRC, Transport::Websocket(Endpoint::new(URL)))
}

/// One line in one frame; over a WebSocket the frame ends it.
fn transmit(line: impl Into<String>) -> Effect {
    Effect::text(IRC, line)
}

fn privmsg(channel: &str, letter: &Letter) -> String {
    let tags = letter.reply_to.as_ref().map(|id| format!("@reply-parent-msg-id={id} "));
    format!("{}PRIVMSG #{channel} :{}", tags.unwrap_or_default(), letter.text)
}

/// Twitch's own words, bounded.
fn sentence(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(300).collect()
}

fn first_number(text: &str) -> Option<u32> {
    text.split(|c: char| !c.is_ascii_digit()).find(|digits| !digits.is_empty())?.parse().ok()
}
