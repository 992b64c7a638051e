//! Events on their way to a step.
//!
//! One queue an installation, so that the events of one connection stay in
//! order. It is bounded in bytes: whoever brings an event waits for room first,
//! so a full queue stops the reading of sockets and nothing is dropped.

use std::collections::VecDeque;
use std::sync::Arc;

use neustream_contract::Value;
use neustream_contract::chat::{Event, Payload};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

/// What an event weighs besides its texts.
const EVENT_BYTES: usize = 256;
/// Events between the connections and the driver; their bytes are bounded besides.
const EVENTS: usize = 1024;

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// A step with it has committed.
    Committed,
    /// The connector does not accept it: it is not genuine.
    Unauthorized,
    /// It was given up.
    Dropped,
    /// Nobody waits for it: there is no such connection.
    Unknown,
}

/// What the driver knows about an event besides its content.
#[derive(Debug, Default)]
pub(crate) struct Label {
    /// Room in the queue, given back when the event is through.
    pub(crate) room: Option<OwnedSemaphorePermit>,
    /// Who wants to know what became of it.
    pub(crate) done: Option<oneshot::Sender<Outcome>>,
    /// For `Opened`: which opening of which connection it tells of.
    pub(crate) opening: Option<(String, u64)>,
    /// For `Answered`: whether it is the answer of a request, not of a poll.
    pub(crate) is_request: bool,
}

/// An event and its label.
#[derive(Debug)]
pub(crate) struct Queued {
    pub(crate) event: Event,
    pub(crate) label: Label,
}

impl From<Event> for Queued {
    fn from(event: Event) -> Self {
        Self { event, label: Label::default() }
    }
}

/// Where events are brought to.
#[derive(Debug, Clone)]
pub(crate) struct Inlet {
    events: mpsc::Sender<Queued>,
    room: Arc<Semaphore>,
    most: usize,
}

/// The driver is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Gone;

impl Inlet {
    /// A queue for `most` bytes.
    pub(crate) fn new(most: usize) -> (Self, mpsc::Receiver<Queued>) {
        let most = most.min(u32::MAX as usize).min(Semaphore::MAX_PERMITS);
        let (events, queue) = mpsc::channel(EVENTS);
        (Self { events, room: Arc::new(Semaphore::new(most)), most }, queue)
    }

    /// Waits for room. May be dropped while it waits.
    pub(crate) async fn room(&self, weight: u32) -> Result<OwnedSemaphorePermit, Gone> {
        Arc::clone(&self.room).acquire_many_owned(weight).await.map_err(|_| Gone)
    }

    /// Room for `event`, if there is some now.
    pub(crate) fn room_now(&self, event: &Event) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.room).try_acquire_many_owned(self.weight(event)).ok()
    }

    /// Brings an event for which there is room.
    pub(crate) async fn bring(&self, event: Event, label: Label) -> Result<(), Gone> {
        self.events.send(Queued { event, label }).await.map_err(|_| Gone)
    }

    /// Waits for room, then brings `event`.
    pub(crate) async fn bring_when_room(&self, event: Event, mut label: Label) -> Result<(), Gone> {
        label.room = Some(self.room(self.weight(&event)).await?);
        self.bring(event, label).await
    }

    /// The room that `event` needs. One that is larger than the whole queue waits until that is empty.
    pub(crate) fn weight(&self, event: &Event) -> u32 {
        u32::try_from(bytes_of(event).min(self.most)).unwrap_or(u32::MAX)
    }
}

/// The events that the driver has, in order, next to their labels: a step takes a slice of events.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    events: VecDeque<Event>,
    labels: VecDeque<Label>,
}

impl Queue {
    pub(crate) fn push(&mut self, queued: Queued) {
        self.events.push_back(queued.event);
        self.labels.push_back(queued.label);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.events.len()
    }

    /// Whether an event waits for which `is` holds.
    pub(crate) fn any(&self, is: impl FnMut(&Event) -> bool) -> bool {
        self.events.iter().any(is)
    }

    /// How many of the first events make a batch: at least one, if there is one.
    pub(crate) fn batch(&self, most_events: usize, most_bytes: usize) -> usize {
        let mut bytes = 0;
        let fits = |event: &&Event| {
            bytes += bytes_of(event);
            bytes <= most_bytes
        };
        let count = self.events.iter().take(most_events).take_while(fits).count();
        count.max(usize::from(!self.events.is_empty()))
    }

    /// The first `count` events.
    pub(crate) fn first(&mut self, count: usize) -> &[Event] {
        &self.events.make_contiguous()[..count]
    }

    /// Takes the first `count` events out; their room is given back when the labels go.
    pub(crate) fn take(&mut self, count: usize) -> (Vec<Event>, Vec<Label>) {
        (self.events.drain(..count).collect(), self.labels.drain(..count).collect())
    }
}

/// About how much memory an event takes.
pub(crate) fn bytes_of(event: &Event) -> usize {
    let headers = |headers: &[(String, String)]| -> usize {
        headers.iter().map(|(name, value)| name.len() + value.len() + 48).sum()
    };
    let content = match event {
        Event::Opened(id) | Event::Timer(id) | Event::Remove(id) | Event::Closed(id, _) => id.len(),
        Event::Received(_, Payload::Text(text)) => text.len(),
        Event::Received(_, Payload::Binary(bytes)) => bytes.len(),
        Event::Received(_, Payload::Parts(parts)) => parts.len() * size_of::<Value>(),
        Event::Answered(_, Ok(response)) => headers(&response.headers) + response.body.len(),
        Event::Answered(_, Err(_)) => 0,
        Event::Delivered { headers: list, body, .. } => headers(list) + body.len(),
        Event::Send(outgoing) => outgoing.text.len(),
    };
    EVENT_BYTES + content
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(bytes: usize) -> Event {
        Event::Received("irc".to_owned(), Payload::Text("x".repeat(bytes)))
    }

    #[test]
    fn a_batch_is_bounded_in_events_and_bytes_but_never_empty() {
        let mut queue = Queue::default();
        assert_eq!(queue.batch(10, 1000), 0);
        queue.push(line(5000).into());
        queue.push(line(1).into());
        assert_eq!(queue.batch(10, 1000), 1);
        queue.take(1);
        for _ in 0..20 {
            queue.push(line(1).into());
        }
        assert_eq!(queue.batch(10, 1 << 20), 10);
        assert_eq!(queue.batch(10, 3 * (EVENT_BYTES + 1)), 3);
    }

    #[tokio::test]
    async fn whoever_brings_more_than_fits_waits_until_something_is_through() {
        let (inlet, mut events) = Inlet::new(2 * (EVENT_BYTES + 100));
        inlet.bring_when_room(line(100), Label::default()).await.unwrap();
        inlet.bring_when_room(line(100), Label::default()).await.unwrap();
        assert!(inlet.room_now(&line(100)).is_none());
        let first = events.recv().await.unwrap();
        assert!(inlet.room_now(&line(100)).is_none(), "taken, but not through");
        drop(first);
        assert!(inlet.room_now(&line(100)).is_some());
        // Larger than the queue: it waits for all of it and is not refused for ever.
        drop(events.recv().await.unwrap());
        assert!(inlet.room_now(&line(1 << 20)).is_some());
    }
}
