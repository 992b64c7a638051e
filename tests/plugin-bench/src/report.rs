//! What was measured, as a table, and whether it keeps its goals.

use std::fmt::Write as _;
use std::fs;
use std::time::Duration;

/// One line of the table.
struct Line {
    what: String,
    figures: Vec<String>,
    goal: String,
    is_met: Option<bool>,
}

/// Lines in the order in which they were measured.
pub struct Report {
    core: usize,
    lines: Vec<Line>,
}

/// Durations of many calls.
pub struct Times(pub Vec<Duration>);

impl Times {
    /// Sorts them.
    pub fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self(times)
    }

    /// So many of a hundred took at most this.
    pub fn percentile(&self, percent: f64) -> Duration {
        let rank = (percent / 100.0 * self.0.len() as f64).ceil() as usize;
        self.0.get(rank.max(1) - 1).copied().unwrap_or_default()
    }
}

impl Report {
    /// An empty one.
    pub fn new(core: usize) -> Self {
        Self { core, lines: Vec::new() }
    }

    /// A figure without a goal.
    pub fn note(&mut self, what: &str, figure: String) {
        self.push(what, vec![figure], String::new(), None);
    }

    /// Median and 99th percentile of calls, the CPU time of the whole process a call, and the goal for the median.
    pub fn times(&mut self, what: &str, times: &Times, cpu: Duration, goal_us: Option<f64>) {
        let median = times.percentile(50.0);
        let figures = vec![us(median), us(times.percentile(99.0)), us(cpu)];
        let goal = goal_us.map(|goal| format!("median <= {goal} µs")).unwrap_or_default();
        self.push(what, figures, goal, goal_us.map(|goal| median.as_secs_f64() * 1e6 <= goal));
    }

    /// A figure that may be `at_most` so much.
    pub fn hold(&mut self, what: &str, measured: f64, at_most: f64, unit: &str) {
        let goal = format!("<= {at_most} {unit}");
        self.push(what, vec![format!("{} {unit}", shown(measured))], goal, Some(measured <= at_most));
    }

    fn push(&mut self, what: &str, figures: Vec<String>, goal: String, is_met: Option<bool>) {
        eprintln!("{what}: {}", figures.join(", "));
        self.lines.push(Line { what: what.to_owned(), figures, goal, is_met });
    }

    /// Whether nothing was missed.
    pub fn is_met(&self) -> bool {
        self.lines.iter().all(|line| line.is_met != Some(false))
    }

    /// As docs/BENCHMARKS.md has it.
    pub fn to_markdown(&self) -> String {
        let mut text = format!("{}, everything on core {}.\n\n", machine(), self.core);
        text += "| | Median | p99 | CPU a call | Goal | |\n|---|---:|---:|---:|---|---|\n";
        for line in &self.lines {
            let verdict = match line.is_met {
                Some(true) => "met",
                Some(false) => "missed",
                None => "",
            };
            let mut figures = line.figures.clone();
            figures.resize(3, String::new());
            let _ = writeln!(text, "| {} | {} | {} | {verdict} |", line.what, figures.join(" | "), line.goal);
        }
        text
    }
}

/// Three significant digits.
pub fn shown(figure: f64) -> String {
    match figure.abs() {
        small if small < 10.0 => format!("{figure:.2}"),
        middle if middle < 100.0 => format!("{figure:.1}"),
        _ => format!("{figure:.0}"),
    }
}

/// Microseconds.
pub fn us(time: Duration) -> String {
    format!("{} µs", shown(time.as_secs_f64() * 1e6))
}

/// Milliseconds.
pub fn ms(time: Duration) -> String {
    format!("{} ms", shown(time.as_secs_f64() * 1e3))
}

fn machine() -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let cpu = read("/proc/cpuinfo");
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")?.split(':').nth(1));
    let cores = cpu.lines().filter(|line| line.starts_with("processor")).count();
    let kernel = read("/proc/sys/kernel/osrelease");
    format!("{}, {cores} cores, Linux {}", model.unwrap_or("an unknown CPU").trim(), kernel.trim())
}
