//! Checks what an adapter's `prepare` answered before anything connects there.
//!
//! The adapter is code of a stranger with access to a stream key by name.
//! Whatever it says, the key goes only to hosts that the manifest, or the
//! tenant's own configuration, allows.

use std::time::Duration;

use neustream_contract::destination::{Limits, Protocol, Target};
use neustream_contract::{Call, CallError, CallErrorKind, Value};
use neustream_model::UnixMillis;
use neustream_outbound::{Endpoint, Rules};

use crate::answer::kept_state;
use crate::bindings::destination::exports::neustream::destination::adapter as wit;
use crate::limits::MAX_BROADCAST_STATE_BYTES;
use crate::state::CallState;
use crate::text::printable;

const MAX_URL_BYTES: usize = 2048;
const MAX_KEY_BYTES: usize = 1024;

/// The target, or why it is not one.
pub(crate) fn checked(mut target: wit::Target, state: &mut CallState) -> Result<Target, CallError> {
    target.state = kept_state(target.state, MAX_BROADCAST_STATE_BYTES, state)?;
    allowed(target, &state.rules, &state.call)
}

fn allowed(target: wit::Target, rules: &Rules, call: &Call) -> Result<Target, CallError> {
    let protocol = match target.protocol {
        wit::Protocol::Rtmp => Protocol::Rtmp,
        wit::Protocol::Rtmps => Protocol::Rtmps,
        wit::Protocol::Srt => return Err(unsupported("srt")),
        wit::Protocol::Whip => return Err(unsupported("whip")),
        wit::Protocol::Other(name) => return Err(unsupported(&name)),
    };
    let config = serde_json::from_str(&call.config).unwrap_or_default();
    let check_url = |url: &str| check_url(url, &protocol, rules, &config);
    check_url(&target.url)?;
    if let Some(url) = &target.backup_url {
        check_url(url)?;
    }
    let key = Value::from(target.key);
    check_key(&key, rules, call)?;
    Ok(Target {
        protocol,
        url: target.url,
        backup_url: target.backup_url,
        key,
        limits: target.limits.map(|limits| Limits {
            video_kbps: limits.video_kbps,
            audio_kbps: limits.audio_kbps,
            keyframe: Duration::from_millis(limits.keyframe_ms.into()),
        }),
        expires_at: target.expires_at.map(UnixMillis),
        state: target.state,
    })
}

fn unsupported(protocol: &str) -> CallError {
    let protocol = printable(protocol, 40);
    CallError::new(
        CallErrorKind::Other,
        "protocol-unsupported",
        format!("The plugin wants to push over `{protocol}`, which this host does not speak."),
    )
}

fn check_url(
    url: &str,
    protocol: &Protocol,
    rules: &Rules,
    config: &serde_json::Value,
) -> Result<(), CallError> {
    let invalid = |what: &str| {
        CallError::new(
            CallErrorKind::Other,
            "target-invalid",
            format!("The plugin answered a URL that cannot be used: {what}."),
        )
    };
    if url.len() > MAX_URL_BYTES {
        return Err(invalid("it is longer than 2048 bytes"));
    }
    let endpoint = Endpoint::parse(url).map_err(|error| invalid(&error.to_string()))?;
    let is_fitting =
        matches!((protocol, endpoint.scheme), (Protocol::Rtmp, "rtmp") | (Protocol::Rtmps, "rtmps"));
    if !is_fitting {
        return Err(invalid(&format!("its scheme `{}` is not the protocol's", endpoint.scheme)));
    }
    let path = url.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map(|(_, path)| path);
    if path.unwrap_or_default().trim_matches('/').is_empty() {
        return Err(invalid("it names no application, as in rtmp://host/app"));
    }
    if url.contains('#') {
        return Err(invalid("it has a fragment"));
    }
    if !rules.may_push(&endpoint, config) {
        return Err(CallError::new(
            CallErrorKind::Denied,
            "host-denied",
            format!(
                "The plugin wants to push to {endpoint}, which is not among the hosts that were granted."
            ),
        ));
    }
    Ok(())
}

fn check_key(key: &Value, rules: &Rules, call: &Call) -> Result<(), CallError> {
    if let Some(name) = key.secret()
        && !rules.may_be_stream_key(name)
    {
        return Err(CallError::new(
            CallErrorKind::Denied,
            "secret-denied",
            format!("The manifest does not let the secret `{}` be a stream key.", printable(name, 64)),
        ));
    }
    let joined = call.secrets.join(key).map_err(|unknown| {
        CallError::new(CallErrorKind::InvalidConfig, "secret-missing", printable(&unknown.to_string(), 100))
    })?;
    let joined = joined.expose();
    let problem = if joined.is_empty() {
        "is empty"
    } else if joined.len() > MAX_KEY_BYTES {
        "is longer than 1024 bytes"
    } else if joined.chars().any(|c| c.is_control() || c.is_whitespace()) {
        "has white space or control characters"
    } else {
        return Ok(());
    };
    Err(CallError::new(
        CallErrorKind::InvalidConfig,
        "stream-key-invalid",
        format!("The stream key {problem}."),
    ))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use neustream_contract::{Digest, Grant, Manifest, PlanCeilings, Secrets};
    use neustream_model::{InstallationId, Secret, TenantId};

    use super::*;
    use crate::bindings::neustream::host::types;

    fn rules() -> Rules {
        let manifest = Manifest::from_toml(
            r#"
            schema = 1
            id = "a/b"
            version = "0.1.0"
            kind = "destination"
            name = "B"
            license = "MIT"
            [capabilities.http]
            hosts = ["https://api.example.com"]
            reason = "test"
            [capabilities.push]
            hosts = ["rtmps://in.example.com", "rtmp://*.example.tv"]
            from-config = ["/rtmp_url"]
            [capabilities.secrets.stream-key]
            kind = "string"
            push = true
            [capabilities.secrets.token]
            kind = "string"
            hosts = ["api.example.com"]
            "#,
        );
        let manifest = manifest.unwrap();
        Rules::of(&manifest, &Grant::all_of(&manifest)).unwrap()
    }

    fn call() -> Call {
        let secret = |text: &str| Secret::new(text);
        Call {
            tenant: TenantId::new(),
            installation: InstallationId::new(),
            plugin: Digest::of(b""),
            grant: Grant::default(),
            ceilings: PlanCeilings::default(),
            config: r#"{"rtmp_url":"rtmp://own.example.net:1936/live"}"#.to_owned(),
            secrets: Secrets::new(BTreeMap::from([
                ("stream-key".to_owned(), secret("live_1")),
                ("token".to_owned(), secret("t")),
            ])),
            attempt: 1,
            deadline: Duration::from_secs(10),
        }
    }

    fn target(url: &str) -> wit::Target {
        wit::Target {
            protocol: if url.starts_with("rtmps") { wit::Protocol::Rtmps } else { wit::Protocol::Rtmp },
            url: url.to_owned(),
            backup_url: None,
            key: types::Value::Secret("stream-key".to_owned()),
            limits: None,
            expires_at: None,
            state: vec![],
        }
    }

    fn code_of(target: wit::Target) -> String {
        match allowed(target, &rules(), &call()) {
            Ok(_) => "ok".to_owned(),
            Err(error) => error.code,
        }
    }

    #[test]
    fn the_hosts_of_the_manifest_and_of_the_configuration_are_allowed() {
        for url in [
            "rtmps://in.example.com/live",
            "rtmps://IN.example.com:443/live2/x?y=z",
            "rtmp://fra.example.tv/app",
            "rtmp://own.example.net:1936/other",
        ] {
            assert_eq!(code_of(target(url)), "ok", "{url}");
        }
    }

    #[test]
    fn every_other_host_is_denied() {
        for url in [
            "rtmp://evil.example/live",
            "rtmp://in.example.com/live",
            "rtmp://example.tv/live",
            "rtmp://own.example.net/live",
            "rtmp://own.example.net:1937/live",
            "rtmps://own.example.net:1936/live",
            "rtmps://in.example.com.evil.example/live",
        ] {
            assert_eq!(code_of(target(url)), "host-denied", "{url}");
        }
        let mut with_backup = target("rtmps://in.example.com/live");
        with_backup.backup_url = Some("rtmps://evil.example/live".to_owned());
        assert_eq!(code_of(with_backup), "host-denied");
    }

    #[test]
    fn urls_with_two_readings_are_refused() {
        for url in [
            "rtmps://in.example.com@evil.example/live",
            "rtmps://evil.example\\@in.example.com/live",
            "rtmps://in.example.com",
            "rtmps://in.example.com//",
            "rtmps://in.example.com/live#x",
            "rtmps://in.example.com/li\r\nve",
            "rtmp://in.example.com:99999/live",
            "http://in.example.com/live",
            "",
        ] {
            assert_eq!(code_of(target(url)), "target-invalid", "{url}");
        }
    }

    #[test]
    fn only_a_secret_that_is_bound_to_pushing_may_be_the_key() {
        for (key, code) in [
            (types::Value::Secret("token".to_owned()), "secret-denied"),
            (types::Value::Prefixed(("live_".to_owned(), "unknown".to_owned())), "secret-denied"),
            (types::Value::Plain(String::new()), "stream-key-invalid"),
            (types::Value::Plain("a b".to_owned()), "stream-key-invalid"),
            (types::Value::Plain("from-the-platform".to_owned()), "ok"),
        ] {
            let target = wit::Target { key, ..target("rtmps://in.example.com/live") };
            assert_eq!(code_of(target), code);
        }
    }

    #[test]
    fn a_foreign_protocol_is_refused() {
        let srt = wit::Target { protocol: wit::Protocol::Srt, ..target("rtmps://in.example.com/live") };
        assert_eq!(code_of(srt), "protocol-unsupported");
    }
}
