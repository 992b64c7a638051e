//! Components that leak handles: what the canonical ABI counts, and the interface itself never asks for.

use anyhow::{Context, Result};
use wasmparser::Validator;

use crate::package::leb128;

/// Section ids of the component model's binary format.
const CORE_MODULE: u8 = 1;
const CORE_INSTANCE: u8 = 2;
const TYPE: u8 = 7;
const CANON: u8 = 8;

/// `component` with a module of its own behind its end that makes `handles` resources when it is started.
pub(crate) fn with_handles(component: &[u8], handles: u32) -> Result<Vec<u8>> {
    let types = Validator::new().validate_all(component).context("a component")?;
    let types = types.as_ref();
    let (resource, new) = (types.component_type_count() as usize, types.function_count() as usize);
    let (module, instance) = (types.module_count() as usize, types.core_instance_count() as usize);
    let maker = wat::parse_str(format!(
        "(module (import \"host\" \"new\" (func $new (param i32) (result i32)))
           (func $begin (local $n i32)
             (loop $l
               (drop (call $new (local.get $n)))
               (br_if $l (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const {handles})))))
           (start $begin))"
    ))?;
    let mut out = component.to_vec();
    // One resource type whose representation is an i32, without a destructor.
    push_section(&mut out, TYPE, &[&[1, 0x3f, 0x7f, 0]]);
    // `resource.new` of it, as a core function.
    push_section(&mut out, CANON, &[&[1, 0x02], &leb128(resource)]);
    push_section(&mut out, CORE_MODULE, &[&maker]);
    let exports: [&[u8]; 3] = [&[0x01, 1, 3], b"new", &[0x00]];
    let instantiated: [&[u8]; 3] = [&[1, 4], b"host", &[0x12]];
    push_section(
        &mut out,
        CORE_INSTANCE,
        &[
            &[2],
            &exports.concat(),
            &leb128(new),
            &[0x00],
            &leb128(module),
            &instantiated.concat(),
            &leb128(instance),
        ],
    );
    Ok(out)
}

fn push_section(out: &mut Vec<u8>, id: u8, parts: &[&[u8]]) {
    let body = parts.concat();
    out.push(id);
    out.extend(leb128(body.len()));
    out.extend(body);
}

#[cfg(test)]
mod tests {
    use crate::{Kind, Stock};

    #[test]
    fn a_component_that_leaks_handles_is_valid() {
        let stock = Stock::of_the_workspace().unwrap();
        for kind in Kind::ALL {
            let component = stock.with_handles(kind, 300).unwrap();
            wasmparser::Validator::new().validate_all(&component).unwrap();
        }
    }
}
