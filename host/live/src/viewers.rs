//! Who may watch what runs: judged in memory, for every file, player and socket.
//!
//! A [`Gate`] stands before one session and, for as long as its end can be
//! read, before what it left. It learns what the tenant changes at once when
//! the change was made on this node, and within `viewers_interval` when it was
//! made on another. While the directory is away it keeps what it knew.

use std::net::{IpAddr, Ipv4Addr};

use neustream_model::{
    PlaybackClaims, PlaybackId, PlaybackTokenId, Secret, SourceId, UnixMillis, ViewerRefused, Viewing,
    ViewingAttempt, Visibility,
};
use tokio::sync::watch;

use crate::SourceConfig;

/// Reads playback tokens. Implemented outside, so that the media path knows no key.
pub trait PlaybackTokenReader: Send + Sync + 'static {
    /// What `token` says, if this host signed it.
    ///
    /// # Errors
    /// [`ViewerRefused::TokenInvalid`].
    fn read(&self, token: &str) -> Result<PlaybackClaims, ViewerRefused>;
}

/// Who wants to watch.
#[derive(Debug, Clone, Default)]
pub struct Viewer {
    /// The playback token that it showed.
    pub token: Option<Secret>,
    /// Where it is; `None` is nowhere in particular, which no bound token is taken from.
    pub address: Option<IpAddr>,
}

/// A viewer whose token was read.
#[derive(Debug, Clone)]
pub(crate) struct Pass {
    claims: Option<PlaybackClaims>,
    address: IpAddr,
}

impl Pass {
    /// The token that it was given for, where the source wants one.
    pub fn token(&self) -> Option<PlaybackTokenId> {
        self.claims.as_ref().map(|claims| claims.id)
    }

    /// Where the viewer is.
    pub fn address(&self) -> IpAddr {
        self.address
    }
}

/// See the module's text.
#[derive(Debug)]
pub(crate) struct Gate {
    pub source: SourceId,
    playback_id: PlaybackId,
    viewing: watch::Sender<Viewing>,
}

impl Gate {
    pub fn new(source: &SourceConfig) -> Self {
        let viewing = watch::Sender::new(source.viewing.clone());
        Self { source: source.id, playback_id: source.playback_id.clone(), viewing }
    }

    /// Takes what the tenant changed. What was read earlier does not undo what was read later.
    pub fn update(&self, viewing: &Viewing) {
        self.viewing.send_if_modified(|known| {
            let is_newer = viewing.revision > known.revision;
            if is_newer {
                known.clone_from(viewing);
            }
            is_newer
        });
    }

    /// Which of the tenant's changes it knows.
    pub fn revision(&self) -> u64 {
        self.viewing.borrow().revision
    }

    pub fn visibility(&self) -> Visibility {
        self.viewing.borrow().visibility
    }

    pub fn is_encrypted(&self) -> bool {
        self.viewing.borrow().is_encrypted
    }

    /// Whether answers may be kept by caches that serve several viewers.
    pub fn is_shared(&self) -> bool {
        self.viewing.borrow().is_shared()
    }

    /// Tells every change from now on.
    pub fn changes(&self) -> watch::Receiver<Viewing> {
        self.viewing.subscribe()
    }

    /// Reads a viewer's token and judges it.
    pub fn admit(&self, tokens: &dyn PlaybackTokenReader, viewer: &Viewer) -> Result<Pass, ViewerRefused> {
        let address = viewer.address.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)).to_canonical();
        // A source that is open to everyone looks at no token, whatever it is.
        let token = viewer.token.as_ref().filter(|_| self.visibility() == Visibility::TokenOnly);
        let claims = token.map(|token| tokens.read(token.expose())).transpose()?;
        let pass = Pass { claims, address };
        self.check(&pass)?;
        Ok(pass)
    }

    /// Judges a viewer who was admitted once.
    pub fn check(&self, pass: &Pass) -> Result<(), ViewerRefused> {
        self.viewing.borrow().admit(&ViewingAttempt {
            playback_id: &self.playback_id,
            claims: pass.claims.as_ref(),
            address: pass.address,
            now: UnixMillis::now(),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use neustream_model::{Revocations, SecondPublisher, TenantId};

    use super::*;

    /// A token is its id; all are for one source.
    struct Tokens(PlaybackId);

    impl PlaybackTokenReader for Tokens {
        fn read(&self, token: &str) -> Result<PlaybackClaims, ViewerRefused> {
            Ok(PlaybackClaims {
                id: token.parse().map_err(|_| ViewerRefused::TokenInvalid)?,
                playback_id: self.0.clone(),
                viewer: None,
                address: None,
                expires_at: UnixMillis::now().plus(Duration::from_hours(1)),
            })
        }
    }

    fn gate(visibility: Visibility) -> (Gate, Tokens) {
        let source = SourceConfig {
            id: SourceId::new(),
            tenant: TenantId::new(),
            name: "Test".to_owned(),
            playback_id: PlaybackId::generate(),
            second_publisher: SecondPublisher::Reject,
            reconnect_window: Duration::ZERO,
            viewing: Viewing { visibility, revision: 1, ..Viewing::default() },
        };
        (Gate::new(&source), Tokens(source.playback_id))
    }

    fn with(token: &str) -> Viewer {
        Viewer { token: Some(Secret::new(token)), address: None }
    }

    #[test]
    fn an_open_source_does_not_even_read_a_token() {
        let (gate, tokens) = gate(Visibility::Unlisted);
        assert!(gate.admit(&tokens, &with("nonsense")).is_ok());
        assert!(gate.admit(&tokens, &Viewer::default()).is_ok());
    }

    #[test]
    fn a_viewer_who_was_admitted_is_sent_away_by_a_change() {
        let (gate, tokens) = gate(Visibility::TokenOnly);
        let refused = |viewer: &Viewer| gate.admit(&tokens, viewer).map(|_| ()).unwrap_err();
        assert_eq!(refused(&Viewer::default()), ViewerRefused::TokenMissing);
        assert_eq!(refused(&with("nonsense")), ViewerRefused::TokenInvalid);
        let token = PlaybackTokenId::new();
        let pass = gate.admit(&tokens, &with(&token.to_string())).unwrap();

        let revocations = Revocations { all_up_to: Some(PlaybackTokenId::new()), ..Revocations::default() };
        let revoked = Viewing {
            visibility: Visibility::TokenOnly,
            revision: 3,
            revocations: Arc::new(revocations),
            ..Viewing::default()
        };
        gate.update(&revoked);
        assert_eq!(gate.check(&pass), Err(ViewerRefused::TokenRevoked));

        // A slower reading of an earlier state comes late.
        gate.update(&Viewing { revision: 2, visibility: Visibility::Public, ..Viewing::default() });
        assert_eq!(gate.check(&pass), Err(ViewerRefused::TokenRevoked));
        assert_eq!(gate.revision(), 3);
    }
}
