//! Play over RTMP, by playback id.

use std::sync::Arc;
use std::time::{Duration, Instant};

use neustream_rtmp::wire::Receiver;
use neustream_rtmp::{ServerEvent, ServerSession};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::audience::Audience;
use crate::context::Context;
use crate::feed::{Feed, Step};
use crate::ingest::{ConnectionEnd, linger};
use crate::session::Session;
use crate::viewers::Pass;

/// What a player says is short.
const READ_BUFFER_BYTES: usize = 1024;
/// How often a player is looked at.
const TICK: Duration = Duration::from_secs(2);
const GOODBYE: Duration = Duration::from_secs(3);

/// Feeds an accepted player until it leaves, stalls, may not watch any more, or the session ends.
pub(crate) async fn serve(
    context: &Context,
    mut socket: TcpStream,
    mut rtmp: ServerSession,
    live: &Arc<Session>,
    pass: &Pass,
    message_stream_id: u32,
) -> Result<(), ConnectionEnd> {
    let settings = &context.settings;
    let _seat = Audience::seat(&live.audience);
    let reader = live.broadcast.reader(Receiver::Player, settings.max_lag);
    let mut feed = Feed::new(reader, message_stream_id);
    feed.enqueue(rtmp.take_output());
    let mut buffer = [0; READ_BUFFER_BYTES];
    let mut rules = live.gate.changes();
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            step = feed.step(&mut socket, &mut buffer) => match step? {
                Step::PeerClosed => return Ok(()),
                Step::Reconsidered => {}
                Step::Received(received) => {
                    rtmp.receive(&buffer[..received])?;
                    while let Some(event) = rtmp.next_event() {
                        if matches!(event, ServerEvent::Ended) {
                            return Ok(());
                        }
                    }
                    feed.enqueue(rtmp.take_output());
                }
            },
            _ = tick.tick() => {
                let stalled = feed.stalled_for(Instant::now());
                if stalled >= settings.stall_timeout {
                    return Err(ConnectionEnd::Silent(stalled));
                }
                // Tokens end by themselves.
                if live.gate.check(pass).is_err() {
                    break;
                }
            }
            Ok(()) = rules.changed() => {
                if live.gate.check(pass).is_err() {
                    break;
                }
            }
            () = live.over.cancelled() => break,
        }
    }
    let goodbye = async {
        feed.drain(&mut socket).await?;
        rtmp.end_play();
        feed.enqueue(rtmp.take_output());
        feed.drain(&mut socket).await
    };
    if let Ok(Ok(())) = timeout(GOODBYE, goodbye).await {
        linger(&mut socket).await;
    }
    Ok(())
}
