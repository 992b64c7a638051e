//! `cargo xtask bundle`: a partner's way from a key to a provisioned tenant, against a running server.
//!
//! It does over the HTTP API what `examples/partner-bundle/README.md` tells, and can be run again: what is there
//! already stays.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use neustream_contract::{Package, PublisherKey, SigningKey, canonical_json, sign, sign_document};
use neustream_plugin_project::Project;
use serde_json::{Value, json};

use crate::command::announce;
use crate::demo_api::Api;
use crate::plugins::error_of;
use crate::workspace;

/// What a bundle's signature is of.
const DOMAIN: &str = "neustream-bundle-v1";

/// Where to, and for whom.
#[derive(Args)]
pub struct Options {
    /// The running server.
    #[arg(long, default_value = "127.0.0.1:3000", value_name = "HOST:PORT")]
    server: String,
    /// The folder with `bundle.json` and the partner's plugins.
    #[arg(long, default_value = "examples/partner-bundle", value_name = "FOLDER")]
    folder: PathBuf,
    /// E-mail address of the first user of the tenant that is made; without it none is.
    #[arg(long, value_name = "EMAIL")]
    tenant: Option<String>,
    /// The administrator's address.
    #[arg(long, env = "ADMIN_EMAIL", value_name = "EMAIL")]
    admin_email: String,
    /// The administrator's password.
    #[arg(long, env = "ADMIN_PASSWORD", hide_env_values = true, value_name = "PASSWORD")]
    admin_password: String,
    /// The partner's address; its account is opened when there is none.
    #[arg(long, env = "PARTNER_EMAIL", value_name = "EMAIL")]
    partner_email: String,
    /// The partner's password.
    #[arg(long, env = "PARTNER_PASSWORD", hide_env_values = true, value_name = "PASSWORD")]
    partner_password: String,
}

/// Publishes the partner's plugins, uploads its bundle and makes a tenant with it.
pub fn provision(options: &Options) -> Result<()> {
    let folder = workspace::root().join(&options.folder);
    let bundle = fs::read_to_string(folder.join("bundle.json")).context("bundle.json cannot be read")?;
    let mut bundle: Value = serde_json::from_str(&bundle).context("bundle.json is not JSON")?;
    let namespace = text(&bundle, "partner")?.to_owned();
    let key = own_key(&folder.join("key"))?;

    let admin = signed_in(options, &options.admin_email, &options.admin_password)?;
    let partner = partner_account(options)?;
    announce("taking the namespace, making its holder a partner");
    take_namespace(&partner, &namespace, &key)?;
    let name = bundle["branding"]["name"].as_str().unwrap_or(&namespace).to_owned();
    admin.post("/api/admin/partners", &json!({ "namespace": namespace, "name": name }))?;

    for plugin in plugin_folders(&folder)? {
        let package = sign(packed(&plugin)?, &key)?;
        publish(&partner, &admin, &package)?;
    }
    announce("signing and uploading the bundle");
    fill_in(&mut bundle, &partner)?;
    let signature = sign_document(&key, DOMAIN, canonical_json(&bundle).as_bytes());
    let signed = json!({
        "bundle": bundle,
        "key": PublisherKey::of(&key).to_string(),
        "signature": hex::encode(signature),
    });
    partner.post("/api/partner/bundles", &signed)?;
    match &options.tenant {
        Some(email) => make_tenant(&partner, &bundle, email),
        None => Ok(()),
    }
}

/// The partner's key in `file`; a new one where there is none.
fn own_key(file: &Path) -> Result<SigningKey> {
    let mut bytes = [0; 32];
    if let Ok(text) = fs::read_to_string(file) {
        hex::decode_to_slice(text.trim(), &mut bytes)
            .with_context(|| format!("{} is not 64 hexadecimal digits", file.display()))?;
        return Ok(SigningKey::from_bytes(&bytes));
    }
    announce("making the partner's key");
    bytes = rand::random();
    let mut options = fs::OpenOptions::new();
    let written = options.write(true).create_new(true).mode(0o600).open(file);
    written
        .and_then(|mut file| writeln!(file, "{}", hex::encode(bytes)))
        .with_context(|| format!("{} cannot be written", file.display()))?;
    Ok(SigningKey::from_bytes(&bytes))
}

fn signed_in(options: &Options, email: &str, password: &str) -> Result<Api> {
    let mut api = Api::at(&options.server);
    let session = api.post("/api/auth/login", &json!({ "email": email, "password": password }))?;
    api.authorize(text(&session, "token")?);
    Ok(api)
}

fn partner_account(options: &Options) -> Result<Api> {
    let (email, password) = (&options.partner_email, &options.partner_password);
    let account = json!({ "email": email, "password": password, "display_name": "Partner" });
    match Api::at(&options.server).post("/api/auth/register", &account) {
        Ok(_) => announce("the partner's account was opened"),
        Err(error) if format!("{error:#}").contains("EMAIL_TAKEN") => {}
        Err(error) => return Err(error),
    }
    signed_in(options, email, password)
}

fn take_namespace(partner: &Api, namespace: &str, key: &SigningKey) -> Result<()> {
    let key = PublisherKey::of(key).to_string();
    let own = partner.get("/api/publishers")?;
    let is_taken = items(&own["publishers"]).any(|publisher| publisher["namespace"] == namespace);
    if is_taken {
        partner.post(&format!("/api/publishers/{namespace}/keys"), &json!({ "key": key }))?;
    } else {
        partner.post("/api/publishers", &json!({ "namespace": namespace, "key": key }))?;
    }
    Ok(())
}

/// Folders beside the bundle that hold a plugin.
fn plugin_folders(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))?;
    let folders = entries.flatten().map(|entry| entry.path());
    let mut folders: Vec<_> = folders.filter(|path| path.join("plugin.toml").is_file()).collect();
    folders.sort();
    Ok(folders)
}

/// Builds and packs the plugin in `folder`, as its author would.
fn packed(folder: &Path) -> Result<Vec<u8>> {
    announce(&format!("building {}", folder.display()));
    let built = Project::open(folder).and_then(|project| project.build(&mut |line| eprintln!("{line}")));
    Ok(built.map_err(|problems| error_of(&problems))?.package)
}

/// Uploads a package for the partner's tenants and lets it through, unless that was done before.
fn publish(partner: &Api, admin: &Api, package: &[u8]) -> Result<()> {
    let read = Package::read(package)?;
    let (id, digest) = (&read.manifest.id, read.digest);
    announce(&format!("publishing {id} {}", read.manifest.version));
    partner.post_bytes("/api/plugins?visibility=partner", "application/wasm", package)?;
    loop {
        let review = admin.get(&format!("/api/admin/plugins/{digest}"))?;
        let decision = match text(&review["version"], "state")? {
            "scanned" => "review",
            "reviewed" => "verify",
            "verified" => return Ok(()),
            other => bail!("{id} is {other}: {}", review["version"]["reason"]),
        };
        let reason = json!({ "reason": "the partner's own plugin" });
        admin.post(&format!("/api/admin/plugins/{digest}/{decision}"), &reason)?;
    }
}

/// Puts the version and digest that the partner gets now to every plugin of the bundle.
fn fill_in(bundle: &mut Value, partner: &Api) -> Result<()> {
    for plugin in bundle["plugins"].as_array_mut().context("bundle.json has no `plugins`")? {
        let id = text(plugin, "id")?;
        let found = partner.get(&format!("/api/plugins/{id}"))?;
        let (version, digest) = (found["plugin"]["version"].clone(), found["plugin"]["digest"].clone());
        plugin["version"] = version;
        plugin["digest"] = digest;
    }
    Ok(())
}

fn make_tenant(partner: &Api, bundle: &Value, email: &str) -> Result<()> {
    announce("making a tenant");
    let name = email.split('@').next().unwrap_or(email);
    let tenant = json!({ "bundle": bundle["name"], "email": email, "display_name": name });
    let made = partner.post("/api/partner/tenants", &tenant)?;
    println!(
        "Tenant {} is ready. Its first user chooses a password, until {}, at\n    {}",
        text(&made, "tenant_id")?,
        text(&made["invitation"], "expires_at")?,
        text(&made["invitation"], "url")?,
    );
    Ok(())
}

fn text<'a>(value: &'a Value, field: &str) -> Result<&'a str> {
    value[field].as_str().with_context(|| format!("there is no text `{field}`"))
}

fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}
