//! A Markdown page as the list of its code blocks.

use anyhow::{Context, Result, bail, ensure};

/// A fenced code block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The line of its first fence, from 1.
    pub line: usize,
    /// The headings above it, the outermost first.
    pub headings: Vec<String>,
    /// The first word behind the fence: `console`, `rust`, ...
    pub language: String,
    /// The other words behind it.
    pub attributes: Attributes,
    /// What stands between the fences, with a line break at its end.
    pub text: String,
}

/// What a block says about itself behind its language.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Attributes {
    /// `title="src/lib.rs"`: the file that the block is about.
    pub title: Option<String>,
    /// `append`: the block is added to that file.
    pub append: bool,
    /// `excerpt`: the block stands in that file already.
    pub excerpt: bool,
    /// `exit=1`: what the block's last command ends with, where that is not success.
    pub exit: i32,
    /// `slow`: takes minutes, and is run by itself.
    pub slow: bool,
}

impl Block {
    /// Whether one of the headings above it is this one.
    pub fn is_below(&self, heading: &str) -> bool {
        self.headings.iter().any(|known| known == heading)
    }
}

/// The code blocks of `page`, in order.
///
/// # Errors
/// When a fence is not closed, or says something unknown about its block; with the line.
pub fn blocks(page: &str) -> Result<Vec<Block>> {
    let mut found = Vec::new();
    let mut headings: Vec<(usize, String)> = Vec::new();
    let mut lines = page.lines().zip(1..);
    while let Some((line, number)) = lines.next() {
        if let Some((level, heading)) = heading(line) {
            headings.retain(|(above, _)| *above < level);
            headings.push((level, heading.to_owned()));
        }
        let Some(fence) = Fence::opening(line) else { continue };
        let mut text = String::new();
        let is_closed = lines.by_ref().map(|(line, _)| line).any(|line| {
            let is_end = fence.is_closed_by(line);
            if !is_end {
                text.push_str(fence.unindented(line));
                text.push('\n');
            }
            is_end
        });
        ensure!(is_closed, "line {number}: the block is not closed");
        let (language, rest) = fence.info.split_once(char::is_whitespace).unwrap_or((fence.info, ""));
        found.push(Block {
            line: number,
            headings: headings.iter().map(|(_, heading)| heading.clone()).collect(),
            language: language.to_owned(),
            attributes: attributes(rest).with_context(|| format!("line {number}"))?,
            text,
        });
    }
    Ok(found)
}

/// The level and the text of a heading.
fn heading(line: &str) -> Option<(usize, &str)> {
    let text = line.trim_start_matches('#');
    let level = line.len() - text.len();
    (1..=6).contains(&level).then(|| text.strip_prefix(' ')).flatten().map(|text| (level, text.trim()))
}

/// The line that begins a block: three or more backticks or tildes.
struct Fence<'a> {
    indent: usize,
    mark: &'a str,
    info: &'a str,
}

impl<'a> Fence<'a> {
    fn opening(line: &'a str) -> Option<Self> {
        let inner = line.trim_start_matches(' ');
        let first = inner.chars().next().filter(|first| "`~".contains(*first))?;
        let info = inner.trim_start_matches(first);
        let mark = &inner[..inner.len() - info.len()];
        let is_fence = mark.len() >= 3 && !info.contains('`');
        is_fence.then(|| Self { indent: line.len() - inner.len(), mark, info: info.trim() })
    }

    fn is_closed_by(&self, line: &str) -> bool {
        let line = line.trim();
        line.len() >= self.mark.len()
            && line.starts_with(self.mark)
            && line.trim_start_matches(&self.mark[..1]).is_empty()
    }

    /// A line of the block without the indentation that its fence has.
    fn unindented<'l>(&self, line: &'l str) -> &'l str {
        let blanks = line.len() - line.trim_start_matches(' ').len();
        &line[blanks.min(self.indent)..]
    }
}

fn attributes(mut rest: &str) -> Result<Attributes> {
    let mut found = Attributes::default();
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return Ok(found);
        }
        if let Some(quoted) = rest.strip_prefix("title=\"") {
            let (title, after) = quoted.split_once('"').context("the title has no closing quote")?;
            found.title = Some(title.to_owned());
            rest = after;
            continue;
        }
        let (word, after) = rest.split_once(' ').unwrap_or((rest, ""));
        rest = after;
        match word.split_once('=').unwrap_or((word, "")) {
            ("append", "") => found.append = true,
            ("excerpt", "") => found.excerpt = true,
            ("slow", "") => found.slow = true,
            ("exit", code) => found.exit = code.parse().context("exit= takes a number")?,
            _ => bail!("`{word}` behind a fence means nothing to the runner"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_come_in_order_with_their_lines_headings_and_words() -> Result<()> {
        let page = "# Page\n\n## One\n\n```console exit=1\n$ false\n```\n\n## Two\ntext\n\n\
                    ~~~rust title=\"src/my lib.rs\" append\n```\n~~~\n";
        let found = blocks(page)?;
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].line, found[0].language.as_str(), found[0].attributes.exit), (5, "console", 1));
        assert_eq!(found[0].headings, ["Page", "One"]);
        assert_eq!(found[0].text, "$ false\n");
        assert_eq!(found[1].headings, ["Page", "Two"]);
        assert_eq!(found[1].attributes.title.as_deref(), Some("src/my lib.rs"));
        assert!(found[1].attributes.append);
        assert_eq!(found[1].text, "```\n");
        Ok(())
    }

    #[test]
    fn a_block_in_a_list_loses_its_indentation() -> Result<()> {
        let found = blocks("- item\n\n  ```json\n  {\n    \"a\": 1\n  }\n  ```\n")?;
        assert_eq!(found[0].text, "{\n  \"a\": 1\n}\n");
        Ok(())
    }

    #[test]
    fn comments_in_a_shell_block_are_no_headings() -> Result<()> {
        let found = blocks("## Real\n```console\n# not one\n```\n```json\n1\n```\n")?;
        assert_eq!(found[1].headings, ["Real"]);
        Ok(())
    }

    #[test]
    fn an_open_block_and_an_unknown_word_are_errors_with_their_lines() {
        let complaint = |page| blocks(page).map_or_else(|error| format!("{error:#}"), |_| String::new());
        assert!(complaint("a\n```json\n1\n").contains("line 2: the block is not"));
        assert!(complaint("```json runs\n1\n```\n").contains("line 1: `runs`"));
    }
}
