//! What the tenant can set.

use neustream_plugin::moderation::Measure;
use serde::Deserialize;

/// The settings.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Whose messages are not looked at.
    pub exempt_roles: Vec<String>,
    /// Links.
    pub links: Links,
    /// Shouting.
    pub capitals: Capitals,
    /// Emoji floods.
    pub emoji: Emoji,
    /// Repetition.
    pub repetition: Repetition,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            exempt_roles: vec!["broadcaster".to_owned(), "moderator".to_owned()],
            links: Links::default(),
            capitals: Capitals::default(),
            emoji: Emoji::default(),
            repetition: Repetition::default(),
        }
    }
}

/// What all rules have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Common<'a> {
    /// What is done; [`Measure::Allow`] turns the rule off.
    pub action: Measure,
    /// For [`Measure::Timeout`].
    pub timeout_s: Option<u32>,
    /// Whom this rule does not bind.
    pub exempt_roles: &'a [String],
}

macro_rules! rule {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty = $default:expr,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct $name {
            action: Measure,
            timeout_seconds: Option<u32>,
            exempt_roles: Vec<String>,
            $($(#[$field_doc])* pub $field: $type,)*
        }

        impl Default for $name {
            fn default() -> Self {
                Self {
                    action: Measure::Hold,
                    timeout_seconds: None,
                    exempt_roles: Vec::new(),
                    $($field: $default,)*
                }
            }
        }

        impl $name {
            /// What it has like all rules.
            pub fn common(&self) -> Common<'_> {
                let (action, timeout_s) = (self.action, self.timeout_seconds);
                Common { action, timeout_s, exempt_roles: &self.exempt_roles }
            }
        }
    };
}

rule! {
    /// Links.
    Links {
        /// Domains that may be linked to, with everything below them.
        allowed_domains: Vec<String> = Vec::new(),
    }
}

rule! {
    /// Shouting.
    Capitals {
        /// Messages with fewer letters are not looked at.
        min_letters: u32 = 12,
        /// The highest share of capitals.
        max_percent: u32 = 70,
    }
}

rule! {
    /// Emoji floods.
    Emoji {
        /// The highest number of emoji.
        max: usize = 15,
    }
}

rule! {
    /// Repetition.
    Repetition {
        /// How often a character may follow itself.
        max_characters: usize = 10,
        /// How often a word or phrase may follow itself.
        max_words: usize = 5,
    }
}

impl Settings {
    /// Reads settings.
    pub fn read(config: &str) -> Result<Self, serde_json::Error> {
        let mut settings: Self = serde_json::from_str(config)?;
        for domain in &mut settings.links.allowed_domains {
            let name = domain.trim().trim_start_matches("*.").trim_matches('.').to_lowercase();
            *domain = name;
        }
        settings.links.allowed_domains.retain(|domain| !domain.is_empty());
        Ok(settings)
    }
}

impl Links {
    /// Whether `host` may be linked to.
    pub fn allows(&self, host: &str) -> bool {
        let is_below = |domain: &String| {
            host.strip_suffix(domain.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        self.allowed_domains.iter().any(is_below)
    }
}
