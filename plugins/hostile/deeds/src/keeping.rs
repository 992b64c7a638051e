//! Deeds with the installation's small memory.

use neustream_plugin::{Error, Host};

use crate::Outcome;

/// Does `deed`, if it is one of these.
pub fn perform(host: &impl Host, deed: &str, argument: &str) -> Outcome {
    Some(match deed {
        "kv-fill" => fill(host, 92),
        "kv-keys" => fill(host, 0),
        "kv-race" => race(host, argument),
        "kv-count" => count(host),
        "kv-every-third" => trap_on_every_third(host),
        "kv-long-key" => put(host, &"k".repeat(257), &[]),
        "kv-large-value" => put(host, "large", &vec![0; (64 << 10) + 1]),
        "kv-put" => put(host, "kept", argument.as_bytes()),
        "kv-get" => host.kv_get(argument).map(|entry| entry.map(|entry| entry.value).unwrap_or_default()),
        "kv-ttl" => host.kv_put("short", b"lived", None, Some(0)).map(|_| vec![]),
        _ => return None,
    })
}

fn put(host: &impl Host, key: &str, value: &[u8]) -> Result<Vec<u8>, Error> {
    host.kv_put(key, value, None, None).map(|revision| format!("{revision:?}").into_bytes())
}

/// Keys of eight bytes until the host says no: the number of them, and why not more.
fn fill(host: &impl Host, value_bytes: usize) -> Result<Vec<u8>, Error> {
    let value = vec![0; value_bytes];
    for n in 0..2000_u32 {
        if let Err(error) = host.kv_put(&format!("key-{n:04}"), &value, None, None) {
            let Error::Other(problem) = error else { return Err(error) };
            return Ok(format!("{n} {}", problem.code).into_bytes());
        }
    }
    Ok(b"2000".to_vec())
}

/// Tries to write one key of 100 bytes under a name of its own: `kept` or `quota`.
fn race(host: &impl Host, name: &str) -> Result<Vec<u8>, Error> {
    let value = vec![7; 100 - name.len()];
    match host.kv_put(name, &value, None, None) {
        Ok(Some(_)) => Ok(b"kept".to_vec()),
        Ok(None) => Ok(b"lost".to_vec()),
        Err(Error::Other(problem)) => Ok(problem.code.into_bytes()),
        Err(error) => Err(error),
    }
}

/// Adds one to a number, as racing calls must: by compare-and-set.
fn count(host: &impl Host) -> Result<Vec<u8>, Error> {
    next_number(host).map(|number| number.to_string().into_bytes())
}

fn trap_on_every_third(host: &impl Host) -> Result<Vec<u8>, Error> {
    let number = next_number(host)?;
    if number % 3 == 0 {
        core::arch::wasm32::unreachable();
    }
    Ok(number.to_string().into_bytes())
}

fn next_number(host: &impl Host) -> Result<u64, Error> {
    loop {
        let entry = host.kv_get("count")?;
        let bytes = entry.as_ref().and_then(|entry| entry.value.first_chunk::<8>());
        let next = bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes)) + 1;
        if host.kv_put("count", &next.to_le_bytes(), entry.map(|entry| entry.revision), None)?.is_some() {
            return Ok(next);
        }
    }
}
