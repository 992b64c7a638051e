//! `neustream-plugin logs`: what an installation logged, and what it logs. With `--json`: JSON Lines, as it comes.

use std::ops::ControlFlow;

use crate::cli::Logs;
use crate::failure::Failure;
use crate::output::{Output, Tint};
use crate::remote::{Client, Heard, LogLine, follow, installation_of, kept_lines};

pub(crate) fn run(args: &Logs, output: &Output) -> Result<(), Failure> {
    let client = Client::open(args.server.server.as_deref())?;
    let installation = installation_of(&client, &args.installation)?;
    if args.follow {
        return follow(&client, &installation, None, &mut |heard| {
            show(output, &heard);
            ControlFlow::Continue(())
        });
    }
    let lines = kept_lines(&client, &installation)?;
    if lines.is_empty() {
        output.note("Nothing was logged yet. With --follow it is shown as it comes.");
    }
    for line in lines {
        show_line(output, &line);
    }
    Ok(())
}

/// Prints what a follower hears.
pub(crate) fn show(output: &Output, heard: &Heard) {
    match heard {
        Heard::Line(line) => show_line(output, line),
        Heard::Lost(failure) => {
            let why = failure.diagnostics.first().map_or("", |diagnostic| &diagnostic.message);
            output.note(format!("{why} Trying again."));
        }
        Heard::Back => output.note("The log goes on."),
    }
}

fn show_line(output: &Output, line: &LogLine) {
    output.record(line);
    let tint = match line.level.as_str() {
        "error" => Tint::Red,
        "warn" => Tint::Yellow,
        "info" => Tint::Green,
        _ => Tint::Dim,
    };
    let level = output.tinted(tint, &format!("{:5}", line.level));
    output.line(format!("{} {level} {}", output.tinted(Tint::Dim, &line.at), line.text));
}
