//! What was expected and what came, beside each other.

use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use super::pretty::pretty_within;

/// Columns of each side.
const SIDE: usize = 56;
/// Lines that are shown around a difference.
const CONTEXT: usize = 3;

/// Both values, line by line: `|` stands between lines that differ, `<` behind one that is only expected, `>` before
/// one that only came.
pub fn side_by_side(expected: Option<&Value>, got: Option<&Value>) -> Vec<String> {
    let text = |value: Option<&Value>| value.map(|value| pretty_within(value, 0, SIDE)).unwrap_or_default();
    let rows = rows(&text(expected), &text(got));
    let mut lines =
        vec![format!("{:SIDE$}   {}", "expected", "got"), format!("{0:-<SIDE$}   {0:-<SIDE$}", "")];
    let is_near = |index: usize| {
        let from = index.saturating_sub(CONTEXT);
        rows.iter().skip(from).take(index - from + CONTEXT + 1).any(|row| row.mark != ' ')
    };
    let mut is_left_out = false;
    for (index, row) in rows.iter().enumerate() {
        if is_near(index) {
            is_left_out = false;
            row.write(&mut lines);
        } else if !is_left_out {
            is_left_out = true;
            lines.push("...".to_owned());
        }
    }
    lines
}

struct Row {
    left: String,
    mark: char,
    right: String,
}

impl Row {
    /// As one line, or as several where a side is too long.
    fn write(&self, lines: &mut Vec<String>) {
        let (left, right) = (folded(&self.left), folded(&self.right));
        for index in 0..left.len().max(right.len()) {
            let side = |side: &[String]| side.get(index).cloned().unwrap_or_default();
            let line = format!("{:SIDE$} {} {}", side(&left), self.mark, side(&right));
            lines.push(line.trim_end().to_owned());
        }
    }
}

fn folded(text: &str) -> Vec<String> {
    let characters: Vec<_> = text.chars().collect();
    if characters.is_empty() {
        return vec![String::new()];
    }
    characters.chunks(SIDE).map(|chunk| chunk.iter().collect()).collect()
}

fn rows(left: &str, right: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    let (mut gone, mut come) = (Vec::new(), Vec::new());
    let diff = TextDiff::from_lines(left, right);
    for change in diff.iter_all_changes() {
        let line = change.value().trim_end_matches('\n').to_owned();
        match change.tag() {
            ChangeTag::Delete => gone.push(line),
            ChangeTag::Insert => come.push(line),
            ChangeTag::Equal => {
                pair(&mut gone, &mut come, &mut rows);
                rows.push(Row { left: line.clone(), mark: ' ', right: line });
            }
        }
    }
    pair(&mut gone, &mut come, &mut rows);
    rows
}

fn pair(gone: &mut Vec<String>, come: &mut Vec<String>, rows: &mut Vec<Row>) {
    let (gone, come) = (std::mem::take(gone), std::mem::take(come));
    for index in 0..gone.len().max(come.len()) {
        let (left, right) = (gone.get(index).cloned(), come.get(index).cloned());
        let mark = match (&left, &right) {
            (Some(_), Some(_)) => '|',
            (Some(_), None) => '<',
            _ => '>',
        };
        rows.push(Row { left: left.unwrap_or_default(), mark, right: right.unwrap_or_default() });
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_sides_stand_beside_each_other() {
        let expected = json!([{"id": "m1", "action": "hold", "reason": "x".repeat(30)}, "same"]);
        let got = json!([{"id": "m1", "action": "delete", "reason": "x".repeat(30)}, "same"]);
        let text = side_by_side(Some(&expected), Some(&got)).join("\n");
        let row = text.lines().find(|line| line.contains("\"hold\"")).unwrap();
        assert!(
            row.contains("\"action\": \"hold\",") && row.contains(" |     \"action\": \"delete\","),
            "{text}"
        );
        assert!(text.lines().all(|line| line.chars().count() <= 2 * SIDE + 3), "{text}");
        let only = side_by_side(None, Some(&got)).join("\n");
        assert!(only.contains(" > ["), "{only}");
    }
}
