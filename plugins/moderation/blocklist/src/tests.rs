//! Verdicts by settings and messages, and what holds for all of them.

use neustream_plugin::Level;
use neustream_plugin::moderation::{Action, Message, ModerationFilter, Verdict};
use neustream_plugin::testing::{FakeHost, config_of_examples};
use proptest::prelude::*;

use crate::Blocklist;

const CONFIG: &str = r####"{"rules": [
    {"name": "names", "action": "allow", "terms": ["Scunthorpe", "well known"]},
    {"name": "mild", "action": "replace", "terms": ["darn", "heck"], "patterns": ["###-####"]},
    {"name": "doubtful", "action": "hold", "terms": ["maybe bad"], "patterns": ["free*coins"]},
    {"name": "quiet", "action": "hide", "terms": ["spoiler"]},
    {"name": "slurs", "action": "delete", "terms": ["cunt"], "inside_words": true},
    {"name": "threats", "action": "timeout", "terms": ["kill yourself"], "timeout_seconds": 3600},
    {"name": "threats-default", "action": "timeout", "terms": ["hurt yourself"]}
]}"####;

fn message(id: usize, text: &str) -> Message {
    Message {
        id: format!("m-{id}"),
        platform: "twitch".to_owned(),
        author_hash: "a".to_owned(),
        roles: Vec::new(),
        text: text.to_owned(),
        traits: Vec::new(),
    }
}

fn judge(config: &str, batch: &[Message]) -> Vec<Verdict> {
    let host = FakeHost::new(config);
    Blocklist::judge(&host, &host.context(), batch, &[])
}

fn verdict(text: &str) -> Verdict {
    judge(CONFIG, &[message(1, text)]).remove(0)
}

fn action(text: &str) -> Action {
    verdict(text).action
}

#[test]
fn a_message_that_no_rule_matches_is_allowed_in_so_many_words() {
    let verdict = verdict("What a lovely day!");
    assert_eq!((verdict.id.as_str(), verdict.action), ("m-1", Action::Allow));
    assert_eq!(verdict.rule, "clean");
}

#[test]
fn every_action_is_taken_and_the_verdict_says_which_rule_and_why() {
    for (text, expected, rule) in [
        ("oh d4rn it", Action::Replace("oh **** it".to_owned()), "mild"),
        ("get free-coins", Action::Hold, "doubtful"),
        ("maybe, bad", Action::Hold, "doubtful"),
        ("S P O I L E R", Action::Hide, "quiet"),
        ("ｃｕｎｔs", Action::Delete, "slurs"),
        ("KILL YOURSELF", Action::TimeoutS(3600), "threats"),
        ("hurt yourself", Action::TimeoutS(600), "threats-default"),
    ] {
        let verdict = verdict(text);
        assert_eq!((verdict.action, verdict.rule.as_str()), (expected, rule), "{text}");
    }
    assert_eq!(verdict("free-coins").reason, "The pattern “free*coins” of the rule doubtful matches.");
    assert_eq!(verdict("DARN").reason, "The term “darn” of the rule mild matches.");
}

#[test]
fn the_strictest_rule_decides_wherever_it_stands() {
    assert_eq!(verdict("darn, a spoiler, cunt").rule, "slurs");
    assert_eq!(verdict("kill yourself, darn").rule, "threats");
}

#[test]
fn what_is_allowed_is_no_match_of_another_rule_as_far_as_it_reaches() {
    assert_eq!(action("I live in Scunthorpe."), Action::Allow);
    assert_eq!(action("S c u n t h o r p e"), Action::Allow);
    assert_eq!(action("Scunthorpe is full of cunts"), Action::Delete);
    let verdict = verdict("Scunthorpe");
    assert_eq!(verdict.rule, "names", "an appeal learns why it was let through");
}

#[test]
fn masks_cover_every_match_and_nothing_else() {
    for (text, expected) in [
        ("heck, DARN and d a r n!", "****, **** and * * * *!"),
        ("ħéck 😀 555-1234 ok", "**** 😀 ******** ok"),
        ("d\u{200B}arn", "*****"),
    ] {
        assert_eq!(action(text), Action::Replace(expected.to_owned()), "{text}");
    }
}

#[test]
fn exempt_roles_are_not_looked_at() {
    let mut from_moderator = message(1, "kill yourself");
    from_moderator.roles = vec!["vip".to_owned(), "moderator".to_owned()];
    let verdict = judge(CONFIG, std::slice::from_ref(&from_moderator)).remove(0);
    assert_eq!((verdict.action, verdict.rule.as_str()), (Action::Allow, "exempt-role"));
    let strict = CONFIG.replacen('{', r#"{"exempt_roles": [], "#, 1);
    assert_eq!(judge(&strict, &[from_moderator])[0].rule, "threats");
}

#[test]
fn a_batch_gets_a_verdict_for_each_message_in_order() {
    let batch = [message(1, "fine"), message(2, "spoiler"), message(3, "")];
    let verdicts = judge(CONFIG, &batch);
    let ids: Vec<_> = verdicts.iter().map(|verdict| (verdict.id.as_str(), verdict.rule.as_str())).collect();
    assert_eq!(ids, [("m-1", "clean"), ("m-2", "quiet"), ("m-3", "clean")]);
}

#[test]
fn what_cannot_be_used_is_logged_with_its_place_and_the_rest_holds() {
    let config = r#"{"rules": [{"name": "x", "action": "hide", "terms": ["...", "bad"], "patterns": ["*", "a[", "ok*"]}]}"#;
    let host = FakeHost::new(config);
    let verdicts = Blocklist::judge(&host, &host.context(), &[message(1, "BAD"), message(2, "okay")], &[]);
    assert!(verdicts.iter().all(|verdict| verdict.action == Action::Hide));
    let expected = ["/rules/0/terms/0: ", "/rules/0/patterns/0: ", "/rules/0/patterns/1: "];
    let logged = host.logged(Level::Warn);
    assert_eq!(logged.len(), 3);
    for (line, pointer) in logged.iter().zip(expected) {
        assert!(line.starts_with(pointer), "{line}");
    }
}

#[test]
fn without_readable_settings_the_tenants_default_holds() {
    let host = FakeHost::new(r#"{"rules": 1}"#);
    assert_eq!(Blocklist::judge(&host, &host.context(), &[message(1, "x")], &[]), []);
    assert_eq!(host.logged(Level::Error).len(), 1);
    assert_eq!(Blocklist::plan(&host, &host.context(), &[message(1, "x")]).len(), 0);
}

#[test]
fn the_form_shows_an_example_that_works() {
    let config = config_of_examples(include_str!("../config.schema.json"));
    assert_eq!(judge(&config, &[message(1, "b@dword")])[0].rule, "insults");
}

/// A text that a disguise makes of a word without changing what it looks like.
fn disguised(word: &'static str) -> impl Strategy<Value = String> {
    let letter = |letter: char| {
        let accented = match letter {
            'b' => vec!["b", "B", "ｂ", "𝐛", "ḃ", "8", "ʙ"],
            'a' => vec!["a", "A", "á", "а", "４", "@", "ａ", "α", "𝖺"],
            'd' => vec!["d", "D", "đ", "ԁ", "ｄ", "𝓭"],
            'g' => vec!["g", "G", "ğ", "9", "ɡ", "ｇ"],
            'e' => vec!["e", "E", "é", "3", "е", "ｅ", "ℯ"],
            _ => vec!["r", "R", "ř", "ｒ", "ʀ"],
        };
        (prop::sample::select(accented), 1..4_usize, "[\u{200B}\u{200D}\u{301}\u{AD}]{0,2}")
            .prop_map(|(letter, times, invisible)| letter.repeat(times) + &invisible)
    };
    let letters: Vec<_> = word.chars().map(letter).collect();
    (letters, prop::sample::select(vec!["", " ", ".", "-", "_ ", "  ", "🍎"]))
        .prop_map(|(letters, gap)| letters.join(gap))
}

proptest! {
    #[test]
    fn a_disguised_term_is_found_among_other_words(
        word in disguised("badger"),
        before in "[a-z]{2,8}( [a-z]{2,8}){0,3}",
        after in "[a-z]{2,8}( [a-z]{2,8}){0,3}",
    ) {
        let config = r#"{"rules": [{"name": "x", "action": "delete", "terms": ["badger"]}]}"#;
        let text = format!("{before} {word} {after}");
        prop_assert_eq!(&judge(config, &[message(1, &text)])[0].rule, "x", "{}", text);
    }

    #[test]
    fn a_verdict_depends_on_message_and_settings_alone(
        texts in prop::collection::vec(".{0,80}", 1..8),
        others in prop::collection::vec(".{0,80}", 0..8),
    ) {
        let batch: Vec<_> = texts.iter().enumerate().map(|(id, text)| message(id, text)).collect();
        let together = judge(CONFIG, &batch);
        // Other messages and settings in between leave nothing behind.
        let strangers: Vec<_> = others.iter().map(|text| message(0, text)).collect();
        judge(r#"{"rules": []}"#, &strangers);
        let one_by_one: Vec<_> = batch.iter().flat_map(|one| judge(CONFIG, std::slice::from_ref(one))).collect();
        prop_assert_eq!(together, one_by_one);
    }

    #[test]
    fn whatever_is_written_a_mask_keeps_the_number_of_characters(text in "\\PC{0,60}( ?d ?a ?r ?n)?\\PC{0,20}") {
        if let Action::Replace(masked) = action(&text) {
            prop_assert_eq!(masked.chars().count(), text.chars().count());
            prop_assert_ne!(masked, text);
        }
    }

    #[test]
    fn whatever_the_settings_say_nothing_panics(
        terms in prop::collection::vec(".{0,12}", 0..6),
        patterns in prop::collection::vec("[*?#\\[\\]\\\\a-c!. -]{0,12}|.{0,12}", 0..6),
        text in ".{0,120}",
    ) {
        let rule = serde_json::json!({"name": "x", "action": "replace", "terms": terms, "patterns": patterns, "inside_words": true});
        let config = serde_json::json!({"rules": [rule]}).to_string();
        let verdicts = judge(&config, &[message(1, &text)]);
        prop_assert_eq!(verdicts.len(), 1);
    }
}
