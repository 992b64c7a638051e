//! Real packages, damaged.

use crate::dice::Dice;
use crate::package::{section, sections, with_manifest, with_section, without_custom_sections};
use crate::{Kind, Sample, Stock};

pub(crate) fn sample(stock: &Stock, number: u32, dice: &mut Dice) -> Sample {
    let which = dice.below(stock.real.len());
    let mut package = as_own(&stock.real[which], &stock.id(number));
    let name = match dice.below(6) {
        0 => {
            let len = dice.below(package.len());
            package.truncate(len);
            format!("cut off after {len} bytes")
        }
        1 => {
            let flips = 1 + dice.below(64);
            for _ in 0..flips {
                let at = dice.below(package.len());
                package[at] ^= 1 << dice.below(8);
            }
            format!("{flips} bits flipped")
        }
        2 => {
            // In the code, where a flip is most likely to leave something that can be run.
            let largest = sections(&package).into_iter().max_by_key(|(_, start, end)| end - start);
            let (_, start, end) = largest.unwrap_or((0, 0, package.len()));
            let at = start + dice.below(end - start);
            package[at] = dice.next() as u8;
            format!("byte {at} changed")
        }
        3 => {
            let all = sections(&package);
            let (_, start, end) = all[dice.below(all.len())];
            let copy = package[start..end].to_vec();
            package.extend(copy);
            format!("the section at {start} twice")
        }
        4 => {
            let all = sections(&package);
            let (_, start, end) = all[dice.below(all.len())];
            package.drain(start..end);
            format!("without the section at {start}")
        }
        _ => {
            let other = &stock.real[dice.below(stock.real.len())];
            let at = dice.below(package.len());
            let from = dice.below(other.len());
            let len = dice.below(4096).min(other.len() - from).min(package.len() - at);
            package[at..at + len].copy_from_slice(&other[from..from + len]);
            format!("{len} bytes at {at} of another package")
        }
    };
    let deeds = vec!["good x".to_owned(), "judge allow".to_owned()];
    let name = format!("damaged: real package {which}, {name}");
    Sample { number, name, kind: Kind::Destination, package, deeds }
}

/// A real package under another id, so that it is not refused for its name alone.
fn as_own(package: &[u8], id: &str) -> Vec<u8> {
    let manifest = section(package, "neustream:manifest").and_then(|text| serde_json::from_slice(text).ok());
    let mut manifest: serde_json::Value = manifest.unwrap_or_default();
    manifest["id"] = id.into();
    let mut made = with_manifest(&without_custom_sections(package), &manifest);
    if let Some(schema) = section(package, "neustream:config-schema") {
        made = with_section(&made, "neustream:config-schema", schema);
    }
    made
}
