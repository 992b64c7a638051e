//! Razorpay's signatures: HMAC-SHA256 in hexadecimal.

use neustream_plugin::{Error, Host, hex};

/// Makes sure that `signature` is that of `data` under the secret `key`, and gives its bytes.
pub fn verify(host: &impl Host, key: &str, data: &[u8], signature: &str) -> Result<Vec<u8>, Error> {
    let tag = hex::decode(signature).ok_or_else(forged)?;
    if host.verify_hmac_sha256(key, data, &tag)? { Ok(tag) } else { Err(forged()) }
}

/// The signature is missing or wrong.
pub fn forged() -> Error {
    Error::unauthorized("signature-wrong", "The signature is not Razorpay's.")
}
