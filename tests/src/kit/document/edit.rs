//! Changes of a file that a page shows as a `diff`: lines of it for orientation, `-` lines that go, `+` lines that
//! come.

use anyhow::{Result, bail};

/// `text` with the change that `shown` describes. What goes, with the lines around it, stands in `text` exactly
/// once; a line `@@ ...` parts changes of different places.
///
/// # Errors
/// When the place is not there, or there twice.
pub fn edited(text: &str, shown: &str) -> Result<String> {
    let mut text = text.to_owned();
    let mut change = Change::default();
    for line in shown.lines() {
        match line.split_at_checked(1) {
            Some(("@", _)) => text = std::mem::take(&mut change).of(&text)?,
            Some(("-", gone)) => change.before.push(gone),
            Some(("+", new)) => change.after.push(new),
            Some((" ", kept)) => change.keep(kept),
            None => change.keep(""),
            Some(_) => bail!("`{line}` begins with none of ` `, `-`, `+`, `@`"),
        }
    }
    change.of(&text)
}

/// One change: lines as they are, and as they shall be.
#[derive(Default)]
struct Change<'a> {
    before: Vec<&'a str>,
    after: Vec<&'a str>,
}

impl<'a> Change<'a> {
    fn keep(&mut self, line: &'a str) {
        self.before.push(line);
        self.after.push(line);
    }

    fn of(self, text: &str) -> Result<String> {
        if self.before.is_empty() && self.after.is_empty() {
            return Ok(text.to_owned());
        }
        let lines: Vec<&str> = text.lines().collect();
        let length = self.before.len();
        let mut places = (0..=lines.len().saturating_sub(length))
            .filter(|place| lines.get(*place..place + length) == Some(&self.before));
        let Some(place) = places.next() else {
            bail!("these lines are not in the file:\n{}\nthe file has:\n{text}", self.before.join("\n"))
        };
        if places.next().is_some() {
            bail!("these lines are in the file more than once:\n{}", self.before.join("\n"));
        }
        let changed = [&lines[..place], &self.after, &lines[place + length..]].concat();
        Ok(changed.join("\n") + "\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "one\ntwo\nthree\n\nfour\n";

    #[test]
    fn lines_go_and_come_where_the_page_shows() -> Result<()> {
        assert_eq!(edited(FILE, " one\n-two\n+2\n+2b\n three\n")?, "one\n2\n2b\nthree\n\nfour\n");
        assert_eq!(edited(FILE, " three\n\n+3b\n four\n")?, "one\ntwo\nthree\n\n3b\nfour\n");
        assert_eq!(edited(FILE, "-one\n@@\n four\n+five\n")?, "two\nthree\n\nfour\nfive\n");
        Ok(())
    }

    #[test]
    fn a_place_that_is_missing_or_ambiguous_is_an_error() {
        assert!(edited(FILE, "-2\n+two\n").is_err());
        assert!(edited("a\na\n", "-a\n+b\n").is_err());
        assert!(edited(FILE, "*two\n").is_err());
    }
}
