//! Steps of late, and whether another version would have taken them alike.
//!
//! Before an upgrade goes out by itself, the new version is given yesterday's
//! events without a network: it must not fail, and must publish and retract
//! what the old one did. The recording is bounded in steps and bytes; the
//! oldest go first.

use std::collections::VecDeque;

use neustream_contract::chat::{ChatConnector, Effect, Event, Message, Step};
use neustream_contract::{Call, CallError};
use serde::{Deserialize, Serialize};

/// Steps of late, oldest first. JSON through serde.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recording {
    /// The steps.
    pub steps: VecDeque<RecordedStep>,
}

/// One step: what went in and what was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedStep {
    /// The revision that it led to.
    pub revision: u64,
    /// The version of the state before.
    pub state_schema: u32,
    /// The state before.
    pub state: Vec<u8>,
    /// The events.
    pub events: Vec<Event>,
    /// What was told because of them.
    pub told: Vec<Told>,
}

/// What a step made known to people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Told {
    /// A message.
    Published(Message),
    /// The removal of a message.
    Retracted(String),
}

/// What a shadow replay found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShadowOutcome {
    /// Nothing was recorded.
    NothingRecorded,
    /// All steps gave the same.
    Same {
        /// How many there were.
        steps: usize,
    },
    /// A step told something else.
    Differs {
        /// The revision of that step.
        revision: u64,
        /// What the old version told.
        expected: Vec<Told>,
        /// What the new one told.
        got: Vec<Told>,
    },
    /// The new version failed.
    Fault {
        /// The revision of that step.
        revision: u64,
        /// How.
        error: CallError,
    },
}

impl ShadowOutcome {
    /// Whether nothing speaks against the new version.
    pub fn is_harmless(&self) -> bool {
        matches!(self, Self::NothingRecorded | Self::Same { .. })
    }
}

/// What `effects` make known, in order.
pub(crate) fn told(effects: &[Effect]) -> Vec<Told> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Publish(message) => Some(Told::Published(message.clone())),
            Effect::Retract(id) => Some(Told::Retracted(id.clone())),
            _ => None,
        })
        .collect()
}

/// Gives the recorded events to another version. Its own state carries over from step to step, as it would live;
/// where the recording has a gap, the old version's state is read again. Messages are compared without `extra`,
/// which a version may well enrich.
pub async fn shadow(connector: &dyn ChatConnector, call: &Call, recording: &Recording) -> ShadowOutcome {
    if recording.steps.is_empty() {
        return ShadowOutcome::NothingRecorded;
    }
    let mut own: Option<(u64, Vec<u8>)> = None;
    for recorded in &recording.steps {
        let revision = recorded.revision;
        let state = match &own {
            Some((before, state)) if before + 1 == revision => state,
            _ => &recorded.state,
        };
        let step = match connector.handle(call, state, &recorded.events).await {
            Ok(step) => step,
            // It would begin anew, which loses nothing that was told already.
            Err(error) if error.code == super::STATE_UNREADABLE => match connector.open(call).await {
                Ok(Step { state, .. }) => match connector.handle(call, &state, &recorded.events).await {
                    Ok(step) => step,
                    Err(error) => return ShadowOutcome::Fault { revision, error },
                },
                Err(error) => return ShadowOutcome::Fault { revision, error },
            },
            Err(error) => return ShadowOutcome::Fault { revision, error },
        };
        let (expected, got) = (essence(&recorded.told), essence(&told(&step.effects)));
        if expected != got {
            return ShadowOutcome::Differs { revision, expected, got };
        }
        own = Some((revision, step.state));
    }
    ShadowOutcome::Same { steps: recording.steps.len() }
}

fn essence(told: &[Told]) -> Vec<Told> {
    let plain = |told: &Told| match told {
        Told::Published(message) => Told::Published(Message { extra: Vec::new(), ..message.clone() }),
        Told::Retracted(id) => Told::Retracted(id.clone()),
    };
    told.iter().map(plain).collect()
}

/// The steps of late, bounded.
#[derive(Debug, Default)]
pub(crate) struct Recorder {
    recording: Recording,
    bytes: usize,
}

impl Recorder {
    /// Goes on from what was kept.
    pub(crate) fn from(recording: Recording) -> Self {
        let bytes = recording.steps.iter().map(bytes_of).sum();
        Self { recording, bytes }
    }

    /// Adds a step; the oldest go while there are more than `most_steps` or `most_bytes`.
    pub(crate) fn add(&mut self, step: RecordedStep, most_steps: usize, most_bytes: usize) {
        self.bytes += bytes_of(&step);
        self.recording.steps.push_back(step);
        while self.recording.steps.len() > most_steps || self.bytes > most_bytes {
            let Some(oldest) = self.recording.steps.pop_front() else { break };
            self.bytes -= bytes_of(&oldest);
        }
    }

    /// The steps of late.
    pub(crate) fn recording(&self) -> &Recording {
        &self.recording
    }
}

fn bytes_of(step: &RecordedStep) -> usize {
    let events: usize = step.events.iter().map(super::queue::bytes_of).sum();
    let told: usize = step
        .told
        .iter()
        .map(|told| match told {
            Told::Published(message) => 128 + message.text.len() + message.author.len() + message.id.len(),
            Told::Retracted(id) => id.len(),
        })
        .sum();
    step.state.len() + events + told
}
