//! Word that somebody's standing changed: a removal, the end of a sign-in, a suspension.
//!
//! Requests look it up each time and need no word. What stays open (sockets)
//! looks again when it gets one, and from time to time besides, since other
//! nodes change things too.

use neustream_model::UserId;
use tokio::sync::broadcast;

/// Words that wait for the one who listens; whoever misses some looks at everybody again.
const MAX_WAITING: usize = 256;

/// Tells whose standing changed on this node. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Standings {
    changed: broadcast::Sender<UserId>,
}

impl Standings {
    /// Something about the standing of `user` changed, and is committed.
    pub fn changed(&self, user: UserId) {
        // Nobody listens where nothing is open.
        let _ = self.changed.send(user);
    }

    /// Hears of changes from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<UserId> {
        self.changed.subscribe()
    }
}

impl Default for Standings {
    fn default() -> Self {
        Self { changed: broadcast::channel(MAX_WAITING).0 }
    }
}
