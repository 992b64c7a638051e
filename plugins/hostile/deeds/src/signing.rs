//! Deeds with MACs.

use neustream_plugin::{AuthenticatingHost, Error};

use crate::Outcome;

/// Does `deed`, if it is one of these: `mac <secret> <text>`, `verify <secret> <text>`, `mac-giant <secret>`.
pub fn perform(host: &impl AuthenticatingHost, deed: &str, argument: &str) -> Outcome {
    let (secret, text) = crate::parsed(argument);
    Some(match deed {
        "mac" => host.hmac_sha256(secret, text.as_bytes()),
        "mac-giant" => host.hmac_sha256(secret, &vec![0; 8 << 20]),
        "mac-flood" => flood(host, secret),
        "verify" => host
            .verify_hmac_sha256(secret, text.as_bytes(), &[0; 31])
            .map(|is_genuine| is_genuine.to_string().into_bytes()),
        _ => return None,
    })
}

/// Host calls that compute, for as long as it is let.
fn flood(host: &impl AuthenticatingHost, secret: &str) -> Result<Vec<u8>, Error> {
    let data = vec![0; 65536];
    loop {
        host.hmac_sha256(secret, &data)?;
    }
}
