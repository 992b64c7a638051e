use neustream_plugin::Error;
use neustream_plugin::chat::ChatConnector;
use neustream_plugin::testing::FakeHost;

use super::*;

#[test]
fn the_login_carries_the_token_that_the_guest_never_sees() {
    let mut driver = started();
    assert_eq!(driver.endpoint("irc").expect("a connection").url, "wss://irc-ws.chat.twitch.tv:443");
    driver.opened("irc");
    let lines: Vec<_> = std::iter::from_fn(|| driver.next_transmitted()).map(|(_, line)| line).collect();
    assert_eq!(
        lines,
        ["CAP REQ :twitch.tv/tags twitch.tv/commands", "PASS oauth:s3cr3t-t0ken", "NICK ronni"]
    );
    assert!(!String::from_utf8_lossy(driver.state()).contains("s3cr3t"));
}

#[test]
fn the_channel_is_joined_after_the_login_and_only_then_all_is_well() {
    let mut driver = started();
    let mut server = Server::new("s3cr3t-t0ken", "ronni");
    driver.opened("irc");
    assert_eq!(driver.take_told(), []);
    server.serve(&mut driver);
    assert!(server.is_in_channel);
    assert_eq!(driver.take_told(), [Told::Status(None)]);
}

#[test]
fn another_account_than_the_channels_logs_in_by_its_own_name() {
    let config = r#"{"channel": "ronni", "account": "@My_Bot"}"#;
    let mut driver = Driver::<TwitchChat>::open(config, &SECRETS).expect("the connector opens");
    driver.opened("irc");
    let lines: Vec<_> = std::iter::from_fn(|| driver.next_transmitted()).map(|(_, line)| line).collect();
    assert_eq!(lines[2], "NICK my_bot");
}

#[test]
fn a_ping_is_answered_with_its_own_text() {
    let (mut driver, mut server) = joined();
    driver.received("irc", "PING :tmi.twitch.tv\r\nPING :other words\r\n");
    server.serve(&mut driver);
    assert_eq!(server.pongs, ["tmi.twitch.tv", "other words"]);
}

#[test]
fn a_refused_token_closes_the_connection_and_is_tried_again_ever_more_rarely() {
    let mut driver = Driver::<TwitchChat>::open(CONFIG, &[("account", "expired")]).expect("it opens");
    let mut server = Server::new("s3cr3t-t0ken", "ronni");
    for minutes in [1, 2, 4, 8, 16, 16] {
        driver.opened("irc");
        server.serve(&mut driver);
        assert!(driver.connections().is_empty(), "there is no use in a connection");
        let problem = driver.last_problem().expect("a problem");
        assert_eq!(problem.code, "unauthorized");
        driver.pass_ms(minutes * 60_000 - 1);
        assert!(driver.connections().is_empty());
        driver.pass_ms(1);
        assert_eq!(driver.connections(), ["irc"]);
        server.forget();
    }
    assert_eq!(
        driver.take_told(),
        [Told::Status(Some("unauthorized".to_owned()))],
        "the tenant is told once"
    );
}

#[test]
fn a_fresh_token_heals_a_refused_login() {
    let mut driver = Driver::<TwitchChat>::open(CONFIG, &[("account", "expired")]).expect("it opens");
    driver.opened("irc");
    Server::new("s3cr3t-t0ken", "ronni").serve(&mut driver);
    driver.pass_ms(60_000);
    driver.opened("irc");
    Server::new("expired", "ronni").serve(&mut driver);
    assert_eq!(driver.take_told(), [Told::Status(Some("unauthorized".to_owned())), Told::Status(None)]);
}

#[test]
fn when_twitch_asks_to_reconnect_the_channel_is_joined_again() {
    let (mut driver, mut server) = joined();
    driver.received("irc", ":tmi.twitch.tv RECONNECT\r\nPING :too late\r\n");
    assert_eq!(driver.next_transmitted(), None, "what came behind it belongs to nobody");
    server.forget();
    driver.opened("irc");
    server.serve(&mut driver);
    assert!(server.is_in_channel);
}

#[test]
fn after_a_lost_connection_the_channel_is_joined_again_and_half_a_line_is_forgotten() {
    let (mut driver, mut server) = joined();
    driver.received("irc", "@id=1 :a!a@a PRIVMSG #ronni :half");
    driver.closed("irc");
    server.forget();
    driver.opened("irc");
    server.serve(&mut driver);
    assert!(server.is_in_channel);
    let told = driver.take_told();
    assert_eq!(told, [Told::Status(Some("closed".to_owned())), Told::Status(None)]);
}

#[test]
fn a_server_that_fell_silent_is_left() {
    let (mut driver, mut server) = joined();
    driver.pass_ms(5 * 60_000);
    driver.received("irc", "PING :tmi.twitch.tv\r\n");
    server.serve(&mut driver);
    driver.pass_ms(6 * 60_000 - 1);
    assert_eq!(driver.take_told(), []);
    driver.pass_ms(1);
    assert_eq!(driver.take_told(), [Told::Status(Some("silent".to_owned()))]);
    server.forget();
    driver.opened("irc");
    server.serve(&mut driver);
    assert!(server.is_in_channel);
}

#[test]
fn a_login_without_an_answer_is_tried_on_a_new_connection() {
    let mut driver = started();
    driver.opened("irc");
    driver.pass_ms(30_000);
    assert_eq!(driver.take_told(), [Told::Status(Some("silent".to_owned()))]);
    while driver.next_transmitted().is_some() {}
    driver.opened("irc");
    Server::new("s3cr3t-t0ken", "ronni").serve(&mut driver);
    assert_eq!(driver.take_told(), [Told::Status(None)]);
}

#[test]
fn a_channel_that_twitch_does_not_know_is_told_and_asked_for_again() {
    let mut driver = started();
    let mut server = Server::new("s3cr3t-t0ken", "somebody_else");
    driver.opened("irc");
    server.serve(&mut driver);
    driver.pass_ms(30_000);
    assert_eq!(driver.take_told(), [Told::Status(Some("not-joined".to_owned()))]);
    assert_eq!(driver.next_transmitted().expect("a JOIN").1, "JOIN #ronni");
}

#[test]
fn a_new_channel_in_the_settings_is_joined_on_the_same_connection() {
    let (mut driver, _) = joined();
    driver.configure(r#"{"channel": "Other"}"#);
    driver.received("irc", "@id=1;user-id=1 :a!a@a PRIVMSG #ronni :to the old channel\r\n");
    let lines: Vec<_> = std::iter::from_fn(|| driver.next_transmitted()).map(|(_, line)| line).collect();
    assert_eq!(lines, ["PART #ronni", "JOIN #other"]);
    assert_eq!(driver.take_told(), [], "the old channel's messages are not the new one's");
}

#[test]
fn a_state_of_another_version_opens_the_connection_anew() {
    for state in [&b""[..], b"\xff", b"{}", br#"{"schema":2}"#, br#"{"schema":1,"phase":"Dreaming"}"#] {
        let host = FakeHost::new(CONFIG);
        let step = TwitchChat::handle(&host, &host.context(), state, Vec::new()).expect("a step");
        assert_eq!(step, TwitchChat::open(&host, &host.context()).expect("a step"));
    }
}

#[test]
fn a_name_that_is_none_is_refused_at_its_field() {
    for (config, pointer) in [
        (r#"{"channel": "a b"}"#, "/channel: "),
        (r#"{"channel": ""}"#, "/channel: "),
        (r#"{"channel": "ronni\r\nQUIT"}"#, "/channel: "),
        (r#"{"channel": "ronni", "account": "x,y"}"#, "/account: "),
    ] {
        match Driver::<TwitchChat>::open(config, &SECRETS) {
            Err(Error::InvalidConfig(problem)) => assert!(problem.message.starts_with(pointer), "{config}"),
            other => panic!("{config}: {other:?}"),
        }
    }
}

#[test]
fn the_form_shows_examples_that_work() {
    use neustream_plugin::testing::config_of_examples;
    let config = config_of_examples(include_str!("../../config.schema.json"));
    Driver::<TwitchChat>::open(&config, &SECRETS).expect("the connector opens");
}
