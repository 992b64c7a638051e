//! AMF0 values (Action Message Format 0, Adobe 2007): the language of RTMP commands and script data.
//!
//! Invariant: decoding is bounded in depth ([`MAX_DEPTH`]) and in the number of values, never reserves
//! memory on the word of a length field and never panics. AMF3 is absent: the one marker that switches to
//! it is refused.

use bytes::{BufMut, BytesMut};

/// How deep objects and arrays may nest. Real commands need 3.
pub const MAX_DEPTH: usize = 16;

/// How many values a command may hold. Real `connect` commands need about 40.
pub(crate) const COMMAND_VALUES: usize = 512;

mod marker {
    pub const NUMBER: u8 = 0x00;
    pub const BOOLEAN: u8 = 0x01;
    pub const STRING: u8 = 0x02;
    pub const OBJECT: u8 = 0x03;
    pub const NULL: u8 = 0x05;
    pub const UNDEFINED: u8 = 0x06;
    pub const REFERENCE: u8 = 0x07;
    pub const ECMA_ARRAY: u8 = 0x08;
    pub const OBJECT_END: u8 = 0x09;
    pub const STRICT_ARRAY: u8 = 0x0A;
    pub const DATE: u8 = 0x0B;
    pub const LONG_STRING: u8 = 0x0C;
    pub const UNSUPPORTED: u8 = 0x0D;
    pub const XML_DOCUMENT: u8 = 0x0F;
    pub const TYPED_OBJECT: u8 = 0x10;
}

/// The named members of an object, in the order of the wire.
pub type Properties = Vec<(String, Value)>;

/// One AMF0 value. Texts that are not UTF-8 are kept with replacement characters.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Marker 0x00: an IEEE 754 double.
    Number(f64),
    /// Marker 0x01.
    Boolean(bool),
    /// Markers 0x02 and 0x0C: a text; which of the two is a matter of its length.
    String(String),
    /// Marker 0x03: an anonymous object.
    Object(Properties),
    /// Marker 0x05.
    Null,
    /// Marker 0x06.
    Undefined,
    /// Marker 0x07: the n-th complex value of the same message. Not followed.
    Reference(u16),
    /// Marker 0x08: an associative array. Its count on the wire is a hint and not kept.
    EcmaArray(Properties),
    /// Marker 0x0A: a list.
    StrictArray(Vec<Value>),
    /// Marker 0x0B: a point in time.
    Date {
        /// Milliseconds since 1970-01-01 UTC.
        unix_ms: f64,
        /// Reserved by the specification, mostly 0.
        time_zone: i16,
    },
    /// Marker 0x0D: something the writer could not express.
    Unsupported,
    /// Marker 0x0F.
    XmlDocument(String),
    /// Marker 0x10: an object of a named class.
    TypedObject {
        /// The name of its class.
        class: String,
        /// Its members.
        properties: Properties,
    },
}

/// Bytes that are not AMF0, or too much of it. `at` counts bytes from the start of the decoded slice.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Amf0Error {
    /// The value goes on beyond the end of the message.
    #[error("AMF0 value is cut off at byte {at}")]
    Truncated {
        /// Where bytes were missing.
        at: usize,
    },
    /// A marker without meaning here, among them the switch to AMF3 (0x11).
    #[error("AMF0 marker {marker:#04x} at byte {at} is not supported")]
    UnknownMarker {
        /// The marker.
        marker: u8,
        /// Where it stands.
        at: usize,
    },
    /// Objects and arrays nest deeper than [`MAX_DEPTH`].
    #[error("AMF0 nests deeper than {MAX_DEPTH} levels at byte {at}")]
    TooDeep {
        /// Where the first value too deep begins.
        at: usize,
    },
    /// More values than the reader allows.
    #[error("AMF0 holds more values than allowed at byte {at}")]
    TooManyValues {
        /// Where the first value too many begins.
        at: usize,
    },
}

impl Value {
    /// The number, if it is one.
    pub fn as_number(&self) -> Option<f64> {
        if let Self::Number(number) = self { Some(*number) } else { None }
    }

    /// The text, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        if let Self::String(text) = self { Some(text) } else { None }
    }

    /// The member `name` of an object, ECMA array or typed object.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.properties()?.iter().find_map(|(key, value)| (key == name).then_some(value))
    }

    /// The members of an object, ECMA array or typed object.
    pub fn properties(&self) -> Option<&Properties> {
        match self {
            Self::Object(properties) | Self::EcmaArray(properties) | Self::TypedObject { properties, .. } => {
                Some(properties)
            }
            _ => None,
        }
    }

    /// An object with these members.
    pub fn object<'a>(members: impl IntoIterator<Item = (&'a str, Value)>) -> Self {
        Self::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// Appends the value to `out`.
    pub fn encode(&self, out: &mut BytesMut) {
        match self {
            Self::Number(number) => {
                out.put_u8(marker::NUMBER);
                out.put_f64(*number);
            }
            Self::Boolean(truth) => {
                out.put_u8(marker::BOOLEAN);
                out.put_u8(u8::from(*truth));
            }
            Self::String(text) => encode_string(text, out),
            Self::Object(properties) => {
                out.put_u8(marker::OBJECT);
                encode_properties(properties, out);
            }
            Self::Null => out.put_u8(marker::NULL),
            Self::Undefined => out.put_u8(marker::UNDEFINED),
            Self::Reference(index) => {
                out.put_u8(marker::REFERENCE);
                out.put_u16(*index);
            }
            Self::EcmaArray(properties) => {
                out.put_u8(marker::ECMA_ARRAY);
                out.put_u32(properties.len() as u32);
                encode_properties(properties, out);
            }
            Self::StrictArray(values) => {
                out.put_u8(marker::STRICT_ARRAY);
                out.put_u32(values.len() as u32);
                for value in values {
                    value.encode(out);
                }
            }
            Self::Date { unix_ms, time_zone } => {
                out.put_u8(marker::DATE);
                out.put_f64(*unix_ms);
                out.put_i16(*time_zone);
            }
            Self::Unsupported => out.put_u8(marker::UNSUPPORTED),
            Self::XmlDocument(text) => {
                out.put_u8(marker::XML_DOCUMENT);
                out.put_u32(text.len() as u32);
                out.put_slice(text.as_bytes());
            }
            Self::TypedObject { class, properties } => {
                out.put_u8(marker::TYPED_OBJECT);
                encode_name(class, out);
                encode_properties(properties, out);
            }
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

/// Appends `text` as an AMF0 string, long where it must be.
pub(crate) fn encode_string(text: &str, out: &mut BytesMut) {
    if let Ok(length) = u16::try_from(text.len()) {
        out.put_u8(marker::STRING);
        out.put_u16(length);
    } else {
        out.put_u8(marker::LONG_STRING);
        out.put_u32(text.len() as u32);
    }
    out.put_slice(text.as_bytes());
}

fn encode_properties(properties: &Properties, out: &mut BytesMut) {
    for (name, value) in properties {
        encode_name(name, out);
        value.encode(out);
    }
    out.put_u16(0);
    out.put_u8(marker::OBJECT_END);
}

/// Names have 16 bits of length; a longer one is cut at a character.
fn encode_name(name: &str, out: &mut BytesMut) {
    let mut end = name.len().min(usize::from(u16::MAX));
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    out.put_u16(end as u16);
    out.put_slice(&name.as_bytes()[..end]);
}

/// Splits a leading AMF0 string off `bytes`: its raw text and what follows. `None` when it starts otherwise.
pub fn split_string(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = match bytes {
        [marker::STRING, a, b, rest @ ..] => (usize::from(u16::from_be_bytes([*a, *b])), rest),
        [marker::LONG_STRING, a, b, c, d, rest @ ..] => (u32::from_be_bytes([*a, *b, *c, *d]) as usize, rest),
        _ => return None,
    };
    rest.split_at_checked(length)
}

/// Reads values one after the other.
#[derive(Debug)]
pub struct Decoder<'a> {
    bytes: &'a [u8],
    at: usize,
    values_left: usize,
}

impl<'a> Decoder<'a> {
    /// Reads from `bytes`, at most `max_values` values, nested ones included.
    pub fn new(bytes: &'a [u8], max_values: usize) -> Self {
        Self { bytes, at: 0, values_left: max_values }
    }

    /// The next value at the top level, or `None` at the end.
    pub fn next_value(&mut self) -> Result<Option<Value>, Amf0Error> {
        if self.at == self.bytes.len() { Ok(None) } else { self.value(0).map(Some) }
    }

    fn value(&mut self, depth: usize) -> Result<Value, Amf0Error> {
        let at = self.at;
        if depth >= MAX_DEPTH {
            return Err(Amf0Error::TooDeep { at });
        }
        self.values_left = self.values_left.checked_sub(1).ok_or(Amf0Error::TooManyValues { at })?;
        Ok(match self.u8()? {
            marker::NUMBER => Value::Number(self.f64()?),
            marker::BOOLEAN => Value::Boolean(self.u8()? != 0),
            marker::STRING => Value::String(self.name()?),
            marker::OBJECT => Value::Object(self.properties(depth, false)?),
            marker::NULL => Value::Null,
            marker::UNDEFINED => Value::Undefined,
            marker::REFERENCE => Value::Reference(self.u16()?),
            marker::ECMA_ARRAY => {
                self.u32()?;
                Value::EcmaArray(self.properties(depth, true)?)
            }
            marker::STRICT_ARRAY => {
                let count = self.u32()?;
                let mut values = Vec::new();
                for _ in 0..count {
                    values.push(self.value(depth + 1)?);
                }
                Value::StrictArray(values)
            }
            marker::DATE => Value::Date { unix_ms: self.f64()?, time_zone: self.u16()? as i16 },
            marker::LONG_STRING => Value::String(self.long_text()?),
            marker::UNSUPPORTED => Value::Unsupported,
            marker::XML_DOCUMENT => Value::XmlDocument(self.long_text()?),
            marker::TYPED_OBJECT => {
                Value::TypedObject { class: self.name()?, properties: self.properties(depth, false)? }
            }
            marker => return Err(Amf0Error::UnknownMarker { marker, at }),
        })
    }

    /// Members up to the object end. Some encoders leave the end off the last ECMA array of a message.
    fn properties(&mut self, depth: usize, may_lack_end: bool) -> Result<Properties, Amf0Error> {
        let mut properties = Vec::new();
        loop {
            if may_lack_end && self.at == self.bytes.len() {
                return Ok(properties);
            }
            let name = self.name()?;
            if name.is_empty() && self.bytes.get(self.at) == Some(&marker::OBJECT_END) {
                self.at += 1;
                return Ok(properties);
            }
            properties.push((name, self.value(depth + 1)?));
        }
    }

    fn name(&mut self) -> Result<String, Amf0Error> {
        let length = usize::from(self.u16()?);
        self.text(length)
    }

    fn long_text(&mut self) -> Result<String, Amf0Error> {
        let length = self.u32()? as usize;
        self.text(length)
    }

    fn text(&mut self, length: usize) -> Result<String, Amf0Error> {
        Ok(String::from_utf8_lossy(self.take(length)?).into_owned())
    }

    fn u8(&mut self) -> Result<u8, Amf0Error> {
        self.array().map(|[byte]| byte)
    }

    fn u16(&mut self) -> Result<u16, Amf0Error> {
        self.array().map(u16::from_be_bytes)
    }

    fn u32(&mut self) -> Result<u32, Amf0Error> {
        self.array().map(u32::from_be_bytes)
    }

    fn f64(&mut self) -> Result<f64, Amf0Error> {
        self.array().map(f64::from_be_bytes)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Amf0Error> {
        let at = self.at;
        self.take(N)?.try_into().map_err(|_| Amf0Error::Truncated { at })
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Amf0Error> {
        let rest = &self.bytes[self.at..];
        let (taken, _) =
            rest.split_at_checked(length).ok_or(Amf0Error::Truncated { at: self.bytes.len() })?;
        self.at += length;
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decode(bytes: &[u8]) -> Result<Vec<Value>, Amf0Error> {
        let mut decoder = Decoder::new(bytes, COMMAND_VALUES);
        let mut values = Vec::new();
        while let Some(value) = decoder.next_value()? {
            values.push(value);
        }
        Ok(values)
    }

    fn encode(value: &Value) -> BytesMut {
        let mut out = BytesMut::new();
        value.encode(&mut out);
        out
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<i32>().prop_map(|number| Value::Number(f64::from(number))),
            any::<bool>().prop_map(Value::Boolean),
            ".{0,20}".prop_map(Value::String),
            Just(Value::Null),
            Just(Value::Undefined),
            Just(Value::Unsupported),
            any::<u16>().prop_map(Value::Reference),
            ".{0,20}".prop_map(Value::XmlDocument),
            (any::<i32>(), any::<i16>())
                .prop_map(|(ms, time_zone)| Value::Date { unix_ms: f64::from(ms), time_zone }),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            let properties = prop::collection::vec(("[a-z]{1,8}", inner.clone()), 0..6);
            prop_oneof![
                prop::collection::vec(inner, 0..6).prop_map(Value::StrictArray),
                properties.clone().prop_map(Value::Object),
                properties.clone().prop_map(Value::EcmaArray),
                ("[A-Z]{1,8}", properties)
                    .prop_map(|(class, properties)| Value::TypedObject { class, properties }),
            ]
        })
    }

    proptest! {
        #[test]
        fn every_value_reads_back_as_written(value in any_value()) {
            prop_assert_eq!(decode(&encode(&value)), Ok(vec![value]));
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = decode(&bytes);
        }

        #[test]
        fn a_cut_value_is_an_error_and_not_a_value(value in any_value(), cut in any::<prop::sample::Index>()) {
            // ECMA arrays may lack their end.
            prop_assume!(!format!("{value:?}").contains("EcmaArray"));
            let bytes = encode(&value);
            let cut = cut.index(bytes.len());
            prop_assert!(cut == 0 || decode(&bytes[..cut]).is_err());
        }
    }

    #[test]
    fn a_text_beyond_64_kib_travels_as_a_long_string() {
        let value = Value::String("x".repeat(70_000));
        let bytes = encode(&value);
        assert_eq!(bytes[0], marker::LONG_STRING);
        assert_eq!(decode(&bytes), Ok(vec![value]));
    }

    #[test]
    fn ten_thousand_nested_objects_are_refused_without_recursion() {
        let mut bytes = Vec::new();
        for _ in 0..10_000 {
            bytes.extend_from_slice(&[marker::OBJECT, 0, 1, b'a']);
        }
        assert!(matches!(decode(&bytes), Err(Amf0Error::TooDeep { .. })));
        assert!(matches!(
            decode(&[marker::STRICT_ARRAY, 0, 0, 0, 1].repeat(10_000)),
            Err(Amf0Error::TooDeep { .. })
        ));
    }

    #[test]
    fn sixteen_levels_are_allowed() {
        let mut value = Value::Null;
        for _ in 0..MAX_DEPTH - 1 {
            value = Value::StrictArray(vec![value]);
        }
        assert_eq!(decode(&encode(&value)), Ok(vec![value.clone()]));
        assert!(decode(&encode(&Value::StrictArray(vec![value]))).is_err());
    }

    #[test]
    fn announced_lengths_reserve_nothing() {
        assert_eq!(decode(&[marker::STRICT_ARRAY, 255, 255, 255, 255]), Err(Amf0Error::Truncated { at: 5 }));
        assert_eq!(decode(&[marker::LONG_STRING, 255, 255, 255, 255]), Err(Amf0Error::Truncated { at: 5 }));
    }

    #[test]
    fn too_many_values_are_refused() {
        assert!(matches!(decode(&[marker::NULL].repeat(513)), Err(Amf0Error::TooManyValues { at: 512 })));
    }

    #[test]
    fn an_ecma_array_may_lack_its_end_at_the_end_of_the_message() {
        let mut bytes = encode(&Value::EcmaArray(vec![("width".to_owned(), Value::Number(640.0))]));
        bytes.truncate(bytes.len() - 3);
        let values = decode(&bytes).unwrap();
        assert_eq!(values[0].get("width"), Some(&Value::Number(640.0)));
    }

    #[test]
    fn the_switch_to_amf3_is_refused() {
        assert_eq!(decode(&[0x11, 1]), Err(Amf0Error::UnknownMarker { marker: 0x11, at: 0 }));
    }

    #[test]
    fn a_leading_string_is_split_off() {
        let mut bytes = encode(&Value::from("onMetaData"));
        Value::Null.encode(&mut bytes);
        assert_eq!(split_string(&bytes), Some((&b"onMetaData"[..], &[marker::NULL][..])));
        assert_eq!(split_string(&bytes[..5]), None);
        assert_eq!(split_string(&[]), None);
    }
}
