//! AMF0, the few types that commands use.

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum Amf {
    /// A number.
    Number(f64),
    /// A boolean.
    Boolean(bool),
    /// A text.
    Text(String),
    /// Names and values, in order; also read from an ECMA array.
    Object(Vec<(String, Amf)>),
    /// Null or undefined.
    Null,
}

impl Amf {
    /// A text value.
    pub fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    /// The text, when it is one.
    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The number, when it is one.
    pub fn as_number(&self) -> Option<f64> {
        if let Self::Number(number) = self { Some(*number) } else { None }
    }

    /// The field called `name`, when it is an object that has one.
    pub fn field(&self, name: &str) -> Option<&Self> {
        let Self::Object(fields) = self else { return None };
        fields.iter().find_map(|(field, value)| (field == name).then_some(value))
    }
}

/// Writes values one after the other.
pub fn encode(values: &[Amf]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for value in values {
        write(value, &mut bytes);
    }
    bytes
}

/// Reads values until the end or the first thing that is not understood.
pub fn decode(mut bytes: &[u8]) -> Vec<Amf> {
    let mut values = Vec::new();
    while let Some(value) = read(&mut bytes) {
        values.push(value);
    }
    values
}

fn write(value: &Amf, bytes: &mut Vec<u8>) {
    match value {
        Amf::Number(number) => {
            bytes.push(0);
            bytes.extend(number.to_be_bytes());
        }
        Amf::Boolean(boolean) => bytes.extend([1, u8::from(*boolean)]),
        Amf::Text(text) => {
            bytes.push(2);
            write_name(text, bytes);
        }
        Amf::Object(fields) => {
            bytes.push(3);
            for (name, field) in fields {
                write_name(name, bytes);
                write(field, bytes);
            }
            bytes.extend([0, 0, 9]);
        }
        Amf::Null => bytes.push(5),
    }
}

fn write_name(text: &str, bytes: &mut Vec<u8>) {
    bytes.extend((text.len() as u16).to_be_bytes());
    bytes.extend(text.as_bytes());
}

fn read(bytes: &mut &[u8]) -> Option<Amf> {
    match take(bytes, 1)?[0] {
        0 => Some(Amf::Number(f64::from_be_bytes(take(bytes, 8)?.try_into().ok()?))),
        1 => Some(Amf::Boolean(take(bytes, 1)?[0] != 0)),
        2 => Some(Amf::Text(read_name(bytes)?)),
        3 => read_fields(bytes),
        8 => {
            take(bytes, 4)?;
            read_fields(bytes)
        }
        10 => {
            let count = u32::from_be_bytes(take(bytes, 4)?.try_into().ok()?);
            let items = (0..count.min(1024)).map(|place| Some((place.to_string(), read(bytes)?)));
            items.collect::<Option<Vec<_>>>().map(Amf::Object)
        }
        5 | 6 => Some(Amf::Null),
        _ => None,
    }
}

fn read_fields(bytes: &mut &[u8]) -> Option<Amf> {
    let mut fields = Vec::new();
    loop {
        let name = read_name(bytes)?;
        if name.is_empty() && bytes.first() == Some(&9) {
            take(bytes, 1)?;
            return Some(Amf::Object(fields));
        }
        fields.push((name, read(bytes)?));
    }
}

fn read_name(bytes: &mut &[u8]) -> Option<String> {
    let length = u16::from_be_bytes(take(bytes, 2)?.try_into().ok()?);
    Some(String::from_utf8_lossy(take(bytes, usize::from(length))?).into_owned())
}

fn take<'bytes>(bytes: &mut &'bytes [u8], count: usize) -> Option<&'bytes [u8]> {
    let (taken, rest) = bytes.split_at_checked(count)?;
    *bytes = rest;
    Some(taken)
}
