//! Lines of a JSON text: where the value that a JSON pointer names begins.

use std::borrow::Cow;

/// The line, from 1, of what `pointer` (RFC 6901) names in the JSON `text`: of its key in an object, of itself in an
/// array; where it is not there, of the nearest value around it that is.
///
/// The text must have been read as JSON by somebody else; of anything else the answer is some line or none.
pub(crate) fn line_of_pointer(text: &str, pointer: &str) -> Option<usize> {
    let steps: Vec<_> = pointer.split('/').skip(1).map(unescaped).collect();
    let mut scan = Scan { text: text.as_bytes(), at: 0 };
    scan.skip_white();
    (scan.at < text.len()).then(|| crate::manifest_file::line_at(text, scan.find(&steps)))
}

fn unescaped(step: &str) -> Cow<'_, str> {
    if step.contains('~') {
        Cow::Owned(step.replace("~1", "/").replace("~0", "~"))
    } else {
        Cow::Borrowed(step)
    }
}

struct Scan<'a> {
    text: &'a [u8],
    at: usize,
}

impl Scan<'_> {
    /// The offset of what `steps` lead to, from the value that begins here.
    fn find(&mut self, steps: &[Cow<'_, str>]) -> usize {
        let mut found = self.at;
        for step in steps {
            match self.enter(step) {
                Some(offset) => found = offset,
                None => break,
            }
        }
        found
    }

    /// Goes to the member `step` of the value that begins here; answers the offset of its key, or of itself.
    fn enter(&mut self, step: &str) -> Option<usize> {
        let is_object = match self.text.get(self.at)? {
            b'{' => true,
            b'[' => false,
            _ => return None,
        };
        self.at += 1;
        for index in 0_usize.. {
            self.skip_white();
            let began = self.at;
            if matches!(self.text.get(self.at)?, b'}' | b']') {
                return None;
            }
            let is_it = if is_object {
                let key = self.string()?;
                self.skip_white();
                self.at += 1;
                self.skip_white();
                key == step
            } else {
                step.parse() == Ok(index)
            };
            if is_it {
                return Some(began);
            }
            self.skip_value()?;
            self.skip_white();
            if self.text.get(self.at)? == &b',' {
                self.at += 1;
            }
        }
        None
    }

    fn skip_white(&mut self) {
        while self.text.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
    }

    /// Takes the string that begins here.
    fn string(&mut self) -> Option<String> {
        let began = self.at;
        self.skip_string()?;
        serde_json::from_slice(&self.text[began..self.at]).ok()
    }

    fn skip_string(&mut self) -> Option<()> {
        self.at += 1;
        loop {
            match self.text.get(self.at)? {
                b'\\' => self.at += 2,
                b'"' => break,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        Some(())
    }

    /// Skips the value that begins here, however deep it is.
    fn skip_value(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            match self.text.get(self.at)? {
                b'"' => {
                    self.skip_string()?;
                    if depth == 0 {
                        return Some(());
                    }
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => {
                    // The end of the value around a number or a word.
                    let Some(outer) = depth.checked_sub(1) else { return Some(()) };
                    depth = outer;
                    if depth == 0 {
                        self.at += 1;
                        return Some(());
                    }
                }
                b',' if depth == 0 => return Some(()),
                _ => {}
            }
            self.at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_has_the_line_of_its_key_or_of_the_nearest_value_around() {
        let text = r#"{
  "type": "object",
  "required": ["a/b", "c"],
  "properties": {
    "a/b": { "type": "string", "x": "}\",{" },
    "c": {
      "enum": [
        1,
        true,
        { "d": null }
      ]
    }
  }
}"#;
        for (pointer, line) in [
            ("", 1),
            ("/type", 2),
            ("/required/1", 3),
            ("/properties/a~1b/type", 5),
            ("/properties/c", 6),
            ("/properties/c/enum/1", 9),
            ("/properties/c/enum/2/d", 10),
            ("/properties/c/enum/9", 7),
            ("/properties/e/type", 4),
        ] {
            assert_eq!(line_of_pointer(text, pointer), Some(line), "{pointer}");
        }
    }

    #[test]
    fn text_that_is_not_json_is_no_panic() {
        for text in ["", "{", "{\"a", "{\"a\\", "[1,", "{\"a\":{\"b\"", "}", "{\"a\" 1}"] {
            let _ = line_of_pointer(text, "/a/b/0");
        }
    }
}
