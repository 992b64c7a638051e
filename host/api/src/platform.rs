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

/// The same for chats.
const CHATS: [(&str, &str); 2] = [("twitch", "neustream/twitch-chat"), ("youtube", "neustream/youtube-chat")];

/// The plugin that connects the chat of the platform `word`.
pub(crate) fn chat_plugin_of(word: &str) -> Option<&'static str> {
    CHATS.iter().find(|(platform, _)| *platform == word).map(|(_, plugin)| *plugin)
}

/// The platform whose chat `plugin` connects; a plugin without a word is called by its id.
pub(crate) fn chat_word_of(plugin: &str) -> &str {
    CHATS.iter().find(|(_, known)| *known == plugin).map_or(plugin, |(platform, _)| *platform)
}

/// Every word of chats, for error messages.
pub(crate) fn chat_words() -> String {
    CHATS.map(|(platform, _)| platform).join(", ")
}

/// Every word, for error messages.
pub(crate) fn words() -> String {
    PLATFORMS.map(|(platform, _)| platform).join(", ")
}
