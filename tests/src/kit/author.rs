//! Somebody who writes plugins: a namespace, a key, and packages signed with it.

use anyhow::{Context, Result, ensure};
use ed25519_dalek::{Signer, SigningKey};
use neustream_hostile::{section, with_section, without_custom_sections};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::api::Account;
use super::tool::workspace_dir;

const MANIFEST: &str = "neustream:manifest";
const CONFIG_SCHEMA: &str = "neustream:config-schema";
const SIGNATURE: &str = "neustream:signature";
/// What stands before the digest in the text that is signed.
const SIGNED: &[u8] = b"neustream-plugin-v1\0";

/// An author with an account.
pub struct Author {
    /// The first part of its plugins' ids.
    pub namespace: String,
    account: Account,
    key: SigningKey,
}

impl Author {
    /// Takes a namespace for the account.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn register(account: &Account, namespace: &str) -> Result<Self> {
        // As secret as a test needs: of its namespace.
        let key = SigningKey::from_bytes(&Sha256::digest(namespace.as_bytes()).into());
        let text = hex::encode(key.verifying_key().as_bytes());
        let body = json!({ "namespace": namespace, "key": format!("ed25519:{text}") });
        account.ask("POST", "/api/publishers", Some(&body)).await.context("a namespace")?;
        Ok(Self { namespace: namespace.to_owned(), account: account.clone(), key })
    }

    /// `package` with this author's signature.
    pub fn signed(&self, package: &[u8]) -> Vec<u8> {
        let digest = Sha256::digest(package);
        let signature = self.key.sign(&[SIGNED, digest.as_slice()].concat());
        let section = [&self.key.verifying_key().to_bytes()[..], &signature.to_bytes()].concat();
        with_section(package, SIGNATURE, &section)
    }

    /// Uploads a package for this author's own tenant; gives the answer's plugin.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn publish(&self, package: &[u8]) -> Result<Value> {
        let answer = self.account.upload("/api/plugins", &self.signed(package)).await?;
        ensure!(answer.status == 201, "publishing: {} {}", answer.status, answer.text());
        answer.json()
    }
}

/// A package that `cargo xtask plugins` has built, such as `chat/twitch`.
///
/// # Errors
/// When it was not built.
pub fn built(name: &str) -> Result<Vec<u8>> {
    let path = workspace_dir().join("plugins/dist").join(name).with_added_extension("wasm");
    std::fs::read(&path).with_context(|| format!("{}: build it with: cargo xtask plugins", path.display()))
}

/// A package with another manifest: the same code under another name, as an author would publish it.
///
/// # Errors
/// When it has none.
pub fn republished(package: &[u8], change: impl FnOnce(&mut Value)) -> Result<Vec<u8>> {
    let manifest = section(package, MANIFEST).context("a manifest")?;
    let mut manifest: Value = serde_json::from_slice(manifest)?;
    change(&mut manifest);
    let mut made = with_section(&without_custom_sections(package), MANIFEST, manifest.to_string().as_bytes());
    if let Some(schema) = section(package, CONFIG_SCHEMA) {
        made = with_section(&made, CONFIG_SCHEMA, schema);
    }
    Ok(made)
}

/// `sha256:<hex>` of a package that is not signed.
pub fn digest(package: &[u8]) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(package)))
}
