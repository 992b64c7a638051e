//! What each destination says: its installation, its limits, its answer to a trial.

use futures_util::future::join_all;
use neustream_contract::CallErrorKind;
use neustream_contract::destination::Limits;
use neustream_contract::manifest::SecretKind;
use neustream_installations::{InstallationView, State};
use neustream_live::{DestinationProbe, ProbeOutcome};
use neustream_model::{DestinationId, SessionStatus};
use neustream_store::{AppStore, Destination};

use super::encoder::seconds;
use super::{CheckUnit, PreFlightCheckBody};
use crate::state::AppState;

/// Encoders are not exact: so much above a limit is within it.
const TOLERANCE: f64 = 1.1;

/// The checks of all destinations; `connected` is the session of an encoder that is there.
pub(super) async fn checks(
    state: &AppState,
    app: &AppStore,
    stored: &[Destination],
    probes: &[DestinationProbe],
    connected: Option<&SessionStatus>,
) -> Vec<PreFlightCheckBody> {
    if stored.is_empty() {
        let check = PreFlightCheckBody::new("destination-enabled");
        return vec![check.warning("There is no destination: the stream is shown here and nowhere else.")];
    }
    let each = stored.iter().map(async |destination| {
        let id = destination.row.id;
        let enabled = PreFlightCheckBody::new("destination-enabled").of(id);
        if !destination.row.is_active {
            return vec![enabled.warning("It is switched off: the stream does not go there.")];
        }
        let installation = installation(state, app, destination).await;
        let probe = probes.iter().find(|probe| probe.id == id);
        let mut checks = vec![enabled.ok("It is switched on.")];
        checks.extend(answers(id, installation.as_ref(), probe));
        if let (Some(limits), Some(session)) = (probe.and_then(|probe| probe.limits), connected) {
            checks.extend(within_limits(id, limits, session));
        }
        checks
    });
    join_all(each).await.into_iter().flatten().collect()
}

async fn installation(
    state: &AppState,
    app: &AppStore,
    destination: &Destination,
) -> Option<InstallationView> {
    let id = destination.row.installation?;
    match state.installations.for_destination(app, id).await {
        Ok(view) => Some(view),
        Err(error) => {
            tracing::warn!(destination = %destination.row.id, %error, "the installation was not looked at");
            None
        }
    }
}

/// Whether its plugin answers, its account is connected, and its key is taken.
fn answers(
    id: DestinationId,
    installation: Option<&InstallationView>,
    probe: Option<&DestinationProbe>,
) -> Vec<PreFlightCheckBody> {
    let outcome = probe.map(|probe| &probe.outcome);
    let mut checks = vec![plugin_ready(id, installation, outcome)];
    checks.extend(installation.and_then(|view| account_connected(id, view, outcome)));
    checks.push(key_accepted(id, outcome));
    checks
}

fn plugin_ready(
    id: DestinationId,
    installation: Option<&InstallationView>,
    outcome: Option<&ProbeOutcome>,
) -> PreFlightCheckBody {
    let check = PreFlightCheckBody::new("plugin-ready").of(id);
    let Some(view) = installation else { return check.problem("Its plugin is not on this host.") };
    match (view.state(), outcome) {
        (State::Disabled, _) => check.problem("Its plugin is switched off: switch the installation on."),
        (State::Suspended, _) => check.problem("Its plugin was suspended by those who run the platform."),
        (State::Revoked, _) => check.problem("Its plugin was revoked by those who run the platform."),
        (_, Some(ProbeOutcome::PluginFailed(error))) if error.kind != CallErrorKind::Unauthorized => {
            check.problem(error.message.clone())
        }
        (_, None) => check.unknown("Its plugin was not asked: the destination was just changed."),
        (_, Some(_)) => check.ok("Its plugin is ready."),
    }
}

/// Where the plugin wants an account, or has one.
fn account_connected(
    id: DestinationId,
    view: &InstallationView,
    outcome: Option<&ProbeOutcome>,
) -> Option<PreFlightCheckBody> {
    let check = PreFlightCheckBody::new("account-connected").of(id);
    if let Some(ProbeOutcome::PluginFailed(error)) = outcome
        && error.kind == CallErrorKind::Unauthorized
    {
        return Some(check.problem(error.message.clone()));
    }
    let secrets = &view.version.package.manifest.capabilities.secrets;
    let accounts = || secrets.iter().filter(|(_, secret)| secret.kind == SecretKind::Oauth2);
    let is_missing = accounts().any(|(name, secret)| secret.required && !view.connected.contains(name));
    if is_missing {
        return Some(check.problem("Its account is not connected."));
    }
    let is_connected = accounts().any(|(name, _)| view.connected.contains(name));
    is_connected.then(|| check.ok("Its account is connected."))
}

fn key_accepted(id: DestinationId, outcome: Option<&ProbeOutcome>) -> PreFlightCheckBody {
    let check = PreFlightCheckBody::new("key-accepted").of(id);
    match outcome {
        Some(ProbeOutcome::IsLive) => check.ok("It is live already."),
        Some(ProbeOutcome::Accepted) => check.ok("It takes the stream under this key."),
        Some(ProbeOutcome::Refused(reason)) => check.problem(sentence(&reason.message)),
        Some(ProbeOutcome::IsConnecting) => {
            check.unknown("It is being connected right now: look again in a few seconds.")
        }
        Some(ProbeOutcome::PluginFailed(_)) | None => {
            check.unknown("Not asked: its plugin does not say where to push.")
        }
    }
}

/// What the encoder sends against what the platform accepts.
fn within_limits(id: DestinationId, limits: Limits, session: &SessionStatus) -> Vec<PreFlightCheckBody> {
    let bitrate = |code, what, bps: u64, most_kbps: u32| {
        let most_bps = u64::from(most_kbps) * 1_000;
        let check = PreFlightCheckBody::new(code).of(id).unit(CheckUnit::Bps).limit(most_bps);
        (most_kbps > 0 && bps > 0).then(|| {
            let check = check.actual(bps);
            let (kbps, most) = (bps / 1_000, most_kbps);
            if is_above(bps, most_bps) {
                check.problem(format!(
                    "The {what} has {kbps} kbit/s, this destination accepts at most {most}: set a lower bitrate."
                ))
            } else {
                check.ok(format!("The {what} has {kbps} of at most {most} kbit/s."))
            }
        })
    };
    let most_ms = limits.keyframe.as_millis() as u64;
    let keyframes = session.keyframe_interval_ms.filter(|_| most_ms > 0).map(|ms| {
        let check = PreFlightCheckBody::new("keyframe-interval").of(id).unit(CheckUnit::Ms);
        let check = check.actual(ms).limit(most_ms);
        let (seconds, most) = (seconds(ms), seconds(most_ms));
        if is_above(ms, most_ms) {
            check.problem(format!(
                "Keyframes come every {seconds} s; this destination accepts at most {most} s. Set the encoder's keyframe interval to {most} s."
            ))
        } else {
            check.ok(format!("Keyframes come every {seconds} s, at most {most} s are accepted."))
        }
    });
    [
        bitrate("video-bitrate", "video", session.video_bitrate_bps, limits.video_kbps),
        keyframes,
        bitrate("audio-bitrate", "audio", session.audio_bitrate_bps, limits.audio_kbps),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn is_above(actual: u64, limit: u64) -> bool {
    actual as f64 > limit as f64 * TOLERANCE
}

/// A reason as a sentence of its own.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().collect::<String>()).unwrap_or_default();
    let whole = format!("{first}{}", letters.as_str());
    if whole.ends_with(['.', '!', '?']) { whole } else { whole + "." }
}
