//! Razorpay's signatures: HMAC-SHA256 in hexadecimal.

use neustream_plugin::{Error, Host};

/// Makes sure that `signature` is that of `data` under the secret `key`.
pub fn verify(host: &impl Host, key: &str, data: &[u8], signature: &str) -> Result<(), Error> {
    let is_genuine = match from_hex(signature) {
        Some(tag) => host.verify_hmac_sha256(key, data, &tag)?,
        None => false,
    };
    if is_genuine { Ok(()) } else { Err(forged()) }
}

/// The signature is missing or wrong.
pub fn forged() -> Error {
    Error::unauthorized("signature-wrong", "The signature is not Razorpay's.")
}

/// 32 bytes from 64 hexadecimal digits.
fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let byte = |pair: &[u8]| Some(digit(pair[0])? << 4 | digit(pair[1])?);
    (text.len() == 64).then(|| text.as_bytes().chunks(2).map(byte).collect()).flatten()
}

#[cfg(test)]
mod tests {
    use super::from_hex;

    #[test]
    fn only_sixty_four_digits_are_a_tag() {
        assert_eq!(from_hex(&"0f".repeat(32)), Some(vec![15; 32]));
        for wrong in ["", "0f", &"0f".repeat(33), &"0g".repeat(32), &"é".repeat(32)] {
            assert_eq!(from_hex(wrong), None, "{wrong}");
        }
    }
}
