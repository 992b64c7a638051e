//! `neustream:host/crypto`: MACs with keys that stay here.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::bindings::neustream::host::crypto::Host;
use crate::bindings::neustream::host::types::Error;
use crate::door::{HostAnswer, HostCall, diverged};
use crate::imports::{denied, problem};
use crate::state::CallState;
use crate::text::printable;

impl Host for CallState {
    fn verify_hmac_sha256(&mut self, key: String, data: Vec<u8>, tag: Vec<u8>) -> Result<bool, Error> {
        match self.pass_at_once(HostCall::VerifyHmac { key, data, tag }) {
            HostAnswer::Verified(is_genuine) => is_genuine,
            _ => Err(diverged()),
        }
    }

    fn hmac_sha256(&mut self, key: String, data: Vec<u8>) -> Result<Vec<u8>, Error> {
        match self.pass_at_once(HostCall::Hmac { key, data }) {
            HostAnswer::Mac(mac) => mac,
            _ => Err(diverged()),
        }
    }
}

pub(crate) fn verify(state: &CallState, key: &str, data: &[u8], tag: &[u8]) -> Result<bool, Error> {
    // `verify_slice` compares in constant time and wants the whole tag.
    Ok(keyed(state, key, data)?.verify_slice(tag).is_ok())
}

pub(crate) fn mac(state: &CallState, key: &str, data: &[u8]) -> Result<Vec<u8>, Error> {
    Ok(keyed(state, key, data)?.finalize().into_bytes().to_vec())
}

fn keyed(state: &CallState, key: &str, data: &[u8]) -> Result<Hmac<Sha256>, Error> {
    let shown = printable(key, 64);
    if !state.rules.may_authenticate(key) {
        let message = format!("the manifest has no secret `{shown}` of kind hmac");
        return Err(denied("secret-denied", message));
    }
    let Some(secret) = state.call.secrets.get(key) else {
        return Err(Error::InvalidConfig(problem(
            "secret-missing",
            format!("the secret `{shown}` is not set"),
        )));
    };
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()).expect("HMAC takes any key");
    mac.update(data);
    Ok(mac)
}
