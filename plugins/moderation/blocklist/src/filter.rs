//! The verdict: which rule decides, and what is masked.
//!
//! The strictest measure decides, among equals the rule that stands first. What
//! an `allow` rule matches is no match of another rule, as far as it reaches:
//! `Scunthorpe` can be allowed where a part of it is not.

use std::cell::RefCell;

use neustream_plugin::moderation::{Cached, Found, Measure, Message, ModerationFilter, Verdict};
use neustream_plugin::{Context, Level, PureHost};

use crate::pattern::Plain;
use crate::rules::Rules;
use crate::skeleton::Skeleton;

/// The filter.
#[derive(Debug)]
pub struct Blocklist;

thread_local! {
    static RULES: Cached<Option<Rules>> = const { Cached::new() };
    static DESK: RefCell<Desk> = RefCell::default();
}

impl ModerationFilter for Blocklist {
    fn judge(host: &impl PureHost, _: &Context, batch: &[Message], _: &[Found]) -> Vec<Verdict> {
        let rules = RULES.with(|cached| cached.get(host.config(), |config| prepare(host, config)));
        // Without rules nobody knows what is allowed: the tenant's default holds.
        let Some(rules) = rules.as_ref() else { return Vec::new() };
        DESK.with_borrow_mut(|desk| batch.iter().map(|message| desk.verdict(rules, message)).collect())
    }
}

fn prepare(host: &impl PureHost, config: &str) -> Option<Rules> {
    match Rules::read(config) {
        Ok(rules) => {
            for problem in &rules.problems {
                host.log(Level::Warn, problem, &[]);
            }
            Some(rules)
        }
        Err(error) => {
            let place = format!("line {}, column {}", error.line(), error.column());
            host.log(Level::Error, "the configuration cannot be read", &[("place", &place)]);
            None
        }
    }
}

/// A match of a rule in a text.
#[derive(Debug, Clone, Copy)]
struct Match<'a> {
    rule: usize,
    /// `term` or `pattern`, and which.
    kind: &'static str,
    what: &'a str,
    start: usize,
    end: usize,
}

/// Where texts are taken apart; its memory is kept from message to message, never what was in it.
#[derive(Default)]
struct Desk {
    skeleton: Skeleton,
    plain: Plain,
}

impl Desk {
    fn verdict(&mut self, rules: &Rules, message: &Message) -> Verdict {
        if let Some(verdict) = Verdict::exempt(message, &rules.exempt_roles) {
            return verdict;
        }
        let mut matches = self.matches(rules, &message.text);
        if matches.is_empty() {
            return Verdict::clean(message);
        }
        let allowed: Vec<_> = matches
            .iter()
            .filter(|found| rules.list[found.rule].measure == Measure::Allow)
            .map(|found| (found.start, found.end))
            .collect();
        let is_allowed = |found: &Match<'_>| {
            rules.list[found.rule].measure != Measure::Allow
                && allowed.iter().any(|(start, end)| *start <= found.start && found.end <= *end)
        };
        matches.retain(|found| !is_allowed(found));
        let decisive = matches.iter().min_by_key(|found| {
            let rule = &rules.list[found.rule];
            (std::cmp::Reverse(rule.measure), found.rule, found.start)
        });
        let Some(decisive) = decisive else { return Verdict::clean(message) };
        let rule = &rules.list[decisive.rule];
        let masked = || {
            masked(
                &message.text,
                matches.iter().filter(|found| rules.list[found.rule].measure == Measure::Replace),
            )
        };
        let reason = format!("The {} “{}” of the rule {} matches.", decisive.kind, decisive.what, rule.name);
        Verdict::new(message, rule.measure.action(rule.timeout_s, masked), &rule.name, reason)
    }

    fn matches<'a>(&mut self, rules: &'a Rules, text: &str) -> Vec<Match<'a>> {
        let mut matches = Vec::new();
        self.skeleton.read(text);
        rules.terms.find(&self.skeleton, |found| {
            let (rule, what) = (usize::from(found.term.rule), rules.terms.text(found.term));
            matches.push(Match { rule, kind: "term", what, start: found.start, end: found.end });
        });
        let present = self.skeleton.present;
        let mut patterns = rules.patterns.iter().filter(|pattern| pattern.may_be_in(present)).peekable();
        if patterns.peek().is_none() {
            return matches;
        }
        self.plain.read(text);
        for pattern in patterns {
            if let Some((start, end)) = pattern.find(&self.plain) {
                let (rule, what) = (usize::from(pattern.rule), pattern.text.as_str());
                matches.push(Match { rule, kind: "pattern", what, start, end });
            }
        }
        matches
    }
}

/// `text` with a star for every visible character of the matches.
fn masked<'a>(text: &str, matches: impl Iterator<Item = &'a Match<'a>>) -> String {
    let mut spans: Vec<_> = matches.map(|found| (found.start, found.end)).collect();
    spans.sort_unstable();
    let mut spans = spans.into_iter().peekable();
    let mut reach = 0;
    let star = |(at, character): (usize, char)| {
        while let Some((_, end)) = spans.next_if(|(start, _)| *start <= at) {
            reach = reach.max(end);
        }
        if at < reach && !character.is_whitespace() { '*' } else { character }
    };
    text.char_indices().map(star).collect()
}
