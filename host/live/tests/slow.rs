//! A destination that reads at a tenth of the stream's bitrate: how old what it gets is, and what it costs others.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod support;

use std::time::{Duration, Instant};

use bytes::Bytes;
use neustream_media::{Frame, FrameKind, Track};
use neustream_rtmp::{ServerEvent, ServerSession, SessionLimits};
use support::{PATIENCE, Scene, Seen, TargetServer, is_accepted, picture_number, video_header};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket};

const PICTURES: u32 = 300;
const GOP: u32 = 30;
/// 5 Mbit/s at 30 pictures a second; keyframes are four times the size of the others.
const PICTURE_BYTES: usize = 19_000;
const SLOW_BYTES_PER_SECOND: usize = 62_500;

/// A picture that carries its number and the moment it was made, in microseconds since `start`.
fn timed_picture(number: u32, start: Instant) -> Frame {
    let is_key = number.is_multiple_of(GOP);
    let mut body = vec![if is_key { 0x17 } else { 0x27 }, 1, 0, 0, 0];
    body.extend(number.to_be_bytes());
    body.extend((start.elapsed().as_micros() as u64).to_be_bytes());
    body.resize(if is_key { PICTURE_BYTES * 4 } else { PICTURE_BYTES }, 0x5a);
    let kind = if is_key { FrameKind::Key } else { FrameKind::Delta };
    Frame {
        track: Track::Video,
        kind,
        timestamp_ms: u64::from(number) * 1000 / 30,
        payload: Bytes::from(body),
    }
}

fn age(frame: &Frame, start: Instant) -> Duration {
    let made = u64::from_be_bytes(frame.payload[9..17].try_into().unwrap());
    start.elapsed().saturating_sub(Duration::from_micros(made))
}

/// Accepts one publication, reads at `SLOW_BYTES_PER_SECOND`, returns the greatest age of a picture it got.
async fn read_slowly(listener: TcpListener, start: Instant) -> (Duration, u32) {
    let (mut socket, _) = listener.accept().await.unwrap();
    let mut session = ServerSession::new(SessionLimits::default());
    let tick = Duration::from_millis(20);
    let mut pace = tokio::time::interval(tick);
    let mut buffer = vec![0; SLOW_BYTES_PER_SECOND / 50];
    let (mut oldest, mut pictures) = (Duration::ZERO, 0);
    loop {
        pace.tick().await;
        let Ok(received @ 1..) = socket.read(&mut buffer).await else { return (oldest, pictures) };
        session.receive(&buffer[..received]).unwrap();
        while let Some(event) = session.next_event() {
            match event {
                ServerEvent::PublishRequested { .. } => session.accept(),
                ServerEvent::Frame(frame) if picture_number(&frame).is_some() => {
                    oldest = oldest.max(age(&frame, start));
                    pictures += 1;
                }
                ServerEvent::Ended => return (oldest, pictures),
                _ => {}
            }
        }
        // The stream is over while this still reads: then nobody listens to what it acknowledges.
        if socket.write_all(&session.take_output()).await.is_err() {
            return (oldest, pictures);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_destination_gets_fresh_pictures_and_its_neighbour_gets_all() {
    let mut scene = Scene::new(|_| {}).await;
    let start = Instant::now();
    let slow = TcpSocket::new_v4().unwrap();
    slow.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let slow = slow.listen(1).unwrap();
    let slow_id = scene.add_destination(slow.local_addr().unwrap());
    let reading = tokio::spawn(read_slowly(slow, start));
    let mut healthy = TargetServer::start().await;
    let healthy_id = scene.add_destination(healthy.address);
    let mut publisher = scene.publisher().await;
    publisher.send(&[video_header()]).await;
    let mut waiting = vec![slow_id, healthy_id];
    while !waiting.is_empty() {
        let id = scene
            .event(|event| match &event.kind {
                neustream_model::LiveEventKind::Destination { status } if is_accepted(status) => {
                    Some(status.id)
                }
                _ => None,
            })
            .await;
        waiting.retain(|waiting| *waiting != id);
    }
    let counting = tokio::spawn(async move {
        let mut greatest = Duration::ZERO;
        let mut expected = 0;
        while expected < PICTURES {
            if let Seen::Frame(frame) = healthy.next().await
                && let Some(number) = picture_number(&frame)
            {
                assert_eq!(number, expected);
                greatest = greatest.max(age(&frame, start));
                expected += 1;
            }
        }
        greatest
    });
    let mut pace = tokio::time::interval(Duration::from_micros(33_333));
    for number in 0..PICTURES {
        pace.tick().await;
        publisher.send(&[timed_picture(number, start)]).await;
    }
    let greatest = tokio::time::timeout(PATIENCE, counting).await.unwrap().unwrap();
    let status = scene.live.session(scene.source.id).unwrap();
    let slow_status = status.destinations.into_iter().find(|status| status.id == slow_id).unwrap();
    publisher.end().await;
    let (oldest, pictures) = tokio::time::timeout(PATIENCE, reading).await.unwrap().unwrap();
    println!(
        "slow: {pictures} pictures, oldest {oldest:?}, {} dropped; healthy: at most {greatest:?}",
        slow_status.dropped_frames
    );
    assert!(pictures > 10, "something arrives: {pictures}");
    assert!(oldest <= Duration::from_secs(4), "the oldest picture was {oldest:?} old");
    assert_eq!(slow_status.reason.map(|reason| reason.code).as_deref(), Some("slow"));
    assert!(slow_status.dropped_frames > 0);
}
