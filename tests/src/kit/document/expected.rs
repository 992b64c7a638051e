//! What a page says that a command prints.

/// What stands for any text within a line, and alone in a line for any lines.
const ANYTHING: &str = "...";

/// Whether `got` is what the page shows. Blanks at the ends of lines and empty lines at both ends do not count.
pub fn is_as_shown(shown: &str, got: &str) -> bool {
    let lines = |text: &str| -> Vec<String> {
        text.trim_matches('\n').lines().map(|line| line.trim_end().to_owned()).collect()
    };
    lines_match(&lines(shown), &lines(got))
}

fn lines_match(shown: &[String], got: &[String]) -> bool {
    let Some((first, rest)) = shown.split_first() else { return got.is_empty() };
    if first.trim() == ANYTHING {
        return (0..=got.len()).any(|skipped| lines_match(rest, &got[skipped..]));
    }
    got.split_first().is_some_and(|(line, after)| line_matches(first, line) && lines_match(rest, after))
}

fn line_matches(shown: &str, got: &str) -> bool {
    let mut parts = shown.split(ANYTHING);
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = got.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_text_is_as_shown_and_another_is_not() {
        assert!(is_as_shown("one\ntwo\n", "one  \ntwo\n\n"));
        assert!(!is_as_shown("one\ntwo\n", "one\n"));
        assert!(!is_as_shown("one\n", "one\ntwo\n"));
        assert!(!is_as_shown("one\n", "One\n"));
        assert!(is_as_shown("", "\n"));
    }

    #[test]
    fn dots_stand_for_any_text_or_any_lines() {
        assert!(is_as_shown("built ... kB in ...\n", "built 34 kB in 2 s\n"));
        assert!(!is_as_shown("built ... kB in ...\n", "built 34 MB in 2 s\n"));
        assert!(is_as_shown("one\n...\nfour\n", "one\ntwo\nthree\nfour\n"));
        assert!(is_as_shown("one\n  ...\nfour\n", "one\nfour\n"));
        assert!(!is_as_shown("one\n...\nfour\n", "one\nfour\nfive\n"));
        assert!(is_as_shown("...\n", "anything\nat all\n"));
        assert!(!is_as_shown("a...a\n", "a\n"));
    }
}
