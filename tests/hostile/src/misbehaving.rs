//! Hand-written modules that are honest but for one place.
//!
//! Every export answers with an area of zeroes, which is a valid answer of every kind. One place then misbehaves:
//! the start function, an export, `cabi_realloc`, the post-return function, or the answer itself.

use std::fmt::Write as _;

use anyhow::Result;

use crate::dice::Dice;
use crate::interface::{CoreFunction, Interface};
use crate::{Kind, Sample, Stock, package};

/// Where the answer lies.
const ANSWER: usize = 4096;
/// How many bytes of it chance writes.
const ANSWER_BYTES: usize = 512;

/// Where a module misbehaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Its start function: while it is instantiated.
    Start,
    /// Every function that it exports.
    Export,
    /// The last function that it exports: a host that tries only the first finds nothing.
    LastExport,
    /// `cabi_realloc`: while its host hands something over.
    Realloc,
    /// `cabi_post_*`: after its answer was read.
    PostReturn,
    /// Nowhere but in the answer.
    Answer,
}

/// A module that is honest but for one place, written by hand.
#[derive(Debug, Clone)]
pub struct Crafted {
    /// Where it misbehaves.
    pub place: Place,
    /// What it does there: instructions in text form that leave nothing on the stack.
    pub body: String,
    /// Further fields of the module, in text form.
    pub fields: String,
    /// What its exports give: a pointer to their answer.
    pub pointer: u32,
    /// What lies at [`Crafted::ANSWER`]; zeroes are an honest answer.
    pub answer: Vec<u8>,
}

impl Crafted {
    /// Where the answer lies in memory, of which there is one MiB.
    pub const ANSWER: u32 = ANSWER as u32;

    /// Does `body` in `place`.
    pub fn doing(place: Place, body: &str) -> Self {
        Self {
            place,
            body: body.to_owned(),
            fields: String::new(),
            pointer: Self::ANSWER,
            answer: vec![0; ANSWER_BYTES],
        }
    }

    /// Does nothing wrong but to answer `answer`.
    pub fn answering(answer: Vec<u8>) -> Self {
        Self { answer, ..Self::doing(Place::Answer, "") }
    }

    /// Answers with a pointer of its own.
    pub fn pointing(pointer: u32) -> Self {
        Self { pointer, ..Self::doing(Place::Answer, "") }
    }

    pub(crate) fn component(&self, interface: &Interface) -> Result<Vec<u8>> {
        let misdeed = Misdeed {
            name: String::new(),
            body: self.body.clone(),
            imports: Vec::new(),
            fields: self.fields.clone(),
        };
        let answer = Answer { pointer: self.pointer, bytes: self.answer.clone() };
        interface.component(wat::parse_str(module(interface, self.place, &misdeed, &answer))?)
    }
}

const PLACES: [Place; 9] = [
    Place::Start,
    Place::Export,
    Place::LastExport,
    Place::LastExport,
    Place::LastExport,
    Place::Realloc,
    Place::PostReturn,
    Place::Answer,
    Place::Answer,
];

pub(crate) fn sample(stock: &Stock, number: u32, dice: &mut Dice) -> Result<Sample> {
    let kind = Kind::ALL[dice.below(4)];
    let interface = stock.interface(kind);
    let place = PLACES[dice.below(PLACES.len())];
    let misdeed = Misdeed::any(interface, dice);
    let answer = if place == Place::Answer { answer(dice) } else { Answer::honest() };
    let text = module(interface, place, &misdeed, &answer);
    let component = interface.component(wat::parse_str(&text)?)?;
    let name = if place == Place::Answer {
        format!("misbehaving: {} with a false answer at {}", kind.as_str(), answer.pointer)
    } else {
        format!("misbehaving: {} with `{}` in its {place:?}", kind.as_str(), misdeed.name)
    };
    let package = package(&component, kind, &stock.id(number));
    Ok(Sample { number, name, kind, package, deeds: vec!["x".to_owned()] })
}

/// What the exports give back.
struct Answer {
    pointer: u32,
    bytes: Vec<u8>,
}

impl Answer {
    fn honest() -> Self {
        Self { pointer: ANSWER as u32, bytes: vec![0; ANSWER_BYTES] }
    }
}

/// An answer that is none: pointers out of bounds, giant lengths, cases that do not exist, texts that are not UTF-8.
fn answer(dice: &mut Dice) -> Answer {
    // One MiB of memory ends at 0x10_0000.
    const WORDS: [u32; 16] = [
        0,
        1,
        2,
        3,
        7,
        0xff,
        4096,
        32_769,
        65_536,
        0x000f_fffc,
        0x0010_0000,
        0x0100_0000,
        0x0800_0000,
        0x1000_0000,
        0x7fff_ffff,
        0xffff_ffff,
    ];
    let pointer = match dice.below(8) {
        0 => dice.number_of(&[0x000f_fffc, 0x0010_0000, 0xffff_fffc, 0xffff_ffff, 4097, 4098]),
        _ => ANSWER as u32,
    };
    let mut bytes = match dice.below(3) {
        0 => dice.bytes(ANSWER_BYTES),
        _ => (0..ANSWER_BYTES / 4).flat_map(|_| dice.number_of(&WORDS).to_le_bytes()).collect(),
    };
    // A case that exists is the way to what lies behind it.
    if !dice.is_one_in(4) {
        bytes[..4].copy_from_slice(&[0; 4]);
    }
    if dice.is_one_in(2) {
        bytes[4..8].copy_from_slice(&[0; 4]);
    }
    // Lists full of themselves: whatever they lead to is a list again.
    if dice.is_one_in(4) {
        let itself = [ANSWER as u32, dice.number_of(&[8, 64, 32_769, 100_000])];
        for chunk in bytes[8..].chunks_exact_mut(8) {
            chunk[..4].copy_from_slice(&itself[0].to_le_bytes());
            chunk[4..].copy_from_slice(&itself[1].to_le_bytes());
        }
    }
    Answer { pointer, bytes }
}

/// What is done, as instructions that leave nothing on the stack.
struct Misdeed {
    name: String,
    body: String,
    imports: Vec<CoreFunction>,
    /// Further module fields.
    fields: String,
}

impl Misdeed {
    fn any(interface: &Interface, dice: &mut Dice) -> Self {
        let pages = dice.number_of(&[1, 16, 64, 256]);
        let len = dice.number_of(&[1, 65_536, 900_000, 1_000_000]);
        let quiet = "(table $t 10 100000 funcref) (elem (table $t) (i32.const 0) func)";
        let (name, body, fields): (&str, String, String) = match dice.below(24) {
            0 => ("loop", "(loop $l (br $l))".into(), String::new()),
            1 => ("unreachable", "unreachable".into(), String::new()),
            2 => {
                let locals = " i64".repeat(dice.number_of(&[1, 10, 100, 1000]) as usize);
                let deep = format!(
                    "(func $deep (param i64) (result i64) (local{locals}) \
                     (i64.add (call $deep (i64.add (local.get 0) (i64.const 1))) (local.get 1)))"
                );
                ("recursion", "(drop (call $deep (i64.const 0)))".into(), deep)
            }
            3 => (
                "grow until refused",
                format!("(loop $l (br_if $l (i32.ne (memory.grow (i32.const {pages})) (i32.const -1))))"),
                String::new(),
            ),
            4 => (
                "grow and touch for ever",
                format!(
                    "(loop $l (drop (memory.grow (i32.const {pages}))) (memory.fill (i32.const 65536) \
                     (i32.const 7) (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 65536))) (br $l))"
                ),
                String::new(),
            ),
            5 => (
                "fill",
                format!("(loop $l (memory.fill (i32.const 8192) (i32.const 1) (i32.const {len})) (br $l))"),
                String::new(),
            ),
            6 => (
                "copy",
                format!(
                    "(loop $l (memory.copy (i32.const 8193) (i32.const 8192) (i32.const {len})) (br $l))"
                ),
                String::new(),
            ),
            7 => (
                "table growth",
                format!(
                    "(loop $l (drop (table.grow $t (ref.null func) (i32.const {}))) (br $l))",
                    dice.number_of(&[1, 1000, 30_000, 100_000_000])
                ),
                "(table $t 1 funcref)".into(),
            ),
            8 => (
                "table fill",
                "(loop $l (table.fill $t (i32.const 0) (ref.null func) (i32.const 10)) \
                 (table.copy $t $t (i32.const 0) (i32.const 1) (i32.const 9)) (br $l))"
                    .into(),
                quiet.into(),
            ),
            9 => ("division by zero", "(drop (i32.div_s (i32.const 1) (i32.const 0)))".into(), String::new()),
            10 => {
                ("not a number", "(drop (i32.trunc_f32_s (f32.const nan)))".into(), String::new())
            }
            11 => (
                "load out of bounds",
                format!("(drop (i64.load offset={} (i32.const -1)))", dice.number_of(&[0, 1, 0xffff_fff0])),
                String::new(),
            ),
            12 => (
                "store out of bounds",
                format!("(i64.store offset={} (i32.const -8) (i64.const 1))", dice.number_of(&[0, 0xffff_fff0])),
                String::new(),
            ),
            13 => (
                "call of nothing",
                format!("(call_indirect $t (i32.const {}))", dice.number_of(&[0, 9, 10, 0xffff_ffff])),
                quiet.into(),
            ),
            14 => {
                let cases = "$l ".repeat(dice.number_of(&[10, 1000, 20_000]) as usize);
                ("giant switch", format!("(loop $l (br_table {cases} (i32.const 3)))"), String::new())
            }
            15 => (
                "overwriting itself",
                "(memory.fill (i32.const 0) (i32.const 255) (i32.mul (memory.size) (i32.const 65536)))".into(),
                String::new(),
            ),
            16 => (
                "atomic spin of stores",
                "(loop $l (i64.store (i32.const 8192) (i64.add (i64.load (i32.const 8192)) (i64.const 1))) (br $l))"
                    .into(),
                String::new(),
            ),
            17 => {
                let loops = dice.number_of(&[4, 16, 30]) as usize;
                let body = format!(
                    "{}(br 0){}",
                    "(loop ".repeat(loops),
                    ")".repeat(loops)
                );
                ("nested loops", body, String::new())
            }
            _ => return Self::of_a_host_call(interface, dice),
        };
        Self { name: name.to_owned(), body, imports: Vec::new(), fields }
    }

    /// Calls of the host with arguments by chance, once or for ever.
    fn of_a_host_call(interface: &Interface, dice: &mut Dice) -> Self {
        const WORDS: [u32; 12] = [
            0,
            1,
            2,
            99,
            4096,
            32_769,
            65_536,
            0x000f_fff0,
            0x0010_0000,
            0x0400_0000,
            0x8000_0000,
            0xffff_ffff,
        ];
        let import = interface.imports[dice.below(interface.imports.len())].clone();
        let arguments: String = import
            .params
            .iter()
            .map(|ty| match *ty {
                "i32" => format!(" (i32.const {})", dice.number_of(&WORDS)),
                ty => format!(" ({ty}.const {})", dice.number_of(&[0, 1, 0x7fff_ffff])),
            })
            .collect();
        let drop = if import.results.is_empty() { String::new() } else { " drop".to_owned() };
        let call = format!("(call $host{arguments}){drop}");
        let (word, body) = match dice.below(3) {
            0 => ("floods", format!("(loop $l {call} (br $l))")),
            _ => ("asks", call),
        };
        let name = format!("{word} {}.{}", import.module, import.name);
        Self { name, body, imports: vec![import], fields: String::new() }
    }
}

/// The module's text.
fn module(interface: &Interface, place: Place, misdeed: &Misdeed, answer: &Answer) -> String {
    let mut text = String::from("(module\n");
    for import in &misdeed.imports {
        let CoreFunction { module, name, .. } = import;
        let _ = writeln!(text, "(import \"{module}\" \"{name}\" (func $host{}))", import.signature());
    }
    let _ = writeln!(text, "(memory (export \"memory\") 16)\n{}", misdeed.fields);
    let _ = writeln!(text, "(func $misdeed {})", misdeed.body);
    let does = |here: Place| if here == place { "(call $misdeed)" } else { "" };
    if place == Place::Start {
        text.push_str("(func $begin (call $misdeed)) (start $begin)\n");
    }
    for (index, export) in interface.exports.iter().enumerate() {
        let is_last = index + 1 == interface.exports.len();
        let result = if export.results.is_empty() {
            String::new()
        } else {
            format!("(i32.const {})", answer.pointer as i32)
        };
        let CoreFunction { name, .. } = export;
        let signature = export.signature();
        let misdeed =
            if is_last && place == Place::LastExport { does(Place::LastExport) } else { does(Place::Export) };
        let _ = writeln!(text, "(func (export \"{name}\"){signature} {misdeed} {result})");
        if !export.results.is_empty() {
            let after = does(Place::PostReturn);
            let _ = writeln!(text, "(func (export \"cabi_post_{name}\") (param i32) {after})");
        }
    }
    // Gives what was asked for from a place of its own, without ever giving anything back.
    let _ = writeln!(
        text,
        "(global $next (mut i32) (i32.const 16384))\n\
         (func (export \"cabi_realloc\") (param i32 i32 i32 i32) (result i32) {}\n\
           (global.set $next (i32.and (i32.add (global.get $next) (i32.const 15)) (i32.const -8)))\n\
           (global.get $next)\n\
           (global.set $next (i32.add (global.get $next) (local.get 3))))",
        does(Place::Realloc)
    );
    let mut bytes = String::new();
    for byte in &answer.bytes {
        let _ = write!(bytes, "\\{byte:02x}");
    }
    let _ = writeln!(text, "(data (i32.const {ANSWER}) \"{bytes}\"))");
    text
}
