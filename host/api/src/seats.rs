//! So many at the same time, of all together and of each user.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use neustream_model::UserId;

/// Seats for connections that stay open.
#[derive(Debug, Clone)]
pub(crate) struct Seats {
    taken: Arc<Mutex<HashMap<UserId, usize>>>,
    max: usize,
    max_per_user: usize,
}

/// A seat, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    user: UserId,
    taken: Arc<Mutex<HashMap<UserId, usize>>>,
}

impl Seats {
    /// Seats for `max`, of them `max_per_user` for one user.
    pub fn new(max: usize, max_per_user: usize) -> Self {
        Self { taken: Arc::default(), max, max_per_user }
    }

    /// A seat for `user`, if there is one.
    pub fn sit(&self, user: UserId) -> Option<Seat> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let own = taken.get(&user).copied().unwrap_or(0);
        if own >= self.max_per_user || taken.values().sum::<usize>() >= self.max {
            return None;
        }
        taken.insert(user, own + 1);
        Some(Seat { user, taken: Arc::clone(&self.taken) })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = taken.get_mut(&self.user) {
            *own -= 1;
            if *own == 0 {
                taken.remove(&self.user);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seat_is_free_again_when_its_holder_leaves() {
        let (seats, ada, eve) = (Seats::new(3, 2), UserId::new(), UserId::new());
        let first = seats.sit(ada).unwrap();
        let _second = seats.sit(ada).unwrap();
        assert!(seats.sit(ada).is_none(), "nobody takes all");
        let _third = seats.sit(eve).unwrap();
        assert!(seats.sit(eve).is_none(), "there are only so many");
        drop(first);
        assert!(seats.sit(ada).is_some());
    }
}
