//! Deeds with MACs.

use crate::Outcome;
use crate::bindings::neustream::host::crypto;

/// Does `deed`, if it is one of these: `mac <secret> <text>`, `verify <secret> <text>`, `mac-giant <secret>`.
pub fn perform(deed: &str, argument: &str) -> Outcome {
    let (secret, text) = crate::parsed(argument);
    Some(match deed {
        "mac" => crypto::hmac_sha256(secret, text.as_bytes()),
        "mac-giant" => crypto::hmac_sha256(secret, &vec![0; 8 << 20]),
        "mac-flood" => loop {
            if let Err(error) = crypto::hmac_sha256(secret, &[0; 65536]) {
                break Err(error);
            }
        },
        "verify" => crypto::verify_hmac_sha256(secret, text.as_bytes(), &[0; 31])
            .map(|is_genuine| is_genuine.to_string().into_bytes()),
        _ => return None,
    })
}
