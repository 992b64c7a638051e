//! The settings, prepared.

use neustream_plugin_support::moderation::Measure;
use serde::Deserialize;

use crate::pattern::Pattern;
use crate::skeleton::Skeleton;
use crate::terms::{Term, Terms};

/// Letters of all terms together; further terms are left out, with a line in the log. A cold instance prepares
/// them within the budget of one call.
const MAX_LETTERS: usize = 32 * 1024;
/// Patterns of all rules together; further ones are left out likewise.
const MAX_PATTERNS: usize = 64;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    #[serde(default)]
    rules: Vec<RuleConfig>,
    #[serde(default = "those_in_charge")]
    exempt_roles: Vec<String>,
}

fn those_in_charge() -> Vec<String> {
    vec!["broadcaster".to_owned(), "moderator".to_owned()]
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleConfig {
    name: String,
    action: Measure,
    #[serde(default)]
    terms: Vec<String>,
    #[serde(default)]
    patterns: Vec<String>,
    #[serde(default)]
    inside_words: bool,
    timeout_seconds: Option<u32>,
}

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
        let config: Config = serde_json::from_str(config)?;
        let mut letters = 0;
        let mut skeleton = Skeleton::default();
        let (mut rules, mut terms, mut patterns, mut problems) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (index, rule) in config.rules.into_iter().enumerate() {
            let number = u16::try_from(index).unwrap_or(u16::MAX);
            for (place, text) in rule.terms.iter().enumerate() {
                letters += text.chars().count();
                if letters > MAX_LETTERS {
                    problems.push(format!("/rules/{index}/terms/{place}: there are too many terms"));
                } else if !Term::add(&mut terms, &mut skeleton, text, number, rule.inside_words) {
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
        Ok(Self {
            list: rules,
            terms: Terms::new(terms),
            patterns,
            exempt_roles: config.exempt_roles,
            problems,
        })
    }
}
