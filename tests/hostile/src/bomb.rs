//! What costs a validator or a compiler far more than its size.

use std::fmt::Write as _;

use crate::dice::Dice;
use crate::{Kind, Sample, Stock, package};

pub(crate) fn sample(stock: &Stock, number: u32, dice: &mut Dice) -> Sample {
    let kind = Kind::ALL[dice.below(4)];
    let (name, text) = match dice.below(13) {
        0 => {
            // Small ones compile, large ones meet the child's limits.
            let functions = dice.number_of(&[1, 5, 40]) as usize;
            let (locals, blocks) =
                (dice.number_of(&[100, 500, 2000]) as usize, dice.number_of(&[50, 200, 900]) as usize);
            (
                format!("{functions} functions of {blocks} nested loops over {locals} locals"),
                loops(functions, locals, blocks),
            )
        }
        1 => {
            let many = dice.number_of(&[1000, 20_000, 100_000]);
            (format!("{many} functions"), in_module(&"(func)".repeat(many as usize)))
        }
        2 => {
            let many = dice.number_of(&[1000, 50_000]) as usize;
            let cases = "0 ".repeat(many);
            (
                format!("a switch of {many} cases"),
                in_module(&format!("(func (block (br_table {cases} (i32.const 1))))")),
            )
        }
        3 => {
            let levels = dice.number_of(&[5, 20, 30, 60]) as usize;
            (format!("a type that doubles {levels} times"), doubling_type(levels))
        }
        4 => {
            let depth = dice.number_of(&[10, 100, 1000]) as usize;
            let nested = format!("{}{}", "(component ".repeat(depth), ")".repeat(depth));
            (format!("components {depth} deep"), nested)
        }
        5 => {
            let many = dice.number_of(&[10, 1000, 20_000]) as usize;
            let instances = "(core instance (instantiate $m))".repeat(many);
            (format!("{many} instances"), format!("(component (core module $m (memory 1)) {instances})"))
        }
        6 => {
            let pages = dice.number_of(&[512, 1000, 65_536]);
            (format!("a memory of {pages} pages"), in_module(&format!("(memory {pages})")))
        }
        7 => {
            let elements = dice.number_of(&[50_000, 10_000_000]);
            (format!("a table of {elements} elements"), in_module(&format!("(table {elements} funcref)")))
        }
        8 => {
            let many = dice.number_of(&[1000, 90_000]) as usize;
            (format!("{many} segments"), in_module(&format!("(memory 1){}", "(data \"x\")".repeat(many))))
        }
        9 => {
            let params = " i64".repeat(dice.number_of(&[100, 1000]) as usize);
            let pushes = "(i64.const 1)".repeat(params.len() / 4);
            let text = in_module(&format!(
                "(func $f (param{params}))(func (export \"g\") {} )",
                format!("{pushes}(call $f)").repeat(50)
            ));
            ("calls with many arguments".to_owned(), text)
        }
        10 => {
            let depth = dice.number_of(&[1000, 20_000]) as usize;
            let text = in_module(&format!("(func {}{})", "(block ".repeat(depth), ")".repeat(depth)));
            (format!("blocks {depth} deep"), text)
        }
        11 => {
            let many = dice.number_of(&[1000, 100_000]) as usize;
            let body =
                "(local.set 0 (i64.mul (i64.add (local.get 0) (i64.const 3)) (local.get 0)))".repeat(many);
            (
                format!("a function of {many} lines"),
                in_module(&format!("(func (export \"f\") (local i64) {body})")),
            )
        }
        _ => {
            let many = dice.number_of(&[100, 10_000]) as usize;
            let globals: String = (0..many).fold(String::new(), |mut text, n| {
                let _ = write!(text, "(global (export \"g{n}\") (mut i64) (i64.const {n}))");
                text
            });
            (format!("{many} globals"), in_module(&globals))
        }
    };
    // Text that nests too deeply for the text's own reader is damaged instead.
    let component = wat::parse_str(&text).unwrap_or_else(|_| text.into_bytes());
    let package = package(&component, kind, &stock.id(number));
    Sample { number, name: format!("bomb: {name}"), kind, package, deeds: vec!["x".to_owned()] }
}

fn in_module(fields: &str) -> String {
    format!("(component (core module $m {fields}) (core instance (instantiate $m)))")
}

/// Functions that cost a compiler far more than their size: many blocks, each with every local alive.
fn loops(functions: usize, locals: usize, blocks: usize) -> String {
    let mut fields = String::new();
    for function in 0..functions {
        let _ = write!(
            fields,
            "(func (export \"f{function}\") (param i32) (result i32) (local{})",
            " i32".repeat(locals)
        );
        for block in 0..blocks {
            let (a, b) = (1 + block % locals, 1 + (block * 7 + 3) % locals);
            let _ = write!(
                fields,
                "(loop (local.set {a} (i32.add (local.get {b}) (local.get 0))) \
                 (br_if 0 (i32.lt_s (local.get {a}) (i32.const {block})))"
            );
        }
        fields.push_str(&")".repeat(blocks));
        fields.push_str(" (local.get 1))");
    }
    in_module(&fields)
}

/// A type of which each is a pair of the one before: small to write, giant to lay out.
fn doubling_type(levels: usize) -> String {
    let mut text = String::from("(component (type $t0 (tuple u64 u64))");
    for level in 1..=levels {
        let before = level - 1;
        let _ = write!(text, "(type $t{level} (tuple $t{before} $t{before}))");
    }
    let _ = write!(text, "(import \"f\" (func (param \"a\" $t{levels}))))");
    text
}
