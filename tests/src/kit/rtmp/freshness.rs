//! How old the pictures are that a slow destination is fed.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use super::destination::{Arrival, Connection};
use super::kind;

/// The oldest picture that a destination may be fed.
const MAX_AGE: Duration = Duration::from_secs(4);

/// What a slow destination was fed, beside one that keeps up.
#[derive(Debug, Clone, Copy)]
pub struct Freshness {
    /// Pictures that it read to their ends.
    pub pictures: usize,
    /// The greatest difference between its reading of a picture and the other one's.
    pub oldest: Duration,
    /// How often pictures were left out for it.
    pub skips: usize,
    /// Skips after which it did not go on with a keyframe.
    pub broken_skips: usize,
}

impl Freshness {
    /// Compares the connections of the slow one with that of one that keeps up, picture by picture.
    ///
    /// # Errors
    /// When hardly a picture of the slow one was seen by the other.
    pub fn of(slow: &[Connection], on_time: &Connection) -> Result<Self> {
        let is_picture = |arrival: &&Arrival| arrival.kind == kind::VIDEO && !arrival.is_header;
        let due: HashMap<u32, Instant> = on_time
            .arrivals
            .iter()
            .filter(is_picture)
            .map(|arrival| (arrival.timestamp, arrival.at))
            .collect();
        let pictures: Vec<&Arrival> =
            slow.iter().flat_map(|connection| &connection.arrivals).filter(is_picture).collect();
        let age = |arrival: &&Arrival| {
            due.get(&arrival.timestamp).map(|due| arrival.at.saturating_duration_since(*due))
        };
        let ages: Vec<Duration> = pictures.iter().filter_map(age).collect();
        ensure!(
            ages.len() * 10 >= pictures.len() * 9,
            "{} of {} pictures compare",
            ages.len(),
            pictures.len()
        );
        let is_skip = |pair: &&[&Arrival]| pair[1].timestamp > pair[0].timestamp + 100;
        let skips: Vec<_> = pictures.windows(2).filter(is_skip).collect();
        Ok(Self {
            pictures: pictures.len(),
            oldest: ages.into_iter().max().unwrap_or_default(),
            skips: skips.len(),
            broken_skips: skips.iter().filter(|pair| !pair[1].is_keyframe).count(),
        })
    }

    /// Expects that it was slow indeed, and yet was fed nothing older than 4 s.
    ///
    /// # Errors
    /// With what was wrong.
    pub fn expect_fresh(&self) -> Result<()> {
        ensure!(self.pictures > 30 && self.skips > 3, "the destination was not slow: {self:?}");
        ensure!(self.broken_skips == 0, "a skip did not end at a keyframe: {self:?}");
        ensure!(self.oldest <= MAX_AGE, "a picture was too old: {self:?}");
        Ok(())
    }
}
