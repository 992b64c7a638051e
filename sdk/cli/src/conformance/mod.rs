//! Conformance suites: what a server and its tenants may expect of every plugin of a kind, as rules with names.
//!
//! Rules are derived from what the project has: its transcripts are played again with something changed (a byte of a
//! webhook, a time-out in place of an answer, the same events twice), and the plugin is given what nobody expects. A
//! rule that cannot be derived says which transcript would make it so.
//!
//! | file | concept |
//! |---|---|
//! | `bench` | playing steps in new installations |
//! | `headroom` | how much of each limit the transcripts use |
//! | `common` | rules of all kinds |
//! | `destination`, `chat`, `moderation`, `payment` | rules of one kind |

mod bench;
mod chat;
mod common;
mod destination;
mod headroom;
mod moderation;
mod payment;

use std::time::{Duration, Instant};

use neustream_contract::Kind;

pub use bench::Bench;
pub use headroom::{Headroom, headroom};

/// One thing that is asked of a plugin.
pub struct Rule {
    /// Its name, kebab-case: stable, since documents and reports refer to it.
    pub name: &'static str,
    /// What is asked, in a sentence.
    pub asks: &'static str,
    /// Why, in a sentence.
    pub why: &'static str,
    /// What to do where it fails.
    pub fix: &'static str,
    check: fn(&mut Bench<'_>) -> Finding,
}

/// What became of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// It holds; how that was seen.
    Passed(String),
    /// It does not: what was seen, at least one sentence.
    Failed(Vec<String>),
    /// It could not be seen: which transcript to add.
    Skipped(String),
}

impl Finding {
    /// Passed where nothing is wrong.
    fn of(wrong: Vec<String>, seen: impl Into<String>) -> Self {
        if wrong.is_empty() { Self::Passed(seen.into()) } else { Self::Failed(wrong) }
    }
}

/// A rule that was checked.
pub struct Checked {
    /// The rule.
    pub rule: &'static Rule,
    /// What became of it.
    pub finding: Finding,
    /// How long it took.
    pub took: Duration,
}

/// The rules of a kind: those of all kinds first.
pub fn rules(kind: Kind) -> Vec<&'static Rule> {
    let of_kind: &[Rule] = match kind {
        Kind::Destination => &destination::RULES,
        Kind::Chat => &chat::RULES,
        Kind::Moderation => &moderation::RULES,
        Kind::Payment => &payment::RULES,
    };
    common::RULES.iter().chain(of_kind).collect()
}

/// The rule of a package that does not even load: the first of every kind.
pub fn loading() -> &'static Rule {
    &common::RULES[0]
}

/// Checks one rule.
pub fn check(rule: &'static Rule, bench: &mut Bench<'_>) -> Checked {
    let began = Instant::now();
    let finding = (rule.check)(bench);
    Checked { rule, finding, took: began.elapsed() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_a_name_of_its_own_and_says_what_why_and_what_to_do() {
        for kind in [Kind::Destination, Kind::Chat, Kind::Moderation, Kind::Payment] {
            let rules = rules(kind);
            for rule in &rules {
                let is_kebab = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
                assert!(rule.name.chars().all(is_kebab), "{}", rule.name);
                assert_eq!(rules.iter().filter(|other| other.name == rule.name).count(), 1, "{}", rule.name);
                for sentence in [rule.asks, rule.why, rule.fix] {
                    assert!(sentence.ends_with('.') && sentence.len() > 20, "{}: {sentence}", rule.name);
                }
            }
        }
    }
}
