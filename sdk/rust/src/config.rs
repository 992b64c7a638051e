//! Reading the configuration.

use serde::de::DeserializeOwned;

use crate::{Error, Problem, PureHost};

/// The tenant's settings as the type `C`. The host has checked them against `config.schema.json`, so a failure means
/// that schema and type disagree; the error says where and never repeats the settings.
///
/// ```
/// use neustream_plugin::read_config;
/// use neustream_plugin::testing::FakeHost;
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// struct Config {
///     channel: String,
///     #[serde(default)]
///     is_quiet: bool,
/// }
///
/// let host = FakeHost::new(r#"{"channel": "ronni"}"#);
/// let config: Config = read_config(&host)?;
/// assert_eq!((config.channel.as_str(), config.is_quiet), ("ronni", false));
/// # Ok::<(), neustream_plugin::Error>(())
/// ```
pub fn read_config<C: DeserializeOwned>(host: &impl PureHost) -> Result<C, Error> {
    serde_json::from_str(&host.config()).map_err(|error| {
        // serde's messages of this kind may quote the value, so only its place is passed on.
        let place = format!("line {}, column {}", error.line(), error.column());
        Error::InvalidConfig(Problem::new(
            "unreadable",
            format!(": the configuration cannot be read ({place})"),
        ))
    })
}
