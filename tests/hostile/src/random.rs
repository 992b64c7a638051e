//! Random valid modules behind a kind's real interface.

use std::fmt::Write as _;

use anyhow::{Context, Result};
use arbitrary::Unstructured;
use wasm_smith::{Config, Module};

use crate::dice::Dice;
use crate::interface::Interface;
use crate::{Kind, Sample, Stock, package};

/// How often chance is asked anew when a module does not fit its interface.
const TRIES: usize = 50;

pub(crate) fn sample(stock: &Stock, number: u32, dice: &mut Dice) -> Result<Sample> {
    let kind = Kind::ALL[dice.below(4)];
    let interface = stock.interface(kind);
    for _ in 0..TRIES {
        // What the host's engine refuses to run is refused in the same way a thousand times: mostly off.
        let has_everything = dice.is_one_in(8);
        let instructions = dice.number_of(&[20, 100, 1000, 5000]) as usize;
        let module = module(interface, has_everything, instructions, dice)?;
        let Ok(component) = interface.component(module) else { continue };
        let everything = if has_everything { " with every proposal" } else { "" };
        let name = format!("random: {} of {} bytes{everything}", kind.as_str(), component.len());
        let package = package(&component, kind, &stock.id(number));
        return Ok(Sample { number, name, kind, package, deeds: vec!["x".to_owned(), "y".to_owned()] });
    }
    anyhow::bail!("no random module fits the interface of {}", kind.as_str())
}

fn module(
    interface: &Interface,
    has_everything: bool,
    instructions: usize,
    dice: &mut Dice,
) -> Result<Vec<u8>> {
    let config = Config {
        exports: Some(shape(interface)?),
        available_imports: Some(imports(interface)?),
        max_imports: 8,
        max_instructions: instructions,
        max_memories: 1,
        min_memories: 1,
        max_memory32_bytes: 64 << 20,
        max_tables: 4,
        bulk_memory_enabled: true,
        simd_enabled: true,
        relaxed_simd_enabled: has_everything,
        gc_enabled: has_everything,
        exceptions_enabled: has_everything,
        tail_call_enabled: has_everything,
        threads_enabled: has_everything,
        memory64_enabled: has_everything,
        wide_arithmetic_enabled: has_everything,
        ..Config::default()
    };
    let bytes = dice.bytes(4096 + dice_len(instructions));
    let module = Module::new(config, &mut Unstructured::new(&bytes)).context("wasm-smith")?;
    Ok(module.to_bytes())
}

/// Enough chance for a module with functions of so many instructions.
fn dice_len(instructions: usize) -> usize {
    instructions * 16
}

/// A module that has the exports that are wanted.
fn shape(interface: &Interface) -> Result<Vec<u8>> {
    let mut text = String::from(
        "(module (memory (export \"memory\") 1)\n\
         (func (export \"cabi_realloc\") (param i32 i32 i32 i32) (result i32) unreachable)\n",
    );
    for export in &interface.exports {
        let _ = writeln!(text, "(func (export \"{}\"){} unreachable)", export.name, export.signature());
    }
    text.push(')');
    Ok(wat::parse_str(text)?)
}

/// A module with the imports that may be chosen from.
fn imports(interface: &Interface) -> Result<Vec<u8>> {
    let mut text = String::from("(module\n");
    for import in &interface.imports {
        let signature = import.signature();
        let _ = writeln!(text, "(import \"{}\" \"{}\" (func{signature}))", import.module, import.name);
    }
    text.push(')');
    Ok(wat::parse_str(text)?)
}
