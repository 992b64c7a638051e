//! The short words for platforms in the API, as data: which plugin a word stands for.

const PLATFORMS: [(&str, &str); 5] = [
    ("custom", "neustream/custom-rtmp"),
    ("twitch", "neustream/twitch"),
    ("youtube", "neustream/youtube"),
    ("facebook", "neustream/facebook"),
    ("kick", "neustream/kick"),
];

/// The plugin that `word` stands for.
pub(crate) fn plugin_of(word: &str) -> Option<&'static str> {
    PLATFORMS.iter().find(|(platform, _)| *platform == word).map(|(_, plugin)| *plugin)
}

/// The word for `plugin`; a plugin without one is called by its id.
pub(crate) fn word_of(plugin: &str) -> &str {
    PLATFORMS.iter().find(|(_, known)| *known == plugin).map_or(plugin, |(platform, _)| *platform)
}

/// Every word, for error messages.
pub(crate) fn words() -> String {
    PLATFORMS.map(|(platform, _)| platform).join(", ")
}
