//! The permission sheet: a manifest's capabilities in sentences.

use serde::{Deserialize, Serialize};

use super::fields::{Manifest, SecretKind};

/// One line of the permission sheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permission {
    /// The capability's word in the manifest: `http`, `push`, `kv`, `secret`, `data`.
    pub capability: String,
    /// What is permitted, in a sentence.
    pub summary: String,
    /// Why, in the author's words; empty where nothing was said.
    pub reason: String,
}

impl Manifest {
    /// Everything that the plugin may do, in sentences; an empty list means that it only computes.
    pub fn permissions(&self) -> Vec<Permission> {
        let mut permissions = Vec::new();
        let mut add = |capability: &str, summary: String, reason: &str| {
            permissions.push(Permission {
                capability: capability.to_owned(),
                summary,
                reason: reason.to_owned(),
            });
        };
        let capabilities = &self.capabilities;
        if let Some(push) = &capabilities.push {
            let mut places = push.hosts.clone();
            places.extend(
                push.from_config.iter().map(|pointer| {
                    format!("the server that you set as `{}`", pointer.trim_start_matches('/'))
                }),
            );
            add("push", format!("Send your broadcasts to {}", list(&places)), &push.reason);
        }
        if let Some(http) = &capabilities.http {
            let verb = if http.methods.iter().all(|method| method == "GET" || method == "HEAD") {
                "Read from"
            } else {
                "Read from and write to"
            };
            add("http", format!("{verb} {}", list(&http.hosts)), &http.reason);
        }
        for (name, secret) in &capabilities.secrets {
            let label = secret.label.as_deref().unwrap_or(name);
            let mut places = secret.hosts.clone();
            if secret.push {
                places.push("where your broadcasts are sent".to_owned());
            }
            let summary = match secret.kind {
                SecretKind::Hmac => {
                    format!("Have messages checked or signed with “{label}” without seeing it")
                }
                SecretKind::String => {
                    format!("Use “{label}” without seeing it, only toward {}", list(&places))
                }
                SecretKind::Oauth2 => format!(
                    "Act for you ({}) without seeing “{label}”, only toward {}",
                    list(&secret.scopes),
                    list(&places)
                ),
            };
            add("secret", summary, "");
        }
        if let Some(kv) = &capabilities.kv {
            add("kv", format!("Remember up to {} KiB", kv.max_bytes.div_ceil(1024)), "");
        }
        if !self.data.leaves_platform.is_empty() {
            add("data", format!("Pass on {}", list(&self.data.leaves_platform)), "");
        }
        permissions
    }
}

fn list(items: &[String]) -> String {
    match items {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [init @ .., last] => format!("{} and {last}", init.join(", ")),
    }
}
