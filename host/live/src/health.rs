//! How sources were doing lately, in memory: figures every `health_interval`, and what changed.
//!
//! A source's history outlives its sessions for [`KEPT`]. Bounded: the samples
//! of [`SHOWN`], [`MAX_EVENTS`] changes, and [`MAX_RESTING`] histories of sources
//! that do not run; the one that rested longest goes first.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use neustream_model::{
    HealthEvent, HealthSample, HealthState, LiveEvent, LiveEventKind, LiveFigures, SourceId, StreamHealth,
    StreamState, UnixMillis,
};
use tokio::time::MissedTickBehavior;

use crate::context::Context;

/// What is shown of the figures.
const SHOWN: Duration = Duration::from_mins(10);
/// More samples are not kept even where the wall clock was set back.
const MAX_SAMPLES: usize = 400;
const MAX_EVENTS: usize = 200;
/// How long a history is kept after its source ran.
const KEPT: Duration = Duration::from_hours(1);
const MAX_RESTING: usize = 1_000;

/// The histories of all sources.
#[derive(Debug, Default)]
pub(crate) struct Histories(Mutex<HashMap<SourceId, History>>);

#[derive(Debug)]
struct History {
    samples: VecDeque<HealthSample>,
    events: VecDeque<HealthEvent>,
    /// When something was last noted.
    touched: Instant,
}

impl Histories {
    /// How a source was doing lately; nothing where it did not run.
    pub fn of(&self, source: SourceId) -> StreamHealth {
        let histories = self.lock();
        let Some(history) = histories.get(&source) else { return StreamHealth::default() };
        StreamHealth {
            samples: history.samples.iter().cloned().collect(),
            events: history.events.iter().cloned().collect(),
        }
    }

    /// Takes figures; true when there are other viewers than last time.
    pub fn take_sample(&self, source: SourceId, sample: HealthSample, now: Instant) -> bool {
        let mut histories = self.lock();
        let history = histories.entry(source).or_insert_with(|| History::new(now));
        history.touched = now;
        let former = history.samples.back().map_or(0, |last| last.viewers);
        let is_old = |kept: &HealthSample| sample.at.since(kept.at) >= SHOWN;
        while history.samples.front().is_some_and(is_old) || history.samples.len() >= MAX_SAMPLES {
            history.samples.pop_front();
        }
        let is_audience_changed = former != sample.viewers;
        history.samples.push_back(sample);
        is_audience_changed
    }

    /// Takes what happened to a source that is in the state `stream`, if it is another state of something or has another
    /// reason.
    pub fn note(&self, event: &LiveEvent, stream: StreamState, now: Instant) {
        let (state, reason) = match &event.kind {
            LiveEventKind::StreamStarting => (HealthState::Stream(StreamState::Starting), None),
            LiveEventKind::StreamLive => (HealthState::Stream(StreamState::Live), None),
            LiveEventKind::StreamOffline => (HealthState::Stream(StreamState::Offline), None),
            LiveEventKind::StreamError { reason } => (HealthState::Stream(stream), Some(reason)),
            LiveEventKind::Destination { status } => {
                (HealthState::Destination(status.id, status.state), status.reason.as_ref())
            }
            LiveEventKind::UsageWarning { .. } => return,
        };
        let mut histories = self.lock();
        let history = histories.entry(event.source_id).or_insert_with(|| History::new(now));
        history.touched = now;
        let last = history.events.iter().rev().find(|known| is_of_the_same(known.state, state));
        if last.is_some_and(|last| last.state == state && last.reason.as_ref() == reason) {
            return;
        }
        if history.events.len() == MAX_EVENTS {
            history.events.pop_front();
        }
        history.events.push_back(HealthEvent { at: event.at, state, reason: reason.cloned() });
    }

    /// Forgets sources that have not run for a while.
    fn forget_old(&self, running: &HashSet<SourceId>, now: Instant) {
        let mut histories = self.lock();
        let rests = |source: &SourceId| !running.contains(source);
        let is_old = |history: &History| now.saturating_duration_since(history.touched) >= KEPT;
        histories.retain(|source, history| !(rests(source) && is_old(history)));
        let mut resting: Vec<_> = histories
            .iter()
            .filter(|(source, _)| rests(source))
            .map(|(source, history)| (history.touched, *source))
            .collect();
        let surplus = resting.len().saturating_sub(MAX_RESTING);
        if surplus > 0 {
            resting.sort_unstable();
            for (_, source) in &resting[..surplus] {
                histories.remove(source);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SourceId, History>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl History {
    fn new(now: Instant) -> Self {
        Self { samples: VecDeque::new(), events: VecDeque::new(), touched: now }
    }
}

/// Whether both tell of the source, or of the same destination.
fn is_of_the_same(one: HealthState, other: HealthState) -> bool {
    match (one, other) {
        (HealthState::Stream(_), HealthState::Stream(_)) => true,
        (HealthState::Destination(one, _), HealthState::Destination(other, _)) => one == other,
        _ => false,
    }
}

/// Looks at everything that runs every `health_interval`, until dropped.
pub(crate) async fn keep(context: Arc<Context>) {
    let mut beat = tokio::time::interval(context.settings.health_interval);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        beat.tick().await;
        let (now, at) = (Instant::now(), UnixMillis::now());
        let sessions = context.sessions();
        for session in &sessions {
            let sample = session.look(now, at);
            let is_audience_changed = context.histories.take_sample(session.source_id, sample.clone(), now);
            // Without listeners there is nobody to miss it.
            let _ = context.figures.send(LiveFigures {
                tenant_id: session.tenant,
                source_id: session.source_id,
                playback_id: session.playback_id.clone(),
                sample,
                is_audience_changed,
            });
        }
        let running = sessions.iter().map(|session| session.source_id).collect();
        context.histories.forget_old(&running, now);
    }
}

#[cfg(test)]
mod tests {
    use neustream_model::{PlaybackId, Reason, SessionId, TenantId};

    use super::*;

    fn sample(second: u64, viewers: u64) -> HealthSample {
        let at = UnixMillis(1_000_000 + second * 1_000);
        HealthSample { at, bitrate_in_bps: 1, frame_rate: Some(30.0), viewers, destinations: Vec::new() }
    }

    fn event(source: SourceId, kind: LiveEventKind) -> LiveEvent {
        LiveEvent {
            at: UnixMillis(1),
            tenant_id: TenantId::new(),
            source_id: source,
            session_id: SessionId::new(),
            playback_id: PlaybackId::generate(),
            kind,
        }
    }

    #[test]
    fn samples_of_ten_minutes_are_kept_and_other_viewers_noticed() {
        let (histories, source, now) = (Histories::default(), SourceId::new(), Instant::now());
        assert!(!histories.take_sample(source, sample(0, 0), now));
        assert!(histories.take_sample(source, sample(2, 5), now));
        for second in (4..2_000).step_by(2) {
            assert!(!histories.take_sample(source, sample(second, 5), now));
        }
        let shown = histories.of(source).samples;
        assert_eq!(shown.len(), 300);
        assert_eq!(shown.first().unwrap().at, sample(1_400, 0).at);
        assert_eq!(shown.last().unwrap().at, sample(1_998, 0).at);
    }

    #[test]
    fn only_what_changed_is_an_event_and_200_are_kept() {
        let (histories, source, now) = (Histories::default(), SourceId::new(), Instant::now());
        let live = event(source, LiveEventKind::StreamLive);
        for _ in 0..2 {
            histories.note(&live, StreamState::Live, now);
        }
        assert_eq!(histories.of(source).events.len(), 1);
        let reason = Reason::new("publisher-vanished", "it was lost");
        let lost = event(source, LiveEventKind::StreamError { reason });
        histories.note(&lost, StreamState::Reconnecting, now);
        let events = histories.of(source).events;
        assert_eq!(events[1].state, HealthState::Stream(StreamState::Reconnecting));
        assert_eq!(events[1].reason.as_ref().unwrap().code, "publisher-vanished");
        for _ in 0..150 {
            histories.note(&live, StreamState::Live, now);
            histories.note(&lost, StreamState::Reconnecting, now);
        }
        assert_eq!(histories.of(source).events.len(), 200);
    }

    #[test]
    fn a_source_that_rests_is_forgotten_after_an_hour_and_the_longest_resting_first() {
        let (histories, start) = (Histories::default(), Instant::now());
        let running = SourceId::new();
        histories.take_sample(running, sample(0, 0), start);
        let first = SourceId::new();
        histories.take_sample(first, sample(0, 0), start);
        let all = HashSet::from([running]);
        for number in 1..=MAX_RESTING {
            let later = start + Duration::from_millis(number as u64);
            histories.take_sample(SourceId::new(), sample(0, 0), later);
        }
        histories.forget_old(&all, start);
        assert!(histories.of(first).samples.is_empty());
        assert_eq!(histories.lock().len(), MAX_RESTING + 1);
        histories.forget_old(&all, start + KEPT * 2);
        assert_eq!(histories.lock().len(), 1);
        assert!(!histories.of(running).samples.is_empty());
    }
}
