//! How many watch a session here.
//!
//! Players of RTMP are counted by their connections. HLS has none: whoever
//! asked for a media playlist within the last [`REMEMBERED`] is a viewer, and
//! two requests are the same viewer's when they show the same token (where the
//! source wants one) and come from the same address and the same kind of
//! player. So two equal players behind one address count as one, and a cache
//! in between that answers several viewers at once hides all but one.
//!
//! Bounded: [`MAX_REMEMBERED`] viewers of HLS; further ones are not counted
//! until others leave. What is kept of a viewer is a number that nobody can
//! lead back to the address. No clock: `now` is an argument.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use neustream_model::PlaybackTokenId;

/// How long a viewer counts after a playlist was asked for: players ask at least once a segment, and a playlist that is
/// waited for comes within as long.
const REMEMBERED: Duration = Duration::from_secs(10);
/// Some 3 MB of memory.
const MAX_REMEMBERED: usize = 100_000;

/// See the module's text.
#[derive(Debug, Default)]
pub(crate) struct Audience {
    hls: Mutex<HashMap<u64, Instant>>,
    players: AtomicU64,
    hasher: RandomState,
}

/// A player of RTMP, until dropped.
pub(crate) struct Seat(Arc<Audience>);

impl Audience {
    /// Somebody asked for a media playlist.
    pub fn note_playlist(
        &self,
        token: Option<PlaybackTokenId>,
        address: IpAddr,
        player: Option<&str>,
        now: Instant,
    ) {
        let viewer = self.hasher.hash_one((token, address, player));
        let mut hls = self.lock();
        if hls.len() < MAX_REMEMBERED || hls.contains_key(&viewer) {
            hls.insert(viewer, now);
        }
    }

    /// Counts a player of RTMP.
    pub fn seat(audience: &Arc<Self>) -> Seat {
        audience.players.fetch_add(1, Ordering::Relaxed);
        Seat(Arc::clone(audience))
    }

    /// Forgets who has not asked for a while.
    pub fn forget_absent(&self, now: Instant) {
        self.lock().retain(|_, asked| now.saturating_duration_since(*asked) < REMEMBERED);
    }

    /// How many there are, as of the last [`Audience::forget_absent`] and with everybody who came since.
    pub fn count(&self) -> u64 {
        self.lock().len() as u64 + self.players.load(Ordering::Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Instant>> {
        self.hls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.players.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
    const THERE: IpAddr = IpAddr::V6(std::net::Ipv6Addr::LOCALHOST);

    #[test]
    fn a_viewer_counts_once_and_for_ten_seconds() {
        let (audience, start) = (Audience::default(), Instant::now());
        for second in 0..5 {
            audience.note_playlist(None, HERE, Some("player"), start + Duration::from_secs(second));
        }
        assert_eq!(audience.count(), 1);
        audience.forget_absent(start + Duration::from_secs(13));
        assert_eq!(audience.count(), 1);
        audience.forget_absent(start + Duration::from_secs(14));
        assert_eq!(audience.count(), 0);
    }

    #[test]
    fn another_address_another_player_and_another_token_are_other_viewers() {
        let (audience, now) = (Audience::default(), Instant::now());
        let token = PlaybackTokenId::new();
        audience.note_playlist(None, HERE, Some("player"), now);
        audience.note_playlist(None, THERE, Some("player"), now);
        audience.note_playlist(None, HERE, None, now);
        audience.note_playlist(Some(token), HERE, Some("player"), now);
        audience.note_playlist(Some(token), HERE, Some("player"), now);
        assert_eq!(audience.count(), 4);
    }

    #[test]
    fn a_player_counts_while_it_is_connected() {
        let audience = Arc::<Audience>::default();
        let seat = Audience::seat(&audience);
        assert_eq!(audience.count(), 1);
        drop(seat);
        assert_eq!(audience.count(), 0);
    }

    #[test]
    fn a_flood_of_made_up_players_takes_bounded_memory() {
        let (audience, now) = (Audience::default(), Instant::now());
        for number in 0..=MAX_REMEMBERED {
            audience.note_playlist(None, HERE, Some(&number.to_string()), now);
        }
        assert_eq!(audience.count(), MAX_REMEMBERED as u64);
        audience.forget_absent(now + REMEMBERED);
        assert_eq!(audience.count(), 0);
    }
}
