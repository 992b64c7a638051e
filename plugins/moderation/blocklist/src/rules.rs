//! The settings, prepared.

use std::borrow::Cow;

use neustream_plugin::moderation::Measure;
use serde::Deserialize;

use crate::pattern::Pattern;
use crate::terms::Terms;

/// Bytes of all terms together; further terms are left out, with a line in the log. A cold instance prepares
/// them within the budget of one call.
const MAX_TERM_BYTES: usize = 32 * 1024;
/// Patterns of all rules together; further ones are left out likewise.
const MAX_PATTERNS: usize = 64;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Config<'a> {
    #[serde(default, borrow)]
    rules: Vec<RuleConfig<'a>>,
    #[serde(default = "those_in_charge")]
    exempt_roles: Vec<String>,
}

fn those_in_charge() -> Vec<String> {
    vec!["broadcaster".to_owned(), "moderator".to_owned()]
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleConfig<'a> {
    name: String,
    action: Measure,
    #[serde(default, borrow)]
    terms: Vec<Text<'a>>,
    #[serde(default)]
    patterns: Vec<String>,
    #[serde(default)]
    inside_words: bool,
    timeout_seconds: Option<u32>,
}

/// A text that is copied only where it has escapes.
#[derive(Debug, Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// What a rule does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Its name, kebab-case.
    pub name: String,
    /// What it does.
    pub measure: Measure,
    /// For [`Measure::Timeout`].
    pub timeout_s: Option<u32>,
}

/// The settings, prepared.
#[derive(Debug)]
pub struct Rules {
    /// Rules in the tenant's order.
    pub list: Vec<Rule>,
    /// Their terms.
    pub terms: Terms,
    /// Their patterns.
    pub patterns: Vec<Pattern>,
    /// Whom they do not bind.
    pub exempt_roles: Vec<String>,
    /// What could not be used: a JSON pointer and why.
    pub problems: Vec<String>,
}

impl Rules {
    /// Prepares settings.
    pub fn read(config: &str) -> Result<Self, serde_json::Error> {
        let bytes = config.len().min(MAX_TERM_BYTES);
        let config: Config<'_> = serde_json::from_str(config)?;
        let mut term_bytes = 0;
        let mut terms = Terms::with_capacity(bytes);
        let (mut rules, mut patterns, mut problems) = (Vec::new(), Vec::new(), Vec::new());
        for (index, rule) in config.rules.into_iter().enumerate() {
            let number = u16::try_from(index).unwrap_or(u16::MAX);
            for (place, Text(text)) in rule.terms.iter().enumerate() {
                term_bytes += text.len();
                if term_bytes > MAX_TERM_BYTES {
                    problems.push(format!("/rules/{index}/terms/{place}: there are too many terms"));
                } else if !terms.add(text, number, rule.inside_words) {
                    problems.push(format!("/rules/{index}/terms/{place}: the term has no letters"));
                }
            }
            for (place, text) in rule.patterns.iter().enumerate() {
                match Pattern::new(text, number) {
                    Ok(pattern) if patterns.len() < MAX_PATTERNS => patterns.push(pattern),
                    Ok(_) => {
                        problems
                            .push(format!("/rules/{index}/patterns/{place}: there are too many patterns"));
                    }
                    Err(error) => problems.push(format!("/rules/{index}/patterns/{place}: {error}")),
                }
            }
            rules.push(Rule { name: rule.name, measure: rule.action, timeout_s: rule.timeout_seconds });
        }
        Ok(Self { list: rules, terms, patterns, exempt_roles: config.exempt_roles, problems })
    }
}
