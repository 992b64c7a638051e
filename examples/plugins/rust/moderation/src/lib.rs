//! Does with messages that contain one of the tenant's words what the tenant chose.

use neustream_plugin::moderation::{Found, Measure, Message, ModerationFilter, Verdict};
use neustream_plugin::{Context, Level, PureHost, read_config};
use serde::Deserialize;

/// The filter.
pub struct Words;

neustream_plugin::export_moderation!(Words);

/// The settings, as `config.schema.json` describes them.
#[derive(Deserialize)]
struct Config {
    words: Vec<String>,
    #[serde(default = "hold")]
    action: Measure,
}

fn hold() -> Measure {
    Measure::Hold
}

impl ModerationFilter for Words {
    // The same settings and messages must give the same verdicts: one can be replayed in an appeal.
    fn judge(host: &impl PureHost, _: &Context, batch: &[Message], _: &[Found]) -> Vec<Verdict> {
        let config: Config = match read_config(host) {
            Ok(config) => config,
            Err(error) => {
                // Without verdicts, what the tenant chose for failures holds.
                host.log(Level::Error, &error.problem().message, &[]);
                return Vec::new();
            }
        };
        batch
            .iter()
            .map(|message| verdict(&config, message))
            .collect()
    }
}

fn verdict(config: &Config, message: &Message) -> Verdict {
    let text = message.text.to_lowercase();
    match config
        .words
        .iter()
        .find(|word| text.contains(&word.to_lowercase()))
    {
        Some(word) => {
            // `rule` is what an appeal refers to, the reason is for the moderator.
            let action = config.action.action(None, String::new);
            Verdict::new(
                message,
                action,
                "words",
                format!("The message contains “{word}”."),
            )
        }
        None => Verdict::clean(message),
    }
}

#[cfg(test)]
mod tests {
    use neustream_plugin::moderation::Action;
    use neustream_plugin::testing::{FakeHost, config_of_examples, judge, message};

    use super::*;

    const SCHEMA: &str = include_str!("../config.schema.json");

    /// A host with settings that the schema allows.
    fn configured(config: &str) -> FakeHost {
        FakeHost::new(config).with_schema(SCHEMA)
    }

    #[test]
    fn a_message_with_a_word_is_held_in_any_case() {
        let host = configured(r#"{"words": ["darn"]}"#);
        let verdict = &judge::<Words>(&host, &[message("Oh DARN it")])[0];
        assert_eq!(
            (&verdict.action, verdict.rule.as_str()),
            (&Action::Hold, "words")
        );
    }

    #[test]
    fn other_messages_are_allowed() {
        let host = configured(r#"{"words": ["darn"]}"#);
        assert_eq!(
            judge::<Words>(&host, &[message("hello")])[0].action,
            Action::Allow
        );
    }

    #[test]
    fn the_tenant_chooses_what_becomes_of_them() {
        let host = configured(r#"{"words": ["darn"], "action": "delete"}"#);
        assert_eq!(
            judge::<Words>(&host, &[message("darn")])[0].action,
            Action::Delete
        );
    }

    #[test]
    fn without_readable_settings_there_is_no_verdict_and_a_line_in_the_log() {
        let host = FakeHost::new(r#"{"words": 1}"#);
        assert_eq!(judge::<Words>(&host, &[message("darn")]), []);
        assert!(!host.logged(Level::Error).is_empty());
    }

    #[test]
    fn the_examples_of_the_form_work() {
        let host = configured(&config_of_examples(SCHEMA));
        assert_eq!(
            judge::<Words>(&host, &[message("heck")])[0].action,
            Action::Hold
        );
    }
}
