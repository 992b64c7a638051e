//! Verdicts by settings and messages, and what holds for all of them.

use neustream_plugin::Level;
use neustream_plugin::moderation::{Action, Message, ModerationFilter, Verdict};
use neustream_plugin::testing::{FakeHost, config_of_examples};
use proptest::prelude::*;

use crate::LinksAndCaps;

const STRICT: &str = r#"{
    "links": {"action": "delete", "allowed_domains": ["*.YouTube.com", "twitch.tv."], "exempt_roles": ["vip"]},
    "capitals": {"action": "replace", "min_letters": 8, "max_percent": 60},
    "emoji": {"action": "hide", "max": 3},
    "repetition": {"action": "timeout", "max_characters": 5, "max_words": 3, "timeout_seconds": 30}
}"#;

fn message(id: usize, text: &str, roles: &[&str]) -> Message {
    Message {
        id: format!("m-{id}"),
        platform: "youtube".to_owned(),
        author_hash: "a".to_owned(),
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        text: text.to_owned(),
        traits: Vec::new(),
    }
}

fn judge(config: &str, batch: &[Message]) -> Vec<Verdict> {
    let host = FakeHost::new(config);
    LinksAndCaps::judge(&host, &host.context(), batch, &[])
}

fn verdict(config: &str, text: &str) -> Verdict {
    judge(config, &[message(1, text, &[])]).remove(0)
}

fn replaced(config: &str, text: &str) -> String {
    match verdict(config, text).action {
        Action::Replace(text) => text,
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn a_message_that_no_rule_matches_is_allowed_in_so_many_words() {
    let verdict = verdict(STRICT, "Hello, how are you?");
    assert_eq!((verdict.action, verdict.rule.as_str()), (Action::Allow, "clean"));
}

#[test]
fn every_rule_says_what_it_found() {
    for (text, rule, action, reason) in [
        ("see example [dot] com", "links", Action::Delete, "The message links to example.com."),
        (
            "STOP SHOUTING",
            "capitals",
            Action::Replace("stop shouting".to_owned()),
            "12 of 12 letters are capitals (100 %, 60 % are allowed).",
        ),
        ("😀😀😀😀", "emoji", Action::Hide, "The message has 4 emoji; 3 are allowed."),
        (
            "noooooooo",
            "repetition",
            Action::TimeoutS(30),
            "The same characters come 8 times in a row; 5 are allowed.",
        ),
        (
            "go go go go go",
            "repetition",
            Action::TimeoutS(30),
            "The same words come 5 times in a row; 3 are allowed.",
        ),
    ] {
        let verdict = verdict(STRICT, text);
        assert_eq!((verdict.rule.as_str(), verdict.action, verdict.reason.as_str()), (rule, action, reason));
    }
}

#[test]
fn allowed_domains_and_what_is_below_them_may_be_linked_to() {
    for text in ["youtube.com/x", "https://www.youtube.com/watch?v=1", "Twitch.TV", "m.twitch.tv/a"] {
        assert_eq!(verdict(STRICT, text).action, Action::Allow, "{text}");
    }
    for text in [
        "notyoutube.com",
        "youtube.com.evil.net",
        "youtube.com/x and evil.net",
        "уoutube.com",
        "https://youtube.com@evil.net/",
    ] {
        assert_eq!(verdict(STRICT, text).rule, "links", "{text}");
    }
}

#[test]
fn roles_are_exempt_from_one_rule_or_from_all() {
    let rule = |text: &str, role: &str| judge(STRICT, &[message(1, text, &[role])]).remove(0).rule;
    assert_eq!(rule("evil.net", "vip"), "clean");
    assert_eq!(rule("STOP SHOUTING evil.net", "vip"), "capitals");
    assert_eq!(rule("evil.net", "moderator"), "exempt-role");
    assert_eq!(rule("evil.net", "subscriber"), "links");
}

#[test]
fn the_strictest_rule_decides_and_an_allowing_one_is_off() {
    assert_eq!(verdict(STRICT, "EVIL.NET STOP SHOUTING nooooooooo").rule, "repetition");
    let config = r#"{"links": {"action": "allow"}, "capitals": {"action": "hold"}, "emoji": {"action": "hold", "max": 0}}"#;
    assert_eq!(verdict(config, "evil.net").rule, "clean");
    assert_eq!(verdict(config, "STOP SHOUTING NOW 😀").rule, "capitals", "the first of equals");
}

#[test]
fn without_settings_every_rule_holds() {
    for (text, rule) in
        [("evil.net", "links"), ("STOP SHOUTING NOW", "capitals"), (&*"x".repeat(11), "repetition")]
    {
        let verdict = verdict("{}", text);
        assert_eq!((verdict.action, verdict.rule.as_str()), (Action::Hold, rule));
    }
    assert_eq!(verdict("{}", "STOP IT").action, Action::Allow, "too short to shout");
}

#[test]
fn what_is_replaced_reads_well_and_breaks_no_rule_any_more() {
    let config = r#"{"links": {"action": "replace"}, "capitals": {"action": "replace"}, "emoji": {"action": "replace", "max": 2}, "repetition": {"action": "replace", "max_characters": 3, "max_words": 2}}"#;
    for (text, expected) in [
        ("see https://evil.net/x and evil.org!", "see [link] and [link]!"),
        ("STOP SHOUTING AT ME", "stop shouting at me"),
        ("😀😀😀😀", "😀😀"),
        ("😀 👍🏽 👨‍👩‍👧‍👦 ok", "😀 👍🏽 ok"),
        ("nooooooo way", "nooo way"),
        ("spam spam spam spam", "spam spam"),
        ("GOOOOOO TO EVIL.NET NOW PEOPLE", "gooo to [link] now people"),
    ] {
        let text = replaced(config, text);
        assert_eq!(text, expected);
        assert_eq!(verdict(config, &text).action, Action::Allow, "{text}");
    }
}

#[test]
fn a_batch_gets_a_verdict_for_each_message_in_order() {
    let batch = [message(1, "fine", &[]), message(2, "evil.net", &[]), message(3, "", &[])];
    let verdicts = judge(STRICT, &batch);
    let rules: Vec<_> = verdicts.iter().map(|verdict| (verdict.id.as_str(), verdict.rule.as_str())).collect();
    assert_eq!(rules, [("m-1", "clean"), ("m-2", "links"), ("m-3", "clean")]);
}

#[test]
fn without_readable_settings_the_tenants_default_holds() {
    let host = FakeHost::new(r#"{"links": 1}"#);
    assert_eq!(LinksAndCaps::judge(&host, &host.context(), &[message(1, "evil.net", &[])], &[]), []);
    assert_eq!(host.logged(Level::Error).len(), 1);
}

#[test]
fn the_form_shows_an_example_that_works() {
    let config = config_of_examples(include_str!("../config.schema.json"));
    assert_eq!(verdict(&config, "evil.net").action, Action::Delete);
    assert_eq!(verdict(&config, "youtube.com").action, Action::Allow);
}

proptest! {
    #[test]
    fn a_link_is_found_however_it_is_written(
        name in "[a-z]{3,10}",
        ending in prop::sample::select(vec!["com", "net", "org", "de", "tv", "xyz"]),
        dot in prop::sample::select(vec![".", " [dot] ", "(dot)", "[.]", " dot ", " . ", "．", ".\u{200B}"]),
        scheme in prop::sample::select(vec!["", "https://", "HTTP://"]),
        before in prop::sample::select(vec!["", "look: ", "(", "hey,"]),
        after in prop::sample::select(vec!["", " ok", "/path?x=1", "!", ")"]),
    ) {
        let text = format!("{before}{scheme}{name}{dot}{ending}{after}");
        let verdict = verdict(STRICT, &text);
        prop_assert_eq!(verdict.rule, "links", "{}", text);
        prop_assert!(verdict.reason.contains(&name), "{}", verdict.reason);
    }

    #[test]
    fn a_verdict_depends_on_message_and_settings_alone(
        texts in prop::collection::vec(".{0,80}|([A-Za-z]{1,8}[. ]){0,12}", 1..8),
    ) {
        let batch: Vec<_> = texts.iter().enumerate().map(|(id, text)| message(id, text, &[])).collect();
        let together = judge(STRICT, &batch);
        judge("{}", &batch);
        let one_by_one: Vec<_> = batch.iter().flat_map(|one| judge(STRICT, std::slice::from_ref(one))).collect();
        prop_assert_eq!(together, one_by_one);
    }

    #[test]
    fn whatever_is_written_nothing_panics_and_links_are_gone_once_replaced(
        text in "(.|[a-z]{1,6}[.。]|com |net|😀|https://|dot| ){0,60}",
    ) {
        let config = r#"{"links": {"action": "replace"}, "capitals": {"action": "allow"}, "emoji": {"action": "replace", "max": 3}, "repetition": {"action": "allow"}}"#;
        if let Action::Replace(replaced) = verdict(config, &text).action {
            prop_assert_ne!(replaced, text);
        }
    }
}
