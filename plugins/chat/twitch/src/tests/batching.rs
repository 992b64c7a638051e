//! However the bytes are cut into frames and the frames into calls, the same is told.

use neustream_plugin::chat::Event;
use neustream_plugin::testing::chat::frame;
use proptest::prelude::*;

use super::*;

/// Lines as a channel sees them, some of them no lines at all.
fn line() -> impl Strategy<Value = String> {
    let text = "[ -~äöü€😀\u{1}]{0,40}";
    prop_oneof![
        (1..50_u32, 1..5_u32, text).prop_map(|(id, user, text)| format!(
            "@badges=vip/1;id={id};user-id={user};display-name=\\sA\\:b\\ :u{user}!u@u PRIVMSG #ronni :{text}"
        )),
        (1..50_u32).prop_map(|id| format!("@target-msg-id={id} :tmi.twitch.tv CLEARMSG #ronni :x")),
        (1..5_u32)
            .prop_map(|user| format!("@target-user-id={user} :tmi.twitch.tv CLEARCHAT #ronni :u{user}")),
        Just("@room-id=1 :tmi.twitch.tv CLEARCHAT #ronni".to_owned()),
        (50..90_u32).prop_map(|id| format!(
            "@id={id};login=a;user-id=3;msg-id=raid;system-msg=Hi\\sthere :tmi.twitch.tv USERNOTICE #ronni"
        )),
        Just("PING :tmi.twitch.tv".to_owned()),
        text.prop_map(|text| text.replace("RECONNECT", "")),
    ]
}

/// A frame as no platform should send it.
fn odd_frame() -> impl Strategy<Value = String> {
    let commands =
        vec!["PRIVMSG", "USERNOTICE", "CLEARMSG", "CLEARCHAT", "USERSTATE", "ROOMSTATE", "NOTICE", "001"];
    let odd =
        || prop_oneof![Just(String::new()), Just("x".repeat(300)), "[ -~]{0,12}", Just("a\\nb".to_owned())];
    let line = (prop::sample::select(commands), odd(), odd(), odd(), odd()).prop_map(
        |(command, id, user, badges, text)| {
            let tags = [
                ("id", &id),
                ("user-id", &user),
                ("badges", &badges),
                ("target-msg-id", &id),
                ("target-user-id", &user),
                ("reply-parent-msg-id", &text),
                ("msg-id", &text),
                ("bits", &user),
            ];
            let tags: Vec<_> = tags
                .iter()
                .map(|(name, value)| format!("{name}={}", value.replace([' ', ';'], "-")))
                .collect();
            format!("@{} :{user}!a@b {command} #ronni :{text}\r\n", tags.join(";"))
        },
    );
    prop_oneof![line, any::<String>()]
}

/// What the connector tells and sends when `stream` comes in frames that end at `cuts`, `batch` frames a call.
fn outcome(stream: &str, cuts: &[usize], batch: usize) -> (Vec<Told>, Vec<String>) {
    let (mut driver, _) = joined();
    let mut ends: Vec<_> = cuts
        .iter()
        .map(|cut| cut % (stream.len() + 1))
        .filter(|cut| stream.is_char_boundary(*cut))
        .chain([stream.len()])
        .collect();
    ends.sort_unstable();
    let mut begin = 0;
    let mut frames: Vec<Event> = Vec::new();
    for end in ends {
        frames.push(frame("irc", &stream[begin..end]));
        begin = end;
    }
    for events in frames.chunks(batch) {
        driver.handle(events.to_vec()).expect("a step");
    }
    let sent = std::iter::from_fn(|| driver.next_transmitted()).map(|(_, line)| line).collect();
    (driver.take_told(), sent)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn cuts_and_batches_change_nothing(
        lines in prop::collection::vec(line(), 0..20),
        cuts in prop::collection::vec(0..4000_usize, 0..12),
        batch in 1..8_usize,
    ) {
        let stream = lines.iter().fold(String::new(), |stream, line| stream + line + "\r\n");
        prop_assert_eq!(outcome(&stream, &cuts, batch), outcome(&stream, &[], 1));
    }

    #[test]
    fn whatever_comes_every_step_is_one_that_the_host_takes(
        frames in prop::collection::vec(odd_frame(), 0..10),
    ) {
        let (mut driver, mut server) = joined();
        for text in frames {
            // The stand-in of the driver panics at a step that the host would refuse.
            driver.received("irc", &text);
            server.serve(&mut driver);
        }
        prop_assert!(crate::state::State::read(driver.state()).is_some());
    }
}
