//! Sections, manifests and schemas that lie.

use serde_json::{Value, json};

use crate::dice::Dice;
use crate::package::{PREAMBLE, leb128, manifest, with_manifest, with_section, without_custom_sections};
use crate::{Kind, Sample, Stock};

pub(crate) fn sample(stock: &Stock, number: u32, dice: &mut Dice) -> Sample {
    let kind = Kind::ALL[dice.below(4)];
    let component = without_custom_sections(stock.gallery(kind));
    let id = stock.id(number);
    let honest = manifest(kind, &id);
    let with = |change: &dyn Fn(&mut Value)| {
        let mut changed = honest.clone();
        change(&mut changed);
        with_manifest(&component, &changed)
    };
    let with_schema = |schema: &[u8]| {
        let mut manifest = honest.clone();
        manifest["config"] = json!({ "schema": "config.schema.json" });
        with_section(&with_manifest(&component, &manifest), "neustream:config-schema", schema)
    };
    let depth = dice.number_of(&[50, 120, 1000, 100_000]) as usize;
    let (name, package): (&str, Vec<u8>) = match dice.below(26) {
        0 => ("two manifests", with_manifest(&with_manifest(&component, &honest), &honest)),
        1 => {
            let signed =
                with_section(&with_manifest(&component, &honest), "neustream:signature", &dice.bytes(96));
            ("a signature of nobody", signed)
        }
        2 => {
            let signed =
                with_section(&with_manifest(&component, &honest), "neustream:signature", &dice.bytes(96));
            ("a section behind the signature", with_section(&signed, "more", b"x"))
        }
        3 => {
            let other = Kind::ALL[(Kind::ALL.iter().position(|k| *k == kind).unwrap_or(0) + 1) % 4];
            ("another kind than it is", with_manifest(&component, &manifest(other, &id)))
        }
        4 => ("asks for nothing and imports all", with(&|m| m["capabilities"] = json!({}))),
        5 => ("every host", with(&|m| m["capabilities"]["http"]["hosts"] = json!(["https://*"]))),
        6 => {
            let inside =
                json!(["https://127.0.0.1", "https://169.254.169.254", "https://[::1]", "https://0x7f.1"]);
            ("hosts inside", with(&|m| m["capabilities"]["http"]["hosts"] = inside.clone()))
        }
        7 => ("a name with escapes", with(&|m| m["name"] = json!("\x1b]0;owned\x07\u{202e}"))),
        8 => ("an id of somebody else", with(&|m| m["id"] = json!("neustream/twitch"))),
        9 => ("an id that is a path", with(&|m| m["id"] = json!("../../etc/passwd"))),
        10 => ("more memory than there is", with(&|m| m["limits"] = json!({ "memory-mib": u32::MAX }))),
        11 => ("an unknown key", with(&|m| m["capabilities"]["files"] = json!({ "paths": ["/"] }))),
        12 => (
            "many hosts",
            with(&|m| {
                let hosts: Vec<_> = (0..5000).map(|n| format!("https://h{n}.hostile.test")).collect();
                m["capabilities"]["http"]["hosts"] = json!(hosts);
            }),
        ),
        13 => {
            let deep = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
            ("a deep manifest", with_section(&component, "neustream:manifest", deep.as_bytes()))
        }
        14 => {
            let manifest = dice.bytes(1000);
            ("a manifest of chance", with_section(&component, "neustream:manifest", &manifest))
        }
        15 => ("a manifest of a megabyte", with(&|m| m["description"] = json!("x".repeat(1 << 20)))),
        16 => {
            let mut schema = String::from("{}");
            for _ in 0..depth.min(20_000) {
                schema = format!("{{\"allOf\":[{schema}]}}");
            }
            ("a deep schema", with_schema(schema.as_bytes()))
        }
        17 => ("a schema that refers to itself", with_schema(br##"{"$ref":"#"}"##)),
        18 => {
            ("a schema from elsewhere", with_schema(br#"{"$ref":"http://169.254.169.254/latest/meta-data"}"#))
        }
        19 => {
            let schema =
                json!({ "properties": { "a": { "pattern": format!("^(a+)+{}$", "(b?){50}".repeat(50)) } } });
            ("a schema with a costly pattern", with_schema(schema.to_string().as_bytes()))
        }
        20 => ("a schema of chance", with_schema(&dice.bytes(500))),
        21 => {
            let mut bytes = with_manifest(&component, &honest);
            bytes.push(0);
            bytes.extend([0xff, 0xff, 0xff, 0xff, 0x0f]);
            ("a section longer than the file", bytes)
        }
        22 => {
            let mut bytes = with_manifest(&component, &honest);
            let name = [0xff_u8, 0xfe, 0x80];
            bytes.push(0);
            bytes.extend(leb128(name.len() + 1));
            bytes.extend(leb128(name.len()));
            bytes.extend(name);
            ("a section whose name is no text", bytes)
        }
        23 => {
            // What wasmtime writes as compiled code is an ELF file.
            let mut forged = b"\x7fELF\x02\x01\x01\xc8".to_vec();
            forged.extend(dice.bytes(4000));
            ("compiled code in place of a component", forged)
        }
        24 => {
            let many = (0..20_000).fold(with_manifest(&component, &honest), |mut bytes, _| {
                bytes.extend([0, 2, 1, b'x']);
                bytes
            });
            ("twenty thousand sections", many)
        }
        _ => ("a manifest and nothing else", with_manifest(&PREAMBLE, &honest)),
    };
    let name = format!("deceptive: {} with {name}", kind.as_str());
    Sample { number, name, kind, package, deeds: vec!["good x".to_owned()] }
}
