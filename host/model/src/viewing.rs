//! Who may watch a source: its visibility, what playback tokens say, what was revoked.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{PlaybackId, PlaybackTokenId, UnixMillis};

/// Who may watch a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Visibility {
    /// Everyone; it is listed while it is live.
    Public,
    /// Everyone who knows its playback id.
    #[default]
    Unlisted,
    /// Who has a playback token of it.
    TokenOnly,
}

impl Visibility {
    /// The word as stored and as in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Unlisted => "unlisted",
            Self::TokenOnly => "token-only",
        }
    }

    /// What a stored word says. What this version does not know must not open a source to strangers.
    pub fn from_stored(word: &str) -> Self {
        match word {
            "public" => Self::Public,
            "unlisted" => Self::Unlisted,
            _ => Self::TokenOnly,
        }
    }
}

/// What a playback token says, once its signature was found right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaybackClaims {
    /// The token. Ids sort by the time they were made, which tells what a revocation covers.
    pub id: PlaybackTokenId,
    /// The one source that it opens.
    pub playback_id: PlaybackId,
    /// Whom the tenant gave it to, in the tenant's own words.
    pub viewer: Option<String>,
    /// The one address that it is taken from.
    pub address: Option<IpAddr>,
    /// When it ends.
    pub expires_at: UnixMillis,
}

/// What a playback token is asked to open, and from where.
#[derive(Debug, Clone, Copy)]
pub struct ViewingAttempt<'a> {
    /// The source by its public name.
    pub playback_id: &'a PlaybackId,
    /// What the viewer's token says; `None` without a token.
    pub claims: Option<&'a PlaybackClaims>,
    /// Where the viewer is.
    pub address: IpAddr,
    /// The wall clock.
    pub now: UnixMillis,
}

/// Why somebody may not watch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ViewerRefused {
    /// The source wants a token, and none came.
    #[error("this stream is only for viewers with a playback token")]
    TokenMissing,
    /// Not signed by this host, changed, for another source, or from another address than it is bound to.
    #[error("the playback token is not valid for this stream")]
    TokenInvalid,
    /// It was valid once.
    #[error("the playback token has expired")]
    TokenExpired,
    /// It was taken back.
    #[error("the playback token was revoked")]
    TokenRevoked,
}

/// The playback tokens of one source that were taken back before they ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Revocations {
    /// Every token up to this one.
    pub all_up_to: Option<PlaybackTokenId>,
    /// Every token of a viewer up to one.
    pub viewers: HashMap<String, PlaybackTokenId>,
    /// Single tokens.
    pub tokens: HashSet<PlaybackTokenId>,
}

impl Revocations {
    /// Whether a token was taken back.
    pub fn cover(&self, claims: &PlaybackClaims) -> bool {
        let is_up_to = |last: &PlaybackTokenId| claims.id <= *last;
        let of_viewer = claims.viewer.as_ref().and_then(|viewer| self.viewers.get(viewer));
        self.all_up_to.as_ref().is_some_and(is_up_to)
            || of_viewer.is_some_and(is_up_to)
            || self.tokens.contains(&claims.id)
    }
}

/// Who may watch a source, as the media path keeps it in memory. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Viewing {
    /// Who may watch.
    pub visibility: Visibility,
    /// Whether segments are encrypted (RFC 8216 §4.3.2.4, AES-128).
    pub is_encrypted: bool,
    /// Grows with every change of this value.
    pub revision: u64,
    /// What was taken back. Kept for sources that want tokens.
    pub revocations: Arc<Revocations>,
}

impl Viewing {
    /// Whether an answer may be kept by caches that serve several viewers.
    pub fn is_shared(&self) -> bool {
        self.visibility != Visibility::TokenOnly
    }

    /// Judges a viewer. A source that is open to everyone looks at no token.
    ///
    /// # Errors
    /// [`ViewerRefused`] says why.
    pub fn admit(&self, attempt: &ViewingAttempt<'_>) -> Result<(), ViewerRefused> {
        if self.visibility != Visibility::TokenOnly {
            return Ok(());
        }
        let claims = attempt.claims.ok_or(ViewerRefused::TokenMissing)?;
        let is_elsewhere = claims.address.is_some_and(|bound| bound.to_canonical() != attempt.address);
        if claims.playback_id != *attempt.playback_id || is_elsewhere {
            return Err(ViewerRefused::TokenInvalid);
        }
        if attempt.now >= claims.expires_at {
            return Err(ViewerRefused::TokenExpired);
        }
        if self.revocations.cover(claims) { Err(ViewerRefused::TokenRevoked) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_800_000_000_000);

    fn claims() -> PlaybackClaims {
        PlaybackClaims {
            id: PlaybackTokenId::new(),
            playback_id: PlaybackId::generate(),
            viewer: Some("ada".to_owned()),
            address: None,
            expires_at: UnixMillis(NOW.0 + 1),
        }
    }

    fn token_only(revocations: Revocations) -> Viewing {
        let revocations = Arc::new(revocations);
        Viewing { visibility: Visibility::TokenOnly, revocations, ..Viewing::default() }
    }

    fn admit(
        viewing: &Viewing,
        claims: Option<&PlaybackClaims>,
        now: UnixMillis,
    ) -> Result<(), ViewerRefused> {
        let other = PlaybackId::generate();
        let playback_id = claims.map_or(&other, |claims| &claims.playback_id);
        viewing.admit(&ViewingAttempt { playback_id, claims, address: [192, 0, 2, 1].into(), now })
    }

    #[test]
    fn an_open_source_asks_for_no_token() {
        for visibility in [Visibility::Public, Visibility::Unlisted] {
            let viewing = Viewing { visibility, ..Viewing::default() };
            assert_eq!(admit(&viewing, None, NOW), Ok(()));
            assert!(viewing.is_shared());
        }
    }

    #[test]
    fn a_token_opens_its_own_source_until_it_ends() {
        let (viewing, claims) = (token_only(Revocations::default()), claims());
        assert_eq!(admit(&viewing, Some(&claims), NOW), Ok(()));
        assert_eq!(admit(&viewing, Some(&claims), claims.expires_at), Err(ViewerRefused::TokenExpired));
        assert_eq!(admit(&viewing, None, NOW), Err(ViewerRefused::TokenMissing));
        let elsewhere = PlaybackId::generate();
        let attempt = ViewingAttempt {
            playback_id: &elsewhere,
            claims: Some(&claims),
            address: [192, 0, 2, 1].into(),
            now: NOW,
        };
        assert_eq!(viewing.admit(&attempt), Err(ViewerRefused::TokenInvalid));
    }

    #[test]
    fn a_bound_token_is_taken_from_its_address_alone() {
        let viewing = token_only(Revocations::default());
        let bound = |address: &str| PlaybackClaims { address: Some(address.parse().unwrap()), ..claims() };
        assert_eq!(admit(&viewing, Some(&bound("192.0.2.1")), NOW), Ok(()));
        assert_eq!(admit(&viewing, Some(&bound("::ffff:192.0.2.1")), NOW), Ok(()));
        assert_eq!(admit(&viewing, Some(&bound("192.0.2.2")), NOW), Err(ViewerRefused::TokenInvalid));
    }

    #[test]
    fn a_revocation_covers_what_was_made_before_it_and_nothing_after() {
        let (before, up_to, after) = (claims(), PlaybackTokenId::new(), claims());
        let all = token_only(Revocations { all_up_to: Some(up_to), ..Revocations::default() });
        let viewers = HashMap::from([("ada".to_owned(), up_to)]);
        let of_ada = token_only(Revocations { viewers, ..Revocations::default() });
        for viewing in [&all, &of_ada] {
            assert_eq!(admit(viewing, Some(&before), NOW), Err(ViewerRefused::TokenRevoked));
            assert_eq!(admit(viewing, Some(&after), NOW), Ok(()));
        }
        let of_nobody = PlaybackClaims { viewer: None, ..before.clone() };
        assert_eq!(admit(&of_ada, Some(&of_nobody), NOW), Ok(()));
        assert_eq!(admit(&all, Some(&of_nobody), NOW), Err(ViewerRefused::TokenRevoked));
    }

    #[test]
    fn one_token_is_revoked_without_the_others() {
        let (one, other) = (claims(), claims());
        let viewing = token_only(Revocations { tokens: HashSet::from([one.id]), ..Revocations::default() });
        assert_eq!(admit(&viewing, Some(&one), NOW), Err(ViewerRefused::TokenRevoked));
        assert_eq!(admit(&viewing, Some(&other), NOW), Ok(()));
    }

    #[test]
    fn an_unknown_word_keeps_strangers_out() {
        assert_eq!(Visibility::from_stored("subscribers"), Visibility::TokenOnly);
        for known in [Visibility::Public, Visibility::Unlisted, Visibility::TokenOnly] {
            assert_eq!(Visibility::from_stored(known.as_str()), known);
        }
    }
}
