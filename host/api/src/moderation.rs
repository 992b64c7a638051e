//! `/api/moderation`: what a tenant's filters say, and why they said it.

use axum::extract::State;
use neustream_chat::moderation::{Judgement, Replay};
use neustream_contract::moderation::{Action, MAX_BATCH, Message};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::{Access, may};
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Json, Path};
use crate::moment::rfc3339;
use crate::state::AppState;
use crate::streams::ReasonBody;

const MAX_TEXT_BYTES: usize = 4096;
const MAX_ID_BYTES: usize = 128;

/// Messages to be judged.
#[derive(Deserialize, ToSchema)]
pub(crate) struct JudgeBody {
    /// At most 100, with different ids.
    messages: Vec<JudgedMessageBody>,
}

/// A message to be judged.
#[derive(Deserialize, ToSchema)]
pub(crate) struct JudgedMessageBody {
    /// Your name of it.
    #[schema(max_length = 128, example = "m-1")]
    id: String,
    /// What was written.
    #[schema(max_length = 4096, example = "free coins at example.com")]
    text: String,
    /// Where; `api` when left out.
    platform: Option<String>,
    /// The same for all messages of one author.
    author: Option<String>,
    /// `moderator`, `subscriber`, ...
    #[serde(default)]
    roles: Vec<String>,
}

/// What becomes of the messages.
#[derive(Serialize, ToSchema)]
pub(crate) struct JudgementsBody {
    judgements: Vec<JudgementBody>,
}

/// What becomes of a message.
#[derive(Serialize, ToSchema)]
pub(crate) struct JudgementBody {
    /// The message.
    id: String,
    /// `allow`, `replace`, `hold`, `hide`, `delete` or `timeout`.
    #[schema(example = "hold")]
    action: &'static str,
    /// For `replace`: the text to show.
    text: Option<String>,
    /// For `timeout`: how long the author may not write.
    timeout_s: Option<u64>,
    /// The installation that decided; null where nothing was said against the message, or none could be asked.
    #[schema(format = Uuid)]
    installation_id: Option<String>,
    /// Which rule decided.
    #[schema(example = "blocked-term")]
    rule: Option<String>,
    /// A sentence for the moderator.
    reason: Option<String>,
}

/// What was recorded about a message.
#[derive(Serialize, ToSchema)]
pub(crate) struct AppealBody {
    /// One entry for each filter that had something to say, oldest first.
    recordings: Vec<RecordingBody>,
}

/// What a filter was asked and answered, and what it answers when it is asked again.
#[derive(Serialize, ToSchema)]
pub(crate) struct RecordingBody {
    /// The recording's id.
    #[schema(format = Uuid)]
    id: String,
    /// The filter that judged.
    #[schema(format = Uuid)]
    installation_id: String,
    /// The package that judged.
    plugin_digest: String,
    /// When it judged.
    #[schema(format = DateTime)]
    at: String,
    /// Messages that were judged together.
    batch: usize,
    /// What it said about this message.
    verdict: Option<VerdictBody>,
    /// Whether the same package gives the same again, byte for byte; null when it may not run any more.
    is_equal: Option<bool>,
    /// Why it was not judged, then or now.
    fault: Option<ReasonBody>,
}

/// A verdict.
#[derive(Serialize, ToSchema)]
pub(crate) struct VerdictBody {
    /// `allow`, `replace`, `hold`, `hide`, `delete` or `timeout`.
    action: &'static str,
    /// The filter's name for the rule that it followed.
    rule: String,
    /// Why, for people.
    reason: String,
}

/// Judge messages by your filters
#[utoipa::path(
    post, path = "/api/moderation/judge", operation_id = "judgeMessages", tag = "moderation", security(("bearer" = ["moderation:write"]), ("apiKey" = ["moderation:write"])),
    request_body = JudgeBody,
    responses((status = 200, body = JudgementsBody), (status = 401, body = ErrorBody), (status = 422, body = ErrorBody)),
)]
pub(crate) async fn judge(
    State(state): State<AppState>,
    access: Access<may::ModerationWrite>,
    Json(body): Json<JudgeBody>,
) -> Result<Json<JudgementsBody>, ApiError> {
    let messages = checked(body.messages)?;
    let judgements = state.moderation.judge(access.store.tenant(), messages).await;
    Ok(Json(JudgementsBody { judgements: judgements.into_iter().map(judgement_body).collect() }))
}

/// Show why a message was judged as it was
#[utoipa::path(
    get, path = "/api/moderation/messages/{message}", operation_id = "getVerdicts", tag = "moderation", security(("bearer" = ["moderation:read"]), ("apiKey" = ["moderation:read"])),
    params(("message" = String, Path, description = "The message's id.")),
    responses((status = 200, body = AppealBody), (status = 401, body = ErrorBody)),
)]
pub(crate) async fn appeal(
    State(state): State<AppState>,
    access: Access<may::ModerationRead>,
    Path(message): Path<String>,
) -> Result<Json<AppealBody>, ApiError> {
    let recorded = state.verdicts.about(access.store.tenant(), &message).await;
    let recorded = recorded.map_err(|failure| {
        tracing::warn!(%failure, "verdicts cannot be read");
        ApiError::Unavailable
    })?;
    let mut recordings = Vec::with_capacity(recorded.len());
    for recording in recorded {
        let again = state.moderation.replay(&recording).await;
        let verdict = recording.verdicts.iter().find(|verdict| verdict.id == message);
        let fault = match (&recording.fault, &again) {
            (Some(fault), _) | (None, Ok(Replay { fault: Some(fault), .. })) => Some(ReasonBody::from(fault)),
            (None, Err(error)) => Some(ReasonBody::from(&error.reason())),
            (None, Ok(_)) => None,
        };
        recordings.push(RecordingBody {
            id: recording.id.to_string(),
            installation_id: recording.installation.to_string(),
            plugin_digest: recording.plugin.to_string(),
            at: rfc3339(recording.now),
            batch: recording.batch.len(),
            verdict: verdict.map(|verdict| VerdictBody {
                action: action_word(&verdict.action),
                rule: verdict.rule.clone(),
                reason: verdict.reason.clone(),
            }),
            is_equal: again.ok().map(|replay| replay.is_equal),
            fault,
        });
    }
    Ok(Json(AppealBody { recordings }))
}

fn checked(bodies: Vec<JudgedMessageBody>) -> Result<Vec<Message>, ApiError> {
    let invalid = |message: String| Err(ApiError::Invalid { field: "messages", message });
    if bodies.is_empty() || bodies.len() > MAX_BATCH {
        return invalid(format!("must be from 1 to {MAX_BATCH}"));
    }
    let mut ids = std::collections::BTreeSet::new();
    let mut messages = Vec::with_capacity(bodies.len());
    for (index, body) in bodies.into_iter().enumerate() {
        if body.id.is_empty() || body.id.len() > MAX_ID_BYTES {
            return invalid(format!("[{index}].id must have from 1 to {MAX_ID_BYTES} bytes"));
        }
        if body.text.len() > MAX_TEXT_BYTES {
            return invalid(format!("[{index}].text has more than {MAX_TEXT_BYTES} bytes"));
        }
        if !ids.insert(body.id.clone()) {
            return invalid(format!("[{index}].id is there twice"));
        }
        messages.push(Message {
            id: body.id,
            platform: body.platform.unwrap_or_else(|| "api".to_owned()),
            author_hash: body.author.unwrap_or_default(),
            roles: body.roles,
            text: body.text,
            traits: Vec::new(),
        });
    }
    Ok(messages)
}

fn action_word(action: &Action) -> &'static str {
    match action {
        Action::Allow => "allow",
        Action::Replace(_) => "replace",
        Action::Hold => "hold",
        Action::Hide => "hide",
        Action::Delete => "delete",
        Action::Timeout(_) => "timeout",
    }
}

fn judgement_body(judgement: Judgement) -> JudgementBody {
    let word = action_word(&judgement.action);
    let (text, timeout_s) = match judgement.action {
        Action::Replace(text) => (Some(text), None),
        Action::Timeout(time) => (None, Some(time.as_secs())),
        _ => (None, None),
    };
    let decision = judgement.decision;
    JudgementBody {
        id: judgement.id,
        action: word,
        text,
        timeout_s,
        installation_id: decision.as_ref().and_then(|decision| Some(decision.installation?.to_string())),
        rule: decision.as_ref().map(|decision| decision.rule.clone()),
        reason: decision.map(|decision| decision.reason),
    }
}
