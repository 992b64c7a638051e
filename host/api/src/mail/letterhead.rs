//! Under which name this host writes.

use crate::ApiSettings;

/// The name and the address that letters give of this host. They come from the operator, never from a request: whoever
/// asks for a letter to somebody else must not choose where its links lead.
#[derive(Debug, Clone)]
pub(crate) struct Letterhead {
    web: String,
}

impl Letterhead {
    /// As the operator set it.
    pub fn of(settings: &ApiSettings) -> Self {
        let web = settings.public_url.as_ref().unwrap_or(&settings.own_url);
        Self { web: web.trim_end_matches('/').to_owned() }
    }

    /// `live.example.com`.
    pub fn host(&self) -> &str {
        self.web.split("://").nth(1).unwrap_or(&self.web)
    }

    /// A page of this host, such as `/forgot-password`.
    pub fn page(&self, path: &str) -> String {
        format!("{}{path}", self.web)
    }

    /// A page with a token, which people open once.
    pub fn link(&self, path: &str, token: &str) -> String {
        format!("{}{path}?token={token}", self.web)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_the_operators_address() {
        let settings =
            ApiSettings { public_url: Some("https://tv.example.com/".into()), ..ApiSettings::default() };
        let head = Letterhead::of(&settings);
        assert_eq!(head.host(), "tv.example.com");
        assert_eq!(head.link("/reset-password", "t"), "https://tv.example.com/reset-password?token=t");
        assert_eq!(Letterhead::of(&ApiSettings::default()).host(), "localhost:3000");
    }
}
