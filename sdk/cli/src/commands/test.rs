//! `neustream-plugin test`

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde::Serialize;
use serde_json::Value;

use crate::cli::Test;
use crate::conformance::{self, Bench, Checked, Finding, Headroom, headroom};
use crate::failure::{Diagnostic, Exit, Failure};
use crate::local::{LocalHost, StartError};
use crate::output::Output;
use crate::project;
use crate::transcript::{Ran, Transcript, run as run_transcript, updated};

/// What is printed with `--json`.
#[derive(Debug, Serialize)]
struct Report {
    passed: bool,
    plugin: String,
    version: String,
    kind: String,
    rules: Vec<RuleReport>,
    transcripts: Vec<TranscriptReport>,
    headroom: Vec<HeadroomReport>,
    took_ms: u64,
}

#[derive(Debug, Serialize)]
struct RuleReport {
    name: &'static str,
    /// `passed`, `failed` or `skipped`.
    status: &'static str,
    passed: bool,
    asks: &'static str,
    why: &'static str,
    /// What was seen; of a rule that was skipped, which transcript to add.
    details: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<&'static str>,
    took_ms: u64,
}

#[derive(Debug, Serialize)]
struct TranscriptReport {
    name: String,
    file: PathBuf,
    about: String,
    passed: bool,
    /// Whether `--update` has written what came into it.
    updated: bool,
    problems: Vec<Diagnostic>,
    differences: Vec<DifferenceReport>,
}

#[derive(Debug, Serialize)]
struct DifferenceReport {
    pointer: String,
    line: usize,
    what: String,
    expected: Option<Value>,
    got: Option<Value>,
    #[serde(skip)]
    lines: Vec<String>,
}

#[derive(Debug, Serialize)]
struct HeadroomReport {
    limit: &'static str,
    used: u64,
    allowed: u64,
    percent: u64,
    #[serde(rename = "where")]
    place: String,
}

pub(crate) fn run(args: &Test, output: &Output) -> Result<(), Failure> {
    let began = Instant::now();
    let folder = &args.project.folder;
    let package = match &args.package {
        Some(file) => read_package(file)?,
        None => project::build(&project::open(folder)?, output)?.package,
    };
    let transcripts =
        Transcript::all_of(folder).map_err(|diagnostics| Failure { exit: Exit::Plugin, diagnostics })?;
    let mut host = {
        let _progress = output.progress("Compiling the package as a server does");
        match LocalHost::start(&package) {
            Ok(host) => host,
            Err(error @ StartError::Machine(_)) => return Err(error.into()),
            Err(error) => {
                output.line(format!("{} package-loads", output.red("FAIL")));
                return Err(error.into());
            }
        }
    };
    let mut report = tested(args, output, &mut host, &transcripts)?;
    report.took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    print(&report, output);
    output.document(&report);
    match (report.passed, output.is_json()) {
        (true, _) => Ok(()),
        // The document says it all.
        (false, true) => Err(Failure { exit: Exit::Plugin, diagnostics: Vec::new() }),
        (false, false) => Err(failure(&report)),
    }
}

/// Runs transcripts and rules.
fn tested(
    args: &Test,
    output: &Output,
    host: &mut LocalHost,
    transcripts: &[Transcript],
) -> Result<Report, Failure> {
    let progress = output.progress("Testing");
    let is_wanted = |name: &str| args.filter.as_deref().is_none_or(|filter| name.contains(filter));
    let runs: Vec<_> = transcripts.iter().map(|transcript| run_transcript(host, transcript)).collect();
    let mut reports = Vec::new();
    for (transcript, ran) in
        transcripts.iter().zip(&runs).filter(|(transcript, _)| is_wanted(&transcript.name))
    {
        let text = updated(transcript, ran).filter(|_| args.update);
        if let Some(text) = &text {
            write(&args.project.folder, transcript, text)?;
        }
        reports.push(transcript_report(transcript, ran, text.is_some()));
    }
    let (manifest, kind) = (host.manifest().clone(), host.kind());
    let mut bench = Bench { host, transcripts, runs: &runs };
    let mut rules = Vec::new();
    for rule in conformance::rules(kind).into_iter().filter(|rule| is_wanted(rule.name)) {
        progress.say(&format!("Testing: {}", rule.name));
        rules.push(rule_report(&conformance::check(rule, &mut bench)));
    }
    let headroom = headroom(&mut bench);
    let passed = rules.iter().all(|rule| rule.passed)
        && reports.iter().all(|report| report.passed || report.updated && report.problems.is_empty());
    Ok(Report {
        passed,
        plugin: manifest.id,
        version: manifest.version,
        kind: kind.as_str().to_owned(),
        rules,
        transcripts: reports,
        headroom: headroom.iter().map(headroom_report).collect(),
        took_ms: 0,
    })
}

fn read_package(file: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(file).map_err(|error| {
        let diagnostic = Diagnostic::new("package-unreadable", format!("it cannot be read: {error}"));
        Failure::new(Exit::Usage, diagnostic.at(file, None))
    })
}

fn write(folder: &Path, transcript: &Transcript, text: &str) -> Result<(), Failure> {
    fs::write(folder.join(&transcript.file), text).map_err(|error| {
        let diagnostic = Diagnostic::new("transcript-unwritable", format!("it cannot be written: {error}"));
        Failure::new(Exit::Environment, diagnostic.at(&transcript.file, None))
    })
}

fn rule_report(checked: &Checked) -> RuleReport {
    let rule = checked.rule;
    let (status, details) = match &checked.finding {
        Finding::Passed(seen) => {
            ("passed", Some(seen.clone()).filter(|seen| !seen.is_empty()).into_iter().collect())
        }
        Finding::Failed(wrong) => ("failed", wrong.clone()),
        // A rule says which transcript it wants (`one in which ...`), or what else to do.
        Finding::Skipped(add) if add.starts_with("one ") => {
            ("skipped", vec![format!("add a transcript: {add}")])
        }
        Finding::Skipped(add) => ("skipped", vec![add.clone()]),
    };
    RuleReport {
        name: rule.name,
        status,
        passed: status != "failed",
        asks: rule.asks,
        why: rule.why,
        details,
        fix: (status == "failed").then_some(rule.fix),
        took_ms: u64::try_from(checked.took.as_millis()).unwrap_or(u64::MAX),
    }
}

fn transcript_report(transcript: &Transcript, ran: &Ran, updated: bool) -> TranscriptReport {
    let differences = ran.differences.iter().map(|difference| DifferenceReport {
        pointer: difference.pointer.clone(),
        line: transcript.line(&difference.pointer),
        what: difference.what.clone(),
        expected: difference.expected.clone(),
        got: difference.got.clone(),
        lines: difference.lines(),
    });
    TranscriptReport {
        name: transcript.name.clone(),
        file: transcript.file.clone(),
        about: transcript.about.clone(),
        passed: ran.is_good(),
        updated,
        problems: ran.invalid.clone(),
        differences: differences.collect(),
    }
}

fn headroom_report(headroom: &Headroom) -> HeadroomReport {
    HeadroomReport {
        limit: headroom.limit_name,
        used: headroom.used,
        allowed: headroom.limit,
        percent: headroom.percent(),
        place: headroom.place.clone(),
    }
}

/// For people: a line a rule and a transcript, what is wrong below it, headroom at the end.
fn print(report: &Report, output: &Output) {
    let (ok, fail) = (output.green("ok  "), output.red("FAIL"));
    output.line(format!("{} {}, {} plugin", report.plugin, report.version, report.kind));
    output.line("\nrules");
    for rule in &report.rules {
        match rule.status {
            "passed" => output.line(format!("  {ok} {}", rule.name)),
            "skipped" => output.line(format!("  skip {}: {}", rule.name, rule.details.join("; "))),
            _ => {
                output.line(format!("  {fail} {}", rule.name));
                output.line(format!("       {}", rule.asks));
                rule.details.iter().for_each(|seen| output.line(format!("       - {seen}")));
                output.line(format!("       why: {}", rule.why));
                output.line(format!("       fix: {}", rule.fix.unwrap_or_default()));
            }
        }
    }
    output.line("\ntranscripts");
    if report.transcripts.is_empty() {
        output.line("  none: write one into the folder `transcripts`");
    }
    for transcript in &report.transcripts {
        print_transcript(transcript, output, &ok, &fail);
    }
    output.line("\nheadroom (the most that a call of the transcripts used)");
    for one in &report.headroom {
        let headroom =
            Headroom { limit_name: one.limit, used: one.used, limit: one.allowed, place: one.place.clone() };
        output.line(format!("  {:<13} {:>3} %  {}", one.limit, one.percent, headroom.figures()));
    }
    let count = |status: &str| report.rules.iter().filter(|rule| rule.status == status).count();
    let good = report.transcripts.iter().filter(|transcript| transcript.passed).count();
    output.line(format!(
        "\n{} rules passed, {} failed, {} skipped; {good} of {} transcripts as expected",
        count("passed"),
        count("failed"),
        count("skipped"),
        report.transcripts.len(),
    ));
}

fn print_transcript(transcript: &TranscriptReport, output: &Output, ok: &str, fail: &str) {
    if transcript.passed {
        output.line(format!("  {ok} {}", transcript.name));
        return;
    }
    let mark = if transcript.updated { "new " } else { fail };
    output.line(format!("  {mark} {}", transcript.name));
    if !transcript.about.is_empty() {
        output.line(format!("       {}", transcript.about));
    }
    for problem in &transcript.problems {
        output.line(format!("       {problem}"));
    }
    // What follows a difference is often its consequence.
    let step = transcript.differences.first().map(|first| step_of(&first.pointer));
    let (first, later): (Vec<_>, Vec<_>) =
        transcript.differences.iter().partition(|difference| Some(step_of(&difference.pointer)) == step);
    for difference in first {
        let (file, line) = (transcript.file.display(), difference.line);
        output.line(format!("       {file}:{line}: {}", difference.what));
        difference.lines.iter().for_each(|line| output.line(format!("       {line}").trim_end()));
    }
    if !later.is_empty() {
        output.line(format!("       and {} differences in later steps", later.len()));
    }
}

/// `/steps/3` of `/steps/3/http/0/request`.
fn step_of(pointer: &str) -> String {
    pointer.split('/').take(3).collect::<Vec<_>>().join("/")
}

/// What the command ends with: each rule and transcript that failed, for programs and for the last lines on a screen.
fn failure(report: &Report) -> Failure {
    let rules = report.rules.iter().filter(|rule| !rule.passed).map(|rule| {
        let seen = rule.details.first().cloned().unwrap_or_default();
        Diagnostic::new(rule.name, seen).help(rule.fix.unwrap_or(rule.asks))
    });
    let transcripts = report.transcripts.iter().filter(|transcript| !transcript.passed);
    let differences = transcripts.flat_map(|transcript| {
        let differs = transcript.differences.iter().take(1).map(|difference| {
            let diagnostic = Diagnostic::new("transcript-differs", &difference.what);
            diagnostic.at(&transcript.file, Some(difference.line))
        });
        transcript.problems.iter().cloned().chain(differs)
    });
    Failure { exit: Exit::Plugin, diagnostics: rules.chain(differences).collect() }
}
