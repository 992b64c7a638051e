//! As much AMF0 as a load generator speaks: commands out, command name, transaction and status code in.
//!
//! Input comes from the servers under test, so reading is bounded by the slice and never panics.

/// A value to write.
#[derive(Debug, Clone, Copy)]
pub enum Value<'a> {
    /// AMF0 2.2.
    Number(f64),
    /// AMF0 2.4, at most 65535 bytes.
    String(&'a str),
    /// AMF0 2.7.
    Null,
}

/// Appends a string with its marker.
pub fn string(out: &mut Vec<u8>, text: &str) {
    out.push(2);
    bare_string(out, text);
}

/// Appends any value.
pub fn value(out: &mut Vec<u8>, value: Value<'_>) {
    match value {
        Value::Number(number) => {
            out.push(0);
            out.extend_from_slice(&number.to_be_bytes());
        }
        Value::String(text) => string(out, text),
        Value::Null => out.push(5),
    }
}

/// Appends an anonymous object.
pub fn object(out: &mut Vec<u8>, properties: &[(&str, Value<'_>)]) {
    out.push(3);
    for (name, property) in properties {
        bare_string(out, name);
        value(out, *property);
    }
    out.extend_from_slice(&[0, 0, 9]);
}

fn bare_string(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(&(text.len() as u16).to_be_bytes());
    out.extend_from_slice(text.as_bytes());
}

/// The parts of a received command that the generator acts on.
#[derive(Debug, Default)]
pub struct Command {
    /// `_result`, `onStatus`, `publish`, ...
    pub name: String,
    /// Ties an answer to its question.
    pub transaction: f64,
    /// Plain strings among the arguments, in order: for `publish` the stream name first.
    pub strings: Vec<String>,
    /// The `code` property of any object among the arguments.
    pub code: Option<String>,
    /// The last plain number among the arguments: for the answer to `createStream` the stream id.
    pub number: Option<f64>,
}

/// Reads a command message; `None` when it is none.
pub fn command(body: &[u8]) -> Option<Command> {
    let mut reader = Reader { rest: body };
    let mut command = Command::default();
    let Read::String(name) = reader.value()? else { return None };
    command.name = name;
    let Read::Number(transaction) = reader.value()? else { return None };
    command.transaction = transaction;
    while let Some(argument) = reader.value() {
        match argument {
            Read::Number(number) => command.number = Some(number),
            Read::String(text) => command.strings.push(text),
            Read::Object { code } => command.code = code.or(command.code),
            Read::Other => {}
        }
    }
    Some(command)
}

enum Read {
    Number(f64),
    String(String),
    Object { code: Option<String> },
    Other,
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    fn take(&mut self, count: usize) -> Option<&[u8]> {
        let (head, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(head)
    }

    fn text(&mut self) -> Option<String> {
        let length = self.take(2)?;
        let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
        Some(String::from_utf8_lossy(self.take(length)?).into_owned())
    }

    fn value(&mut self) -> Option<Read> {
        match *self.take(1)?.first()? {
            0 => Some(Read::Number(f64::from_be_bytes(self.take(8)?.try_into().ok()?))),
            1 => self.take(1).map(|_| Read::Other),
            2 => self.text().map(Read::String),
            3 => self.properties(),
            5 | 6 => Some(Read::Other),
            8 => {
                self.take(4)?;
                self.properties()
            }
            _ => None,
        }
    }

    /// One level of properties; an object within is unknown ground and ends the reading.
    fn properties(&mut self) -> Option<Read> {
        let mut code = None;
        loop {
            let name = self.text()?;
            if name.is_empty() && self.rest.first() == Some(&9) {
                self.take(1)?;
                return Some(Read::Object { code });
            }
            if matches!(self.rest.first(), Some(3 | 8 | 10)) {
                return None;
            }
            if let Read::String(text) = self.value()?
                && name == "code"
            {
                code = Some(text);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_read_with_its_code() {
        let mut body = Vec::new();
        string(&mut body, "onStatus");
        value(&mut body, Value::Number(0.0));
        value(&mut body, Value::Null);
        object(
            &mut body,
            &[("level", Value::String("status")), ("code", Value::String("NetStream.Play.Start"))],
        );
        let command = command(&body).expect("a command");
        assert_eq!(command.name, "onStatus");
        assert_eq!(command.code.as_deref(), Some("NetStream.Play.Start"));
    }

    #[test]
    fn a_torn_command_is_no_command_and_no_panic() {
        let mut body = Vec::new();
        string(&mut body, "_result");
        value(&mut body, Value::Number(1.0));
        object(&mut body, &[("code", Value::String("x"))]);
        for length in 0..body.len() {
            let _ = command(&body[..length]);
        }
    }
}
