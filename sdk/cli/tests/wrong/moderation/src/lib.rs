//! A filter that does one thing wrong, named after the rule that it breaks.

use neustream_plugin::moderation::{Action, Found, Lookup, Message, ModerationFilter, Verdict};
use neustream_plugin::{Context, Level, PureHost, json, read_config};
use serde::Deserialize;

struct Wrong;

neustream_plugin::export_moderation!(Wrong);

#[derive(Deserialize, Default)]
struct Config {
    #[serde(default)]
    asks: bool,
    #[serde(default)]
    mistake: String,
}

impl ModerationFilter for Wrong {
    fn plan(host: &impl PureHost, _: &Context, batch: &[Message]) -> Vec<Lookup> {
        let config: Config = read_config(host).unwrap_or_default();
        if !config.asks || batch.is_empty() {
            return Vec::new();
        }
        vec![Lookup::get("words", "https://lists.example/words").bearer("token")]
    }

    fn judge(host: &impl PureHost, ctx: &Context, batch: &[Message], found: &[Found]) -> Vec<Verdict> {
        let config: Config = read_config(host).unwrap_or_default();
        let does = |mistake: &str| config.mistake == mistake;
        if does("within-budget") && ctx.now > 0 {
            (0..30).for_each(|_| host.log(Level::Info, &"chatter ".repeat(30), &[]));
        }
        if does("answers-without-network") && config.asks && !batch.is_empty() && found.is_empty() {
            panic!("the words that were asked for are not there");
        }
        if does("full-batch-within-budget") && batch.len() >= 100 {
            let mut sum = 0_u64;
            (0..4_000_000_u64).for_each(|number| sum = std::hint::black_box(sum ^ number));
        }
        if does("empty-batch-is-answered") && batch.is_empty() {
            return vec![named("nobody", Action::Allow, "clean")];
        }
        let words = words(host, &config, found);
        let judged = batch.iter().enumerate().flat_map(|(index, message)| {
            let next = batch.get(index + 1).map(|next| next.text.as_str());
            let verdict = verdict(&config, &words, message, next, batch.len());
            let count = if does("one-verdict-a-message") && message.text.contains("bad") { 2 } else { 1 };
            vec![verdict; count]
        });
        judged.collect()
    }
}

fn words(host: &impl PureHost, config: &Config, found: &[Found]) -> Vec<String> {
    let mut words = vec!["bad".to_owned()];
    for one in found {
        match &one.outcome {
            Ok(body) if config.mistake == "keeps-secrets" => {
                host.log(Level::Info, &String::from_utf8_lossy(body), &[]);
            }
            Ok(body) => words.extend(json::from::<Vec<String>>(body).unwrap_or_default()),
            Err(problem) => assert!(config.mistake != "lookups-may-fail", "{}", problem.message),
        }
    }
    words
}

fn verdict(config: &Config, words: &[String], message: &Message, next: Option<&str>, count: usize) -> Verdict {
    let does = |mistake: &str| config.mistake == mistake;
    assert!(!does("survives-odd-inputs") || message.text.len() < 10_000, "a message that long");
    let is_bad = words.iter().any(|word| message.text.contains(word.as_str()));
    // In the batch as it stands nothing comes before this text; turned round it does.
    let is_before = does("order-does-not-matter") && next == Some("Hello everybody!");
    let is_crowded = does("batches-do-not-matter") && count > 2;
    if is_bad || is_before || is_crowded {
        let rule = if does("rules-have-words") { "Bad Word" } else { "bad-word" };
        return named(&message.id, Action::Hold, rule);
    }
    named(&message.id, Action::Allow, "clean")
}

fn named(id: &str, action: Action, rule: &str) -> Verdict {
    Verdict { id: id.to_owned(), action, rule: rule.to_owned(), reason: "As it is.".to_owned() }
}
