use super::*;

/// Hands in one line in the channel and gives what was told.
fn told_of(line: &str) -> Vec<Told> {
    let (mut driver, _) = joined();
    driver.received("irc", &format!("{line}\r\n"));
    driver.take_told()
}

fn message_of(line: &str) -> Message {
    let told = told_of(line);
    let [Told::Published(message)] = &told[..] else { panic!("{told:?}") };
    message.clone()
}

fn extra<'a>(message: &'a Message, name: &str) -> Option<&'a str> {
    message.extra.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

#[test]
fn a_message_comes_with_author_roles_time_and_emotes() {
    let message = message_of(
        r"@badge-info=subscriber/8;badges=moderator/1,subscriber/6;color=#0000FF;display-name=Some\sOne;emotes=25:0-4;first-msg=0;id=b34ccfc7-4977-403a-8a94-33c6bac34fb8;mod=1;room-id=713936733;subscriber=1;tmi-sent-ts=1642786203573;turbo=0;user-id=87654321;user-type=mod :someone!someone@someone.tmi.twitch.tv PRIVMSG #ronni :Kappa hello : there",
    );
    assert_eq!(message.id, "b34ccfc7-4977-403a-8a94-33c6bac34fb8");
    assert_eq!((message.author_id.as_str(), message.author.as_str()), ("87654321", "Some One"));
    assert_eq!((message.text.as_str(), message.kind.as_str()), ("Kappa hello : there", "message"));
    assert_eq!(message.roles, ["moderator", "subscriber"]);
    assert_eq!((message.sent_at, message.reply_to.clone()), (1_642_786_203_573, None));
    assert_eq!(extra(&message, "emotes"), Some("25:0-4"));
    assert_eq!(extra(&message, "color"), Some("#0000FF"));
    assert_eq!(extra(&message, "badges"), Some("moderator/1,subscriber/6"));
}

#[test]
fn an_answer_names_the_message_that_it_answers() {
    let message = message_of(
        r"@display-name=A;id=2;reply-parent-display-name=B;reply-parent-msg-body=what?;reply-parent-msg-id=1;user-id=5 :a!a@a.tmi.twitch.tv PRIVMSG #ronni :@B this",
    );
    assert_eq!(message.reply_to.as_deref(), Some("1"));
}

#[test]
fn an_action_is_told_from_a_message() {
    let message = message_of("@id=1;user-id=5 :a!a@a.tmi.twitch.tv PRIVMSG #ronni :\u{1}ACTION waves\u{1}");
    assert_eq!((message.kind.as_str(), message.text.as_str()), ("action", "waves"));
    assert_eq!(message.author, "a", "the nick stands in for a missing name");
}

#[test]
fn cheered_bits_make_a_message_paid() {
    let message = message_of("@bits=100;id=1;user-id=5 :a!a@a.tmi.twitch.tv PRIVMSG #ronni :cheer100 nice");
    assert_eq!(message.kind, "paid");
    assert_eq!(extra(&message, "bits"), Some("100"));
}

#[test]
fn roles_come_from_badges() {
    for (badges, expected) in [
        ("broadcaster/1,founder/0", &["broadcaster", "subscriber"][..]),
        ("vip/1", &["vip"]),
        ("staff/1,partner/1", &["staff", "partner"]),
        ("premium/1", &[]),
        ("", &[]),
    ] {
        let line = format!("@badges={badges};id=1;user-id=5 :a!a@a PRIVMSG #ronni :x");
        assert_eq!(message_of(&line).roles, expected, "{badges}");
    }
}

#[test]
fn a_subscription_shows_what_the_subscriber_wrote_and_what_twitch_says() {
    let message = message_of(
        r"@badges=subscriber/0;display-name=Sub;id=9;login=sub;msg-id=resub;msg-param-cumulative-months=6;msg-param-sub-plan=Prime;room-id=713936733;system-msg=Sub\shas\ssubscribed\sfor\s6\smonths!;tmi-sent-ts=5;user-id=3 :tmi.twitch.tv USERNOTICE #ronni :Great stream",
    );
    assert_eq!((message.kind.as_str(), message.text.as_str()), ("paid", "Great stream"));
    assert_eq!(extra(&message, "system-text"), Some("Sub has subscribed for 6 months!"));
    assert_eq!(extra(&message, "notice"), Some("resub"));
    assert_eq!((extra(&message, "months"), extra(&message, "plan")), (Some("6"), Some("Prime")));
}

#[test]
fn a_raid_without_words_shows_twitchs_sentence() {
    let message = message_of(
        r"@display-name=Raider;id=9;login=raider;msg-id=raid;msg-param-viewerCount=15;system-msg=15\sraiders\sfrom\sRaider\shave\sjoined!;user-id=3 :tmi.twitch.tv USERNOTICE #ronni",
    );
    assert_eq!((message.kind.as_str(), message.author.as_str()), ("system", "Raider"));
    assert_eq!(message.text, "15 raiders from Raider have joined!");
    assert_eq!(extra(&message, "viewers"), Some("15"));
}

#[test]
fn notices_can_be_left_out() {
    let (mut driver, _) = joined();
    driver.configure(r#"{"channel": "ronni", "notices": false}"#);
    driver.received("irc", "@id=9;login=a;msg-id=raid;user-id=3 :tmi.twitch.tv USERNOTICE #ronni\r\n");
    assert_eq!(driver.take_told(), []);
}

#[test]
fn a_removed_message_is_retracted() {
    let told = told_of(
        "@login=foo;room-id=;target-msg-id=94e6c7ff;tmi-sent-ts=1 :tmi.twitch.tv CLEARMSG #ronni :what a bad word",
    );
    assert_eq!(told, [Told::Retracted("94e6c7ff".to_owned())]);
}

#[test]
fn a_ban_retracts_the_messages_of_the_banned_and_of_nobody_else() {
    let (mut driver, _) = joined();
    driver.received(
        "irc",
        "@id=1;user-id=5 :a!a@a PRIVMSG #ronni :one\r\n@id=2;user-id=6 :b!b@b PRIVMSG #ronni :two\r\n\
         @id=3;user-id=5 :a!a@a PRIVMSG #ronni :three\r\n",
    );
    driver.take_told();
    let ban = "@ban-duration=350;room-id=713936733;target-user-id=5;tmi-sent-ts=1 :tmi.twitch.tv CLEARCHAT #ronni :a\r\n";
    driver.received("irc", ban);
    let retracted = |ids: &[&str]| ids.iter().map(|id| Told::Retracted((*id).to_owned())).collect::<Vec<_>>();
    assert_eq!(driver.take_told(), retracted(&["1", "3"]));
    driver.received("irc", "@room-id=713936733 :tmi.twitch.tv CLEARCHAT #ronni\r\n");
    assert_eq!(driver.take_told(), retracted(&["2"]), "a cleared chat is empty");
}

#[test]
fn several_lines_of_a_frame_and_half_a_line_are_read() {
    let (mut driver, mut server) = joined();
    driver.received("irc", "@id=1;user-id=5 :a!a@a PRIVMSG #ronni :one\r\n@id=2;user-id=5 :a!a@a PRIV");
    driver.received("irc", "MSG #ronni :tw");
    driver.received("irc", "o\r\nPING :x\r\n");
    server.serve(&mut driver);
    let told = driver.take_told();
    let texts: Vec<_> = published(&told).iter().map(|message| message.text.as_str()).collect();
    assert_eq!(texts, ["one", "two"]);
    assert_eq!(server.pongs, ["x"]);
}

#[test]
fn lines_that_are_none_and_messages_without_an_id_are_counted_and_passed_over() {
    let (mut driver, _) = joined();
    for line in ["@", ":x", "@id=1", ":a!a@a PRIVMSG #ronni :no id", "@id= :a!a@a PRIVMSG #ronni :no id"] {
        driver.received("irc", &format!("{line}\r\n"));
    }
    assert_eq!(driver.take_told(), []);
    // Every call is made twice by the stand-in.
    assert_eq!(driver.host().counted("malformed-lines"), 2 * 3);
    assert_eq!(driver.host().counted("messages-without-id"), 2 * 2);
}
