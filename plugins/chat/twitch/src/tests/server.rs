//! Twitch's chat server, as its documentation describes it. Refuses by panicking what Twitch would refuse.

use std::collections::VecDeque;

use neustream_plugin::testing::chat::Driver;

use crate::TwitchChat;

/// The server's side of one account in one channel.
pub struct Server {
    token: String,
    channel: String,
    /// Badges of the account in the channel.
    pub badges: &'static str,
    capabilities: String,
    has_pass: bool,
    is_logged_in: bool,
    pub is_in_channel: bool,
    sent_at: VecDeque<u64>,
    /// PRIVMSGs that came: tags and text.
    pub written: Vec<(String, String)>,
    /// What is answered to the next PRIVMSGs instead of taking them: `msg-id` and text.
    pub refusals: VecDeque<(&'static str, &'static str)>,
    /// Whether it stays silent about PRIVMSGs.
    pub is_mute: bool,
    /// PONGs that came.
    pub pongs: Vec<String>,
}

impl Server {
    pub fn new(token: &str, channel: &str) -> Self {
        Self {
            token: token.to_owned(),
            channel: channel.to_owned(),
            badges: "subscriber/3",
            capabilities: String::new(),
            has_pass: false,
            is_logged_in: false,
            is_in_channel: false,
            sent_at: VecDeque::new(),
            written: Vec::new(),
            refusals: VecDeque::new(),
            is_mute: false,
            pongs: Vec::new(),
        }
    }

    /// A new connection knows nothing of the last one.
    pub fn forget(&mut self) {
        self.capabilities.clear();
        (self.has_pass, self.is_logged_in, self.is_in_channel) = (false, false, false);
    }

    /// Answers until the connector has nothing more to say.
    pub fn serve(&mut self, driver: &mut Driver<TwitchChat>) {
        while let Some((connection, line)) = driver.next_transmitted() {
            assert_eq!(connection, "irc");
            let answer = self.answer(&line, driver.now());
            if !answer.is_empty() {
                driver.received("irc", &answer);
            }
        }
    }

    fn answer(&mut self, line: &str, now: u64) -> String {
        assert!(!line.contains(['\r', '\n', '\0']), "more than a line: {line:?}");
        let (tags, rest) = match line.strip_prefix('@') {
            Some(tagged) => tagged.split_once(' ').expect("a command behind the tags"),
            None => ("", line),
        };
        let (command, argument) = rest.split_once(' ').expect("every command has a parameter");
        assert!(tags.is_empty() || command == "PRIVMSG", "tags on {command}");
        match command {
            "CAP" => self.capability(argument),
            "PASS" => self.pass(argument),
            "NICK" => self.nick(argument),
            "JOIN" => self.join(argument),
            "PART" => self.part(argument),
            "PONG" => {
                self.pongs.push(argument.trim_start_matches(':').to_owned());
                String::new()
            }
            "PRIVMSG" => self.privmsg(tags, argument, now),
            other => panic!("Twitch knows no {other}"),
        }
    }

    fn capability(&mut self, argument: &str) -> String {
        assert!(!self.has_pass, "capabilities are asked for before PASS");
        let asked = argument.strip_prefix("REQ :").expect("CAP REQ with a list");
        for capability in asked.split(' ') {
            assert!(["twitch.tv/tags", "twitch.tv/commands", "twitch.tv/membership"].contains(&capability));
        }
        assert!(asked.contains("twitch.tv/commands"), "tags need commands");
        asked.clone_into(&mut self.capabilities);
        format!(":tmi.twitch.tv CAP * ACK :{asked}\r\n")
    }

    fn pass(&mut self, argument: &str) -> String {
        assert!(!self.is_logged_in, "PASS after the login");
        let token = argument.strip_prefix("oauth:").expect("a token");
        self.has_pass = token == self.token;
        String::new()
    }

    fn nick(&mut self, nick: &str) -> String {
        assert_eq!(nick, nick.to_lowercase(), "a nick is in lower case");
        if !self.has_pass {
            return ":tmi.twitch.tv NOTICE * :Login authentication failed\r\n".to_owned();
        }
        self.is_logged_in = true;
        let mut answer = [
            ":tmi.twitch.tv 001 ronni :Welcome, GLHF!",
            ":tmi.twitch.tv 002 ronni :Your host is tmi.twitch.tv",
            ":tmi.twitch.tv 003 ronni :This server is rather new",
            ":tmi.twitch.tv 004 ronni :-",
            ":tmi.twitch.tv 375 ronni :-",
            ":tmi.twitch.tv 372 ronni :You are in a maze of twisty passages.",
            ":tmi.twitch.tv 376 ronni :>",
        ]
        .join("\r\n");
        answer.push_str("\r\n@badge-info=;badges=;color=#8A2BE2;display-name=Ronni;emote-sets=0;user-id=12345678;user-type= :tmi.twitch.tv GLOBALUSERSTATE\r\n");
        answer
    }

    fn join(&mut self, argument: &str) -> String {
        assert!(self.is_logged_in, "JOIN before the login");
        let name = argument.strip_prefix('#').expect("a channel");
        assert_eq!(name, name.to_lowercase(), "a channel is in lower case");
        if name != self.channel {
            return String::new();
        }
        self.is_in_channel = true;
        format!(
            ":ronni!ronni@ronni.tmi.twitch.tv JOIN #{name}\r\n:ronni.tmi.twitch.tv 353 ronni = #{name} :ronni\r\n:ronni.tmi.twitch.tv 366 ronni #{name} :End of /NAMES list\r\n{}@emote-only=0;followers-only=-1;r9k=0;room-id=713936733;slow=0;subs-only=0 :tmi.twitch.tv ROOMSTATE #{name}\r\n",
            self.user_state("")
        )
    }

    fn part(&mut self, argument: &str) -> String {
        assert!(self.is_in_channel && argument == format!("#{}", self.channel), "not in {argument}");
        self.is_in_channel = false;
        format!(":ronni!ronni@ronni.tmi.twitch.tv PART {argument}\r\n")
    }

    fn privmsg(&mut self, tags: &str, argument: &str, now: u64) -> String {
        assert!(self.is_in_channel, "PRIVMSG before JOIN");
        let (channel, text) = argument.split_once(" :").expect("a channel and a text");
        assert_eq!(channel, format!("#{}", self.channel));
        assert!((1..=500).contains(&text.chars().count()), "{} characters", text.chars().count());
        for tag in tags.split(';').filter(|tag| !tag.is_empty()) {
            let (name, value) = tag.split_once('=').expect("a tag with a value");
            assert!(["reply-parent-msg-id", "client-nonce"].contains(&name), "no tag for sending: {name}");
            assert!(!value.is_empty());
        }
        // Beyond the rate Twitch mutes the account for 30 minutes.
        while self.sent_at.front().is_some_and(|at| at + 30_000 <= now) {
            self.sent_at.pop_front();
        }
        self.sent_at.push_back(now);
        let limit =
            if self.badges.contains("broadcaster") || self.badges.contains("moderator") { 100 } else { 20 };
        assert!(self.sent_at.len() <= limit, "{} messages in 30 seconds", self.sent_at.len());
        if self.is_mute {
            return String::new();
        }
        if let Some((id, text)) = self.refusals.pop_front() {
            return format!("@msg-id={id} :tmi.twitch.tv NOTICE #{} :{text}\r\n", self.channel);
        }
        self.written.push((tags.to_owned(), text.to_owned()));
        let id = format!("id=own-{};", self.written.len());
        self.user_state(&id)
    }

    fn user_state(&self, id: &str) -> String {
        format!(
            "@badge-info=;badges={};color=#8A2BE2;display-name=Ronni;emote-sets=0;{id}mod=0;subscriber=1;user-type= :tmi.twitch.tv USERSTATE #{}\r\n",
            self.badges, self.channel
        )
    }
}
