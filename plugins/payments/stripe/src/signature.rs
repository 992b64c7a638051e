//! `Stripe-Signature`: `t=<seconds>,v1=<hex>[,v1=<hex>...]`, each `v1` the HMAC-SHA256 of `<t>.<body>` under one of
//! the endpoint's secrets (docs.stripe.com/webhooks/signature; two while a secret is rolled).

use neustream_plugin::{Error, Host, hex};

use crate::api::WEBHOOK_SECRET;

/// How far a signature's moment may be from now, in seconds: what was recorded cannot be sent again later.
const TOLERANCE_S: u64 = 300;
/// Signatures of one header that are looked at.
const SIGNATURES: usize = 8;

/// Makes sure that `header` signs `body`, about now.
pub fn verify(host: &impl Host, header: &str, body: &[u8], now_ms: u64) -> Result<(), Error> {
    let parts = || header.split(',').filter_map(|part| part.trim().split_once('='));
    let moment = parts().find(|(name, _)| *name == "t").map(|(_, value)| value).ok_or_else(forged)?;
    let seconds: u64 = moment.parse().map_err(|_| forged())?;
    if seconds.abs_diff(now_ms / 1000) > TOLERANCE_S {
        return Err(Error::unauthorized("signature-old", "The webhook's signature is too old."));
    }
    let signed = [moment.as_bytes(), b".", body].concat();
    let tags = parts().filter(|(name, _)| *name == "v1").filter_map(|(_, value)| hex::decode(value));
    for tag in tags.take(SIGNATURES) {
        if host.verify_hmac_sha256(WEBHOOK_SECRET, &signed, &tag)? {
            return Ok(());
        }
    }
    Err(forged())
}

/// The signature is missing or wrong.
pub fn forged() -> Error {
    Error::unauthorized("signature-wrong", "The webhook's signature is not Stripe's.")
}
