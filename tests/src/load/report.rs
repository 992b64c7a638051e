//! What a run found: a table of medians, the goals it was held to, as text, Markdown and JSON.

use std::fmt::Write as _;

use serde::Serialize;

use super::samples::median;

/// Figures of one run of one server, in the order of the report's columns; `None` where it has none.
pub type Figures = Vec<Option<f64>>;

/// One server's medians.
#[derive(Debug, Serialize)]
pub struct Row {
    /// The server.
    pub subject: String,
    /// Medians over the rounds.
    pub figures: Figures,
    /// Why rounds failed.
    pub failures: Vec<String>,
}

/// One goal and how it went.
#[derive(Debug, Serialize)]
pub struct Goal {
    /// What is held to what.
    pub goal: String,
    /// The figure; `None` when nothing was measured.
    pub measured: Option<f64>,
    /// What the figure may be at most.
    pub at_most: f64,
    /// Whether it is; `None` when nothing was measured.
    pub is_met: Option<bool>,
}

/// A whole run.
#[derive(Debug, Serialize)]
pub struct Report {
    /// `relay`, `fanout`, ...
    pub bench: &'static str,
    /// What was done, in a line.
    pub conditions: String,
    /// Machine, kernel, cores, rounds.
    pub machine: String,
    /// Names of the figures with their units.
    pub columns: Vec<&'static str>,
    /// The servers side by side.
    pub rows: Vec<Row>,
    /// The goals.
    pub goals: Vec<Goal>,
}

impl Report {
    /// The median of a column for a server.
    pub fn figure(&self, subject: &str, column: &str) -> Option<f64> {
        let index = self.columns.iter().position(|name| *name == column)?;
        let row = self.rows.iter().find(|row| row.subject == subject)?;
        *row.figures.get(index)?
    }

    /// Holds a server's figure to a goal.
    pub fn hold(&mut self, goal: &str, subject: &str, column: &str, at_most: f64) {
        let measured = self.figure(subject, column);
        let is_met = measured.map(|measured| measured <= at_most);
        self.goals.push(Goal { goal: goal.to_owned(), measured, at_most, is_met });
    }

    /// For a terminal.
    pub fn to_text(&self) -> String {
        let mut text = format!("{}: {}\n{}\n\n", self.bench, self.conditions, self.machine);
        let names = self.rows.iter().map(|row| row.subject.len()).max().unwrap_or(0);
        let widths: Vec<usize> = self.columns.iter().map(|column| column.chars().count().max(7)).collect();
        let _ = write!(text, "{:names$}", "");
        for (column, width) in self.columns.iter().zip(&widths) {
            let _ = write!(text, "  {column:>width$}");
        }
        text.push('\n');
        for row in &self.rows {
            let _ = write!(text, "{:names$}", row.subject);
            for (figure, width) in row.figures.iter().zip(&widths) {
                let _ = write!(text, "  {:>width$}", shown(*figure));
            }
            text.push('\n');
            for failure in &row.failures {
                let _ = writeln!(text, "    failed: {failure}");
            }
        }
        text.push('\n');
        for goal in &self.goals {
            let _ = writeln!(
                text,
                "{:8} {}: {} (at most {})",
                verdict(goal.is_met),
                goal.goal,
                shown(goal.measured),
                shown(Some(goal.at_most))
            );
        }
        text
    }

    /// For `docs/BENCHMARKS.md`.
    pub fn to_markdown(&self) -> String {
        let mut text = format!("### {}\n\n{}\n{}\n\n| |", self.bench, self.conditions, self.machine);
        for column in &self.columns {
            let _ = write!(text, " {column} |");
        }
        text += "\n|---|";
        text += &"---:|".repeat(self.columns.len());
        text.push('\n');
        for row in &self.rows {
            let _ = write!(text, "| {} |", row.subject);
            for figure in &row.figures {
                let _ = write!(text, " {} |", shown(*figure));
            }
            text.push('\n');
        }
        if !self.goals.is_empty() {
            text += "\n| goal | measured | at most | |\n|---|---:|---:|---|\n";
        }
        for goal in &self.goals {
            let (measured, at_most) = (shown(goal.measured), shown(Some(goal.at_most)));
            let _ = writeln!(text, "| {} | {measured} | {at_most} | {} |", goal.goal, verdict(goal.is_met));
        }
        text
    }
}

/// A server's rounds as one row.
pub fn row(subject: &str, rounds: &[Figures], failures: Vec<String>, columns: usize) -> Row {
    let figures = (0..columns)
        .map(|column| median(rounds.iter().filter_map(|figures| *figures.get(column)?).collect()))
        .collect();
    Row { subject: subject.to_owned(), figures, failures }
}

fn verdict(is_met: Option<bool>) -> &'static str {
    match is_met {
        Some(true) => "met",
        Some(false) => "missed",
        None => "unknown",
    }
}

/// Three significant digits, more or less.
fn shown(figure: Option<f64>) -> String {
    match figure {
        None => "-".into(),
        Some(0.0) => "0".into(),
        Some(figure) if figure.abs() < 1.0 => format!("{figure:.3}"),
        Some(figure) if figure.abs() < 10.0 => format!("{figure:.2}"),
        Some(figure) if figure.abs() < 100.0 => format!("{figure:.1}"),
        Some(figure) => format!("{figure:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_is_held_to_the_median_of_the_rounds() {
        let rounds = vec![vec![Some(1.0)], vec![Some(9.0)], vec![Some(2.0)]];
        let rows = vec![row("neustream", &rounds, Vec::new(), 1)];
        let (conditions, machine) = (String::new(), String::new());
        let mut report =
            Report { bench: "relay", conditions, machine, columns: vec!["ms"], rows, goals: Vec::new() };
        report.hold("fast", "neustream", "ms", 2.0);
        report.hold("absent", "nginx-rtmp", "ms", 2.0);
        assert_eq!(report.goals[0].is_met, Some(true));
        assert_eq!(report.goals[1].is_met, None);
        assert!(report.to_markdown().contains("| neustream | 2.00 |"));
    }
}
