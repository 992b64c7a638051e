//! A JSON text in which every value knows where it stands, so that an error has a line and an update leaves the rest
//! of the file as its author wrote it.

use std::ops::Range;

use serde_json::Value;

/// A JSON text that was read.
#[derive(Debug, Clone)]
pub struct Located {
    text: String,
    root: Node,
}

/// One value: where it stands, and what is in it.
#[derive(Debug, Clone)]
struct Node {
    span: Range<usize>,
    members: Vec<(String, Node)>,
}

/// Why a text is not JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotJson {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

impl Located {
    /// Reads `text`.
    ///
    /// # Errors
    /// It is not JSON, or an object in it has a key twice.
    pub fn read(text: String) -> Result<(Value, Self), NotJson> {
        let value: Value = serde_json::from_str(&text)
            .map_err(|error| NotJson { line: error.line().max(1), message: format!("not JSON: {error}") })?;
        let mut scan = Scan { text: text.as_bytes(), at: 0 };
        match scan.value() {
            Ok(root) => Ok((value, Self { text, root })),
            Err(twice) => Err(NotJson {
                line: line_at(&text, scan.at),
                message: format!("the key `{twice}` is there twice"),
            }),
        }
    }

    /// The line, from 1, of what `pointer` names; of the nearest value around it where it is not there.
    pub fn line(&self, pointer: &str) -> usize {
        let mut node = &self.root;
        for step in steps(pointer) {
            match node.member(&step) {
                Some(member) => node = member,
                None => break,
            }
        }
        line_at(&self.text, node.span.start)
    }

    /// Where the value stands that `pointer` names.
    pub fn span(&self, pointer: &str) -> Option<Range<usize>> {
        let node = steps(pointer).try_fold(&self.root, |node, step| node.member(&step))?;
        Some(node.span.clone())
    }

    /// The keys of the object that `pointer` names, in the order of the text.
    pub fn keys(&self, pointer: &str) -> Vec<&str> {
        let node = steps(pointer).try_fold(&self.root, |node, step| node.member(&step));
        node.map_or_else(Vec::new, |node| node.members.iter().map(|(key, _)| key.as_str()).collect())
    }

    /// Where the key that is written as `quoted` begins, the last one within `span`.
    pub fn find_key(&self, quoted: &str, span: Range<usize>) -> Option<usize> {
        self.text[span.clone()].rfind(quoted).map(|at| span.start + at)
    }

    /// How far the line of `offset` is indented.
    pub fn indent(&self, offset: usize) -> usize {
        let line = self.text[..offset].rfind('\n').map_or(0, |end| end + 1);
        self.text[line..].bytes().take_while(|byte| *byte == b' ').count()
    }

    /// The text with other values in these places.
    pub fn with(&self, mut edits: Vec<(Range<usize>, String)>) -> String {
        edits.sort_by_key(|(span, _)| std::cmp::Reverse(span.start));
        let mut text = self.text.clone();
        for (span, replacement) in edits {
            text.replace_range(span, &replacement);
        }
        text
    }
}

impl Node {
    fn member(&self, step: &str) -> Option<&Self> {
        self.members.iter().find(|(key, _)| key == step).map(|(_, node)| node)
    }
}

fn steps(pointer: &str) -> impl Iterator<Item = String> {
    pointer.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~"))
}

fn line_at(text: &str, offset: usize) -> usize {
    text.get(..offset).unwrap_or(text).matches('\n').count() + 1
}

/// Walks over a text that serde_json has read, so every form in it is right and its depth is bounded.
struct Scan<'a> {
    text: &'a [u8],
    at: usize,
}

impl Scan<'_> {
    /// The value that comes next; a key that is there twice is the error.
    fn value(&mut self) -> Result<Node, String> {
        self.skip_white();
        let start = self.at;
        let mut members: Vec<(String, Node)> = Vec::new();
        match self.text.get(self.at) {
            Some(b'{') => {
                self.at += 1;
                while self.goes_on(b'}') {
                    let key_at = self.at;
                    let key = self.string();
                    if members.iter().any(|(known, _)| *known == key) {
                        self.at = key_at;
                        return Err(key);
                    }
                    self.skip_white();
                    self.at += 1;
                    let value = self.value()?;
                    members.push((key, value));
                }
            }
            Some(b'[') => {
                self.at += 1;
                while self.goes_on(b']') {
                    let value = self.value()?;
                    members.push((members.len().to_string(), value));
                }
            }
            Some(b'"') => drop(self.string()),
            _ => {
                let is_scalar =
                    |byte: &u8| !matches!(byte, b',' | b'}' | b']') && !byte.is_ascii_whitespace();
                while self.text.get(self.at).is_some_and(is_scalar) {
                    self.at += 1;
                }
            }
        }
        Ok(Node { span: start..self.at, members })
    }

    /// Whether another member comes before `end`; steps over what lies between, and over the end.
    fn goes_on(&mut self, end: u8) -> bool {
        self.skip_white();
        match self.text.get(self.at) {
            Some(b',') => {
                self.at += 1;
                self.skip_white();
                true
            }
            Some(byte) if *byte == end => {
                self.at += 1;
                false
            }
            Some(_) => true,
            None => false,
        }
    }

    fn skip_white(&mut self) {
        while self.text.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
    }

    fn string(&mut self) -> String {
        let start = self.at;
        self.at += 1;
        loop {
            match self.text.get(self.at) {
                Some(b'\\') => self.at += 2,
                Some(b'"') => break self.at += 1,
                Some(_) => self.at += 1,
                None => break,
            }
        }
        serde_json::from_slice(&self.text[start..self.at]).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "{\n  \"a\": [1, \"x,}\\\"\",\n    { \"b/c\": null }],\n  \"d\": { }\n}\n";

    #[test]
    fn a_value_has_the_line_it_stands_on() {
        let (value, located) = Located::read(TEXT.to_owned()).unwrap();
        assert_eq!(value["a"][0], 1);
        for (pointer, line) in [("", 1), ("/a/0", 2), ("/a/2/b~1c", 3), ("/d", 4), ("/d/e/f", 4), ("/x", 1)] {
            assert_eq!(located.line(pointer), line, "{pointer}");
        }
        let span = located.span("/a/1").unwrap();
        assert_eq!(&TEXT[span], "\"x,}\\\"\"");
        assert_eq!(located.span("/a/9"), None);
        assert_eq!(located.keys(""), ["a", "d"]);
    }

    #[test]
    fn an_edit_leaves_everything_else_as_it_was() {
        let (_, located) = Located::read(TEXT.to_owned()).unwrap();
        let edits = ["/a/0", "/a/2"].map(|pointer| (located.span(pointer).unwrap(), "true".to_owned()));
        assert_eq!(
            located.with(edits.to_vec()),
            "{\n  \"a\": [true, \"x,}\\\"\",\n    true],\n  \"d\": { }\n}\n"
        );
    }

    #[test]
    fn what_is_not_json_and_what_is_there_twice_has_a_line() {
        assert_eq!(Located::read("{\n  \"a\": ,\n}".to_owned()).unwrap_err().line, 2);
        let twice = Located::read("{\n  \"a\": 1,\n  \"a\": 2\n}".to_owned()).unwrap_err();
        assert_eq!((twice.line, twice.message.as_str()), (3, "the key `a` is there twice"));
    }
}
