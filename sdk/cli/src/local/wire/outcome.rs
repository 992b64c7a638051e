//! How a call ended: what the guest answered, the error that it reported, or the fault that the host observed.

use neustream_contract::payment::PaymentFailure;
use neustream_contract::{CallError, CallErrorKind};
use serde_json::{Value, json};

use super::write::coded;

/// How a call ended, as a transcript has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// What the guest answered.
    Answer(Value),
    /// The error of the interface that it reported, such as `{"unauthorized": {"code": ..., "message": ...}}`.
    Error(Value),
    /// What the host observed in place of an answer, such as `{"timeout": {"code": "plugin-cpu", ...}}`.
    Fault(Value),
}

impl Outcome {
    /// An answer, or why there is none.
    pub fn of<T>(result: Result<T, CallError>, answer: impl FnOnce(T) -> Value) -> Self {
        match result {
            Ok(value) => Self::Answer(answer(value)),
            Err(error) => Self::failed(&error, |value| value),
        }
    }

    /// The outcome of a call that moves money.
    pub fn of_payment<T>(result: Result<T, PaymentFailure>, answer: impl FnOnce(T) -> Value) -> Self {
        match result {
            Ok(value) => Self::Answer(answer(value)),
            Err(PaymentFailure::NotSent(error)) => Self::failed(&error, |value| json!({ "not-sent": value })),
            Err(PaymentFailure::Unknown(error)) => Self::failed(&error, |value| json!({ "unknown": value })),
        }
    }

    fn failed(error: &CallError, wrap: impl FnOnce(Value) -> Value) -> Self {
        let problem = coded(&error.code, &error.message, error.retry_after);
        let value = wrap(json!({ kind_name(error.kind): problem }));
        if is_fault(error.kind) { Self::Fault(value) } else { Self::Error(value) }
    }

    /// The key that it has in a step: `answer`, `error` or `fault`.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Answer(_) => "answer",
            Self::Error(_) => "error",
            Self::Fault(_) => "fault",
        }
    }

    /// What stands under the key.
    pub fn value(&self) -> &Value {
        match self {
            Self::Answer(value) | Self::Error(value) | Self::Fault(value) => value,
        }
    }

    /// The answer, where there is one.
    pub fn answer(&self) -> Option<&Value> {
        match self {
            Self::Answer(value) => Some(value),
            Self::Error(_) | Self::Fault(_) => None,
        }
    }

    /// The name of the error or fault: `unauthorized`, `trap`, ...; for a call that moves money the inner one.
    pub fn case(&self) -> Option<&str> {
        self.inner().map(|(case, _)| case)
    }

    /// `not-sent` or `unknown`, of a call that moves money.
    pub fn certainty(&self) -> Option<&str> {
        let (name, _) = self.failure()?;
        matches!(name, "not-sent" | "unknown").then_some(name)
    }

    /// The code of the error or fault.
    pub fn code(&self) -> Option<&str> {
        self.inner()?.1.get("code")?.as_str()
    }

    /// The sentence of the error or fault.
    pub fn message(&self) -> Option<&str> {
        self.inner()?.1.get("message")?.as_str()
    }

    fn inner(&self) -> Option<(&str, &Value)> {
        let (name, payload) = self.failure()?;
        match name {
            "not-sent" | "unknown" => only_member(payload),
            _ => Some((name, payload)),
        }
    }

    fn failure(&self) -> Option<(&str, &Value)> {
        match self {
            Self::Answer(_) => None,
            Self::Error(value) | Self::Fault(value) => only_member(value),
        }
    }
}

/// `answer {...}`, `error unauthorized (code): message`.
impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let (Some(case), Some(code), Some(message)) = (self.case(), self.code(), self.message()) {
            let certainty = self.certainty().map(|word| format!("{word}, ")).unwrap_or_default();
            return write!(f, "{} {certainty}{case} ({code}): {message}", self.key());
        }
        let text = self.value().to_string();
        let shown: String = text.chars().take(200).collect();
        write!(f, "{} {shown}{}", self.key(), if shown.len() < text.len() { "..." } else { "" })
    }
}

fn only_member(value: &Value) -> Option<(&str, &Value)> {
    let members = value.as_object().filter(|members| members.len() == 1)?;
    members.iter().next().map(|(name, payload)| (name.as_str(), payload))
}

fn kind_name(kind: CallErrorKind) -> &'static str {
    match kind {
        CallErrorKind::Denied => "denied",
        CallErrorKind::InvalidConfig => "invalid-config",
        CallErrorKind::Unauthorized => "unauthorized",
        CallErrorKind::RateLimited => "rate-limited",
        CallErrorKind::Unavailable => "unavailable",
        CallErrorKind::Other => "other",
        CallErrorKind::Trap => "trap",
        CallErrorKind::Timeout => "timeout",
        CallErrorKind::Limit => "limit",
        CallErrorKind::BreakerOpen => "breaker-open",
        CallErrorKind::NotRunnable => "not-runnable",
    }
}

fn is_fault(kind: CallErrorKind) -> bool {
    use CallErrorKind::{BreakerOpen, Limit, NotRunnable, Timeout, Trap};
    matches!(kind, Trap | Timeout | Limit | BreakerOpen | NotRunnable)
}
