//! An installation's log, as it was kept and as it is written (Server-Sent Events).

use std::io::{BufRead as _, BufReader};
use std::ops::ControlFlow;
use std::thread;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Client, Refusal};
use crate::failure::{Exit, Failure};

/// The first pause before a lost connection is tried again; it doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// A line of a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LogLine {
    /// Counts the lines since the host started, from 1.
    pub number: u64,
    /// When it was written (RFC 3339).
    pub at: String,
    /// `debug`, `info`, `warn` or `error`.
    pub level: String,
    /// The text, with its fields behind it.
    pub text: String,
}

/// What a follower hears.
#[derive(Debug)]
pub(crate) enum Heard {
    /// A line, each once, in their order.
    Line(LogLine),
    /// The connection was lost for this reason; it is tried again until it is there.
    Lost(Failure),
    /// It is there again.
    Back,
}

/// The lines that the server keeps, oldest first.
///
/// # Errors
/// When the server cannot be reached or refuses.
pub(crate) fn kept_lines(client: &Client, installation: &str) -> Result<Vec<LogLine>, Failure> {
    let answer = client.get(&format!("/api/installations/{installation}/logs"))?;
    let mut answer = answer.map_err(|refusal| client.failure(&refusal))?;
    serde_json::from_value(answer["lines"].take()).map_err(|_| client.failure(&Refusal::read(200, b"")))
}

/// Tells what is logged after `last` (all that is kept where there is none), until `hear` breaks off. A connection that
/// ends is made again, with a fresh token, and goes on behind the last line.
///
/// # Errors
/// When the server refuses, or cannot be reached in the first place.
pub(crate) fn follow(
    client: &Client,
    installation: &str,
    mut last: Option<LogLine>,
    hear: &mut dyn FnMut(Heard) -> ControlFlow<()>,
) -> Result<(), Failure> {
    let path = format!("/api/installations/{installation}/logs/stream");
    let mut pause = None;
    loop {
        let opened = resumed_after(client, installation, last.as_ref())
            .and_then(|number| client.events(&path, number))
            .and_then(|opened| opened.map_err(|refusal| client.failure(&refusal)));
        let answer = match opened {
            Ok(answer) => answer,
            // The first connection must succeed; a later one may take its time, unless the server knows better.
            Err(failure) => match pause {
                Some(_) if is_passing(&failure) => {
                    if pause == Some(FIRST_PAUSE) && hear(Heard::Lost(failure)).is_break() {
                        return Ok(());
                    }
                    let now = pause.unwrap_or(FIRST_PAUSE);
                    thread::sleep(now);
                    pause = Some((now * 2).min(LONGEST_PAUSE));
                    continue;
                }
                _ => return Err(failure),
            },
        };
        if pause.is_some_and(|pause| pause > FIRST_PAUSE) && hear(Heard::Back).is_break() {
            return Ok(());
        }
        pause = Some(FIRST_PAUSE);
        let mut events = Events::default();
        for line in BufReader::new(answer.into_body().into_reader()).lines() {
            // However it ended: the next connection says more.
            let Ok(line) = line else { break };
            let Some(written) = events.line(&line) else { continue };
            last = Some(written.clone());
            if hear(Heard::Line(written)).is_break() {
                return Ok(());
            }
        }
    }
}

/// The number to go on behind. A host that was started again counts from 1 again: then everything that it keeps is new.
fn resumed_after(client: &Client, installation: &str, last: Option<&LogLine>) -> Result<u64, Failure> {
    let Some(last) = last else { return Ok(0) };
    let kept = kept_lines(client, installation)?;
    Ok(if is_continued(&kept, last) { last.number } else { 0 })
}

fn is_continued(kept: &[LogLine], last: &LogLine) -> bool {
    kept.iter().any(|line| line == last) || kept.first().is_some_and(|first| first.number > last.number)
}

/// Whether it may be over in a while: the server is away or busy.
fn is_passing(failure: &Failure) -> bool {
    let passing = ["not-reached", "unavailable", "request-timeout", "no-neustream", "internal"];
    failure.exit == Exit::Server
        && failure.diagnostics.iter().all(|diagnostic| passing.contains(&diagnostic.code.as_str()))
}

/// Server-Sent Events, line by line; of them only the data is of interest here.
#[derive(Default)]
struct Events {
    data: String,
}

impl Events {
    /// Takes a line without its end; gives the event that ends with it.
    fn line(&mut self, line: &str) -> Option<LogLine> {
        if line.is_empty() {
            let data = std::mem::take(&mut self.data);
            return serde_json::from_str(&data).ok();
        }
        if let Some(data) = line.strip_prefix("data:") {
            if !self.data.is_empty() {
                self.data.push('\n');
            }
            self.data.push_str(data.strip_prefix(' ').unwrap_or(data));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(number: u64, at: &str) -> LogLine {
        LogLine { number, at: at.to_owned(), level: "info".to_owned(), text: "text".to_owned() }
    }

    #[test]
    fn events_are_read_and_comments_are_not() {
        let stream = ": keep-alive\n\nevent: line\nid: 7\ndata: {\"number\":7,\"at\":\"a\",\ndata: \"level\":\"info\",\"text\":\"text\"}\n\ndata: nonsense\n\n";
        let mut events = Events::default();
        let heard: Vec<_> = stream.split('\n').filter_map(|line| events.line(line)).collect();
        assert_eq!(heard, [line(7, "a")]);
    }

    #[test]
    fn a_host_that_started_again_is_told_by_its_lines() {
        let last = line(3, "monday");
        assert!(is_continued(&[line(2, "sunday"), line(3, "monday"), line(4, "tuesday")], &last));
        assert!(is_continued(&[line(900, "friday")], &last), "the line is not kept any more");
        assert!(!is_continued(&[line(1, "friday"), line(2, "friday"), line(3, "friday")], &last));
        assert!(!is_continued(&[line(1, "friday")], &last));
        assert!(!is_continued(&[], &last));
    }
}
