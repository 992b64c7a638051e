//! The permission sheet: a manifest's capabilities in sentences.

use serde::{Deserialize, Serialize};

use super::fields::{Manifest, SecretCapability, SecretKind};
use crate::Grant;
use crate::grant;

/// One line of the permission sheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permission {
    /// What a grant of this line holds.
    pub keys: Vec<String>,
    /// The capability's word in the manifest: `http`, `push`, `connect`, `webhook`, `kv`, `secret`, `data`.
    pub capability: String,
    /// What is permitted, in a sentence.
    pub summary: String,
    /// Why, in the author's words; empty where nothing was said.
    pub reason: String,
}

impl Manifest {
    /// Everything that the plugin may do, in sentences; an empty list means that it only computes.
    pub fn permissions(&self) -> Vec<Permission> {
        self.permissions_beyond(&Grant::default())
    }

    /// What the plugin asks for beyond `grant`, in sentences that speak of the difference only.
    pub fn permissions_beyond(&self, grant: &Grant) -> Vec<Permission> {
        let mut sheet = Sheet { grant, lines: Vec::new() };
        self.push_lines(&mut sheet);
        self.http_line(&mut sheet);
        if let Some(connect) = &self.capabilities.connect {
            let (hosts, keys) = sheet.new_ones(&connect.hosts, grant::connect_key);
            sheet.add("connect", keys, format!("Stay connected to {}", list(&hosts)), &connect.reason);
        }
        if let Some(webhook) = &self.capabilities.webhook {
            let (_, keys) = sheet.new_ones(&[String::new()], |_| grant::WEBHOOK_KEY.to_owned());
            let summary = "Receive messages that the platform sends to a URL of this host";
            sheet.add("webhook", keys, summary.to_owned(), &webhook.reason);
        }
        for (name, secret) in &self.capabilities.secrets {
            secret_line(&mut sheet, name, secret);
        }
        if let Some(kv) = &self.capabilities.kv {
            let key = grant::kv_key(kv.max_bytes);
            let keys = if grant.covers(&key) { vec![] } else { vec![key] };
            sheet.add("kv", keys, format!("Remember up to {} KiB", kv.max_bytes.div_ceil(1024)), "");
        }
        let (words, keys) = sheet.new_ones(&self.data.leaves_platform, grant::data_key);
        sheet.add("data", keys, format!("Pass on {}", list(&words)), "");
        sheet.lines
    }

    fn push_lines(&self, sheet: &mut Sheet<'_>) {
        let Some(push) = &self.capabilities.push else { return };
        let (mut places, mut keys) = sheet.new_ones(&push.hosts, grant::push_key);
        let (pointers, more) = sheet.new_ones(&push.from_config, grant::push_config_key);
        keys.extend(more);
        places.extend(
            pointers
                .iter()
                .map(|pointer| format!("the server that you set as `{}`", pointer.trim_start_matches('/'))),
        );
        sheet.add("push", keys, format!("Send your broadcasts to {}", list(&places)), &push.reason);
    }

    fn http_line(&self, sheet: &mut Sheet<'_>) {
        let Some(http) = &self.capabilities.http else { return };
        let (hosts, mut keys) = sheet.new_ones(&http.hosts, grant::http_key);
        let methods: Vec<_> = http.methods.iter().filter(|m| grant::http_method_key(m).is_some()).collect();
        let new_methods: Vec<_> = methods
            .iter()
            .filter_map(|method| grant::http_method_key(method))
            .filter(|key| !sheet.grant.covers(key))
            .collect();
        // A method that is new is new toward every host.
        let places = if new_methods.is_empty() { &hosts } else { &http.hosts };
        let verb = if methods.is_empty() { "Read from" } else { "Read from and write to" };
        let summary = if hosts.is_empty() {
            format!("Write to {}", list(places))
        } else if new_methods.is_empty() {
            format!("{verb} {}", list(&hosts))
        } else if hosts.len() == http.hosts.len() {
            format!("{verb} {}", list(places))
        } else {
            format!("{verb} {}, and write to what it only reads now", list(&hosts))
        };
        keys.extend(new_methods);
        sheet.add("http", keys, summary, &http.reason);
    }
}

fn secret_line(sheet: &mut Sheet<'_>, name: &str, secret: &SecretCapability) {
    let label = secret.label.as_deref().unwrap_or(name);
    let all = grant::keys_of_secret(name, secret);
    let keys: Vec<_> = all.into_iter().filter(|key| !sheet.grant.covers(key)).collect();
    let is_new = |key: &String| keys.contains(key);
    let hosts = secret.hosts.iter().filter(|host| is_new(&grant::secret_key(name, host)));
    let mut places: Vec<_> = hosts.cloned().collect();
    if is_new(&grant::secret_push_key(name)) {
        places.push("where your broadcasts are sent".to_owned());
    }
    let scopes = secret.scopes.iter().filter(|scope| is_new(&grant::scope_key(name, scope)));
    let scopes: Vec<_> = scopes.cloned().collect();
    let mut parts = Vec::new();
    if !scopes.is_empty() {
        parts.push(format!("Act for you ({}) by “{label}”, without seeing it", list(&scopes)));
    }
    if !places.is_empty() {
        parts.push(format!("Use “{label}” without seeing it, only toward {}", list(&places)));
    }
    if is_new(&grant::secret_mac_key(name)) {
        parts.push(format!("Have messages checked or signed with “{label}” without seeing it"));
    }
    debug_assert!(secret.kind == SecretKind::Oauth2 || scopes.is_empty(), "the manifest is checked");
    sheet.add("secret", keys, parts.join(". "), "");
}

struct Sheet<'a> {
    grant: &'a Grant,
    lines: Vec<Permission>,
}

impl Sheet<'_> {
    /// Those of `items` whose key is not granted yet, and their keys.
    fn new_ones(&self, items: &[String], key: impl Fn(&str) -> String) -> (Vec<String>, Vec<String>) {
        let keyed = items.iter().map(|item| (item.clone(), key(item)));
        keyed.filter(|(_, key)| !self.grant.covers(key)).unzip()
    }

    /// A line for `keys`, if there are any.
    fn add(&mut self, capability: &str, keys: Vec<String>, summary: String, reason: &str) {
        if !keys.is_empty() {
            let (capability, reason) = (capability.to_owned(), reason.to_owned());
            self.lines.push(Permission { keys, capability, summary, reason });
        }
    }
}

fn list(items: &[String]) -> String {
    match items {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [init @ .., last] => format!("{} and {last}", init.join(", ")),
    }
}
