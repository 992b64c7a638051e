//! The verdict: the strictest rule that matches, among equally strict ones the first in the order links,
//! capitals, emoji, repetition. Texts that replace are made by all rules that replace, one after the other.

use neustream_plugin::moderation::{Cached, Found, Measure, Message, ModerationFilter, Verdict};
use neustream_plugin::{Context, Level, PureHost};

use crate::capitals::Letters;
use crate::emoji::emoji;
use crate::links::links;
use crate::repetition::repetition;
use crate::settings::{Common, Settings};

/// What stands in the place of a link.
const LINK: &str = "[link]";

/// The filter.
#[derive(Debug)]
pub struct LinksAndCaps;

thread_local! {
    static SETTINGS: Cached<Option<Settings>> = const { Cached::new() };
}

impl ModerationFilter for LinksAndCaps {
    fn judge(host: &impl PureHost, _: &Context, batch: &[Message], _: &[Found]) -> Vec<Verdict> {
        let settings = SETTINGS.with(|cached| cached.get(host.config(), |config| read(host, config)));
        // Without settings nobody knows what is allowed: the tenant's default holds.
        let Some(settings) = settings.as_ref() else { return Vec::new() };
        batch.iter().map(|message| verdict(settings, message)).collect()
    }
}

fn read(host: &impl PureHost, config: &str) -> Option<Settings> {
    Settings::read(config)
        .inspect_err(|error| {
            let place = format!("line {}, column {}", error.line(), error.column());
            host.log(Level::Error, "the configuration cannot be read", &[("place", &place)]);
        })
        .ok()
}

/// The rules, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    Links,
    Capitals,
    Emoji,
    Repetition,
}

const RULES: [Rule; 4] = [Rule::Links, Rule::Capitals, Rule::Emoji, Rule::Repetition];

/// What a rule found.
struct Match {
    reason: String,
    /// The text without what was found.
    replaced: Box<dyn Fn(&str) -> String>,
}

fn verdict(settings: &Settings, message: &Message) -> Verdict {
    if let Some(verdict) = Verdict::exempt(message, &settings.exempt_roles) {
        return verdict;
    }
    let binding = RULES.into_iter().filter(|rule| {
        let common = rule.common(settings);
        let is_exempt = message.roles.iter().any(|role| common.exempt_roles.contains(role));
        common.action != Measure::Allow && !is_exempt
    });
    let found: Vec<_> =
        binding.filter_map(|rule| Some((rule, rule.find(settings, &message.text)?))).collect();
    // `max_by_key` gives the last of equals: hence from the back.
    let decisive = found.iter().rev().max_by_key(|(rule, _)| rule.common(settings).action);
    let Some((rule, decisive)) = decisive else { return Verdict::clean(message) };
    let common = rule.common(settings);
    let replaced = || {
        let replacing = found.iter().filter(|(rule, _)| rule.common(settings).action == Measure::Replace);
        let replace = |text: Option<String>, (rule, found): &(Rule, Match)| match text {
            // What was found in the message holds as long as it is the message.
            None => Some((found.replaced)(&message.text)),
            Some(text) => Some(match rule.find(settings, &text) {
                Some(found) => (found.replaced)(&text),
                None => text,
            }),
        };
        replacing.fold(None, replace).unwrap_or_default()
    };
    Verdict::new(message, common.action.action(common.timeout_s, replaced), rule.name(), &decisive.reason)
}

impl Rule {
    fn name(self) -> &'static str {
        match self {
            Self::Links => "links",
            Self::Capitals => "capitals",
            Self::Emoji => "emoji",
            Self::Repetition => "repetition",
        }
    }

    fn common(self, settings: &Settings) -> Common<'_> {
        match self {
            Self::Links => settings.links.common(),
            Self::Capitals => settings.capitals.common(),
            Self::Emoji => settings.emoji.common(),
            Self::Repetition => settings.repetition.common(),
        }
    }

    fn find(self, settings: &Settings, text: &str) -> Option<Match> {
        match self {
            Self::Links => {
                let mut links = links(text);
                links.retain(|link| !settings.links.allows(&link.host));
                let reason = format!("The message links to {}.", links.first()?.host);
                let places: Vec<_> = links.into_iter().map(|link| (link.start, link.end)).collect();
                Some(Match { reason, replaced: Box::new(move |text| without(text, &places, LINK)) })
            }
            Self::Capitals => {
                let letters = Letters::of(text);
                let (min, max) = (settings.capitals.min_letters, settings.capitals.max_percent);
                let is_shouting = letters.all >= min && letters.percent() > max;
                let reason = || {
                    let (capital, all, percent) = (letters.capital, letters.all, letters.percent());
                    format!("{capital} of {all} letters are capitals ({percent} %, {max} % are allowed).")
                };
                is_shouting.then(|| Match { reason: reason(), replaced: Box::new(str::to_lowercase) })
            }
            Self::Emoji => {
                let places = emoji(text);
                let max = settings.emoji.max;
                let first_beyond = *places.get(max)?;
                let reason = format!("The message has {} emoji; {max} are allowed.", places.len());
                let replaced = move |text: &str| {
                    text[..first_beyond].trim_end().to_owned() + &without_emoji(&text[first_beyond..])
                };
                Some(Match { reason, replaced: Box::new(replaced) })
            }
            Self::Repetition => {
                let (characters, words) = (settings.repetition.max_characters, settings.repetition.max_words);
                let (found, max) = repetition(text, characters, words)?;
                let reason = format!(
                    "The same {} come {} times in a row; {max} are allowed.",
                    found.what, found.count
                );
                let places = found.superfluous;
                Some(Match {
                    reason,
                    replaced: Box::new(move |text| without(text, &places, "").trim_end().to_owned()),
                })
            }
        }
    }
}

/// `text` with `instead` in the places, which are in order and apart.
fn without(text: &str, places: &[(usize, usize)], instead: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for &(start, end) in places {
        out.push_str(&text[from..start]);
        out.push_str(instead);
        from = end;
    }
    out + &text[from..]
}

/// `text` without its emoji and what belongs to them.
fn without_emoji(text: &str) -> String {
    let is_part = |character: &char| {
        let code = *character as u32;
        matches!(code, 0x200D | 0xFE0F | 0x20E3 | 0x1F3FB..=0x1F3FF)
            || !emoji(character.encode_utf8(&mut [0; 4])).is_empty()
    };
    let rest: String = text.chars().filter(|character| !is_part(character)).collect();
    if rest.trim().is_empty() { String::new() } else { rest }
}
