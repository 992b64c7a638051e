//! What is loaded, and what is known not to load.
//!
//! Bounded by number and by bytes of code; the one that was asked for least
//! recently goes first, and those that run stay alive until their calls have
//! ended. What cannot be loaded is remembered for a while, so that a package
//! which takes ten seconds to fail does not take them again and again.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use neustream_contract::Digest;
use tokio::sync::OnceCell;

use crate::error::LoadError;

/// Plugins that are loaded at the same time.
const MAX_LOADED: usize = 128;
/// Code that is loaded at the same time. A Rust plugin has less than a megabyte, one with an engine some fifty.
const MAX_LOADED_BYTES: usize = 512 << 20;
/// Packages of which it is remembered that they do not load, and for how long.
const MAX_BROKEN: usize = 256;
const BROKEN_FOR: Duration = Duration::from_mins(10);

/// Plugins by digest.
pub(crate) struct Shelf<P> {
    places: HashMap<Digest, Place<P>>,
    broken: HashMap<Digest, (Instant, LoadError)>,
    /// Counts askings, to tell what was asked for least recently.
    asked: u64,
}

struct Place<P> {
    loaded: Loading<P>,
    last_asked: u64,
}

/// A plugin that is loaded once, however many ask.
pub(crate) type Loading<P> = Arc<OnceCell<Arc<P>>>;

impl<P> Default for Shelf<P> {
    fn default() -> Self {
        Self { places: HashMap::new(), broken: HashMap::new(), asked: 0 }
    }
}

impl<P> Shelf<P> {
    /// The place of a package, made when there is none.
    ///
    /// # Errors
    /// Why it does not load, when that is known.
    pub(crate) fn ask(&mut self, digest: &Digest) -> Result<Loading<P>, LoadError> {
        self.check_broken(digest)?;
        self.asked += 1;
        let place =
            self.places.entry(*digest).or_insert_with(|| Place { loaded: Arc::default(), last_asked: 0 });
        place.last_asked = self.asked;
        Ok(Arc::clone(&place.loaded))
    }

    /// Whether nothing is known against loading a package.
    pub(crate) fn check_broken(&mut self, digest: &Digest) -> Result<(), LoadError> {
        if let Some((since, error)) = self.broken.get(digest) {
            if since.elapsed() < BROKEN_FOR {
                return Err(error.clone());
            }
            self.broken.remove(digest);
        }
        Ok(())
    }

    /// Notes why a package does not load, where trying again would end the same way.
    pub(crate) fn note_broken(&mut self, digest: &Digest, error: &LoadError) {
        self.places.remove(digest);
        if !error.is_lasting() {
            return;
        }
        if self.broken.len() >= MAX_BROKEN {
            let oldest = self.broken.iter().min_by_key(|(_, (since, _))| *since).map(|(digest, _)| *digest);
            if let Some(oldest) = oldest {
                self.broken.remove(&oldest);
            }
        }
        self.broken.insert(*digest, (Instant::now(), error.clone()));
    }

    /// Forgets that a package does not load.
    pub(crate) fn try_again(&mut self, digest: &Digest) {
        self.broken.remove(digest);
    }

    /// Takes a package from the shelf.
    pub(crate) fn take_down(&mut self, digest: &Digest) {
        self.places.remove(digest);
    }

    /// Lets go what was asked for least recently, until the rest is within bounds. `newest` stays.
    pub(crate) fn make_room(&mut self, newest: &Digest, bytes_of: impl Fn(&P) -> usize) {
        loop {
            let loaded = || self.places.iter().filter(|(_, place)| place.loaded.initialized());
            let bytes: usize = loaded().filter_map(|(_, place)| Some(bytes_of(place.loaded.get()?))).sum();
            if loaded().count() <= MAX_LOADED && bytes <= MAX_LOADED_BYTES {
                return;
            }
            let oldest = loaded().filter(|(digest, _)| *digest != newest);
            let Some(oldest) = oldest.min_by_key(|(_, place)| place.last_asked).map(|(digest, _)| *digest)
            else {
                return;
            };
            self.places.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(number: usize) -> Digest {
        Digest::of(&number.to_le_bytes())
    }

    /// Loads a plugin of so many bytes.
    fn load(shelf: &mut Shelf<usize>, number: usize, bytes: usize) -> Loading<usize> {
        let place = shelf.ask(&digest(number)).unwrap();
        if !place.initialized() {
            place.set(Arc::new(bytes)).unwrap();
        }
        shelf.make_room(&digest(number), |bytes| *bytes);
        place
    }

    fn has(shelf: &Shelf<usize>, number: usize) -> bool {
        shelf.places.contains_key(&digest(number))
    }

    #[test]
    fn the_one_that_was_asked_for_least_recently_goes_first_and_goes_on_running() {
        let mut shelf = Shelf::default();
        let running = load(&mut shelf, 0, 1);
        for number in 1..MAX_LOADED {
            load(&mut shelf, number, 1);
        }
        load(&mut shelf, 1, 1);
        load(&mut shelf, MAX_LOADED, 1);
        assert!(!has(&shelf, 0) && has(&shelf, 1) && has(&shelf, MAX_LOADED));
        load(&mut shelf, MAX_LOADED + 1, 1);
        assert!(!has(&shelf, 2) && has(&shelf, 1));
        assert_eq!(running.get().map(|bytes| **bytes), Some(1));
    }

    #[test]
    fn large_code_makes_room_by_bytes_and_the_newest_stays_whatever_its_size() {
        let mut shelf = Shelf::default();
        for number in 0..10 {
            load(&mut shelf, number, MAX_LOADED_BYTES / 10);
        }
        assert!((0..10).all(|number| has(&shelf, number)));
        load(&mut shelf, 10, MAX_LOADED_BYTES / 10 * 3);
        assert!((0..3).all(|number| !has(&shelf, number)) && (3..11).all(|number| has(&shelf, number)));
        load(&mut shelf, 11, MAX_LOADED_BYTES * 2);
        assert_eq!(shelf.places.len(), 1);
    }

    #[test]
    fn what_does_not_load_is_known_and_what_might_load_later_is_not_given_up() {
        let mut shelf: Shelf<usize> = Shelf::default();
        let broken = LoadError::ExportMissing("x".to_owned());
        shelf.note_broken(&digest(1), &broken);
        assert_eq!(shelf.ask(&digest(1)).unwrap_err(), broken);
        shelf.try_again(&digest(1));
        assert!(shelf.ask(&digest(1)).is_ok());
        shelf.note_broken(&digest(2), &LoadError::Source("away".to_owned()));
        assert!(shelf.ask(&digest(2)).is_ok());
        for number in 0..2 * MAX_BROKEN {
            shelf.note_broken(&digest(number), &broken);
        }
        assert_eq!(shelf.broken.len(), MAX_BROKEN);
    }
}
