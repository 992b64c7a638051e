//! `api.pay.example`: takes payments, one for each idempotency key.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::super::oauth::{Answer, Request, Site};

/// The provider.
pub struct MadeUpPay {
    api_key: String,
    /// Payments by their reference, which is the key of the charge.
    payments: Mutex<BTreeMap<String, Value>>,
}

impl MadeUpPay {
    /// A provider that knows this key of an account.
    pub fn new(api_key: &str) -> Self {
        Self { api_key: api_key.to_owned(), payments: Mutex::default() }
    }

    /// The payments so far.
    pub fn payments(&self) -> Vec<Value> {
        self.locked().values().cloned().collect()
    }

    fn locked(&self) -> MutexGuard<'_, BTreeMap<String, Value>> {
        self.payments.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self, request: &Request) -> Result<Value> {
        let order = request.json()?;
        let reference = order["reference"].as_str().context("a reference")?;
        ensure!(request.header("idempotency-key") == Some(reference), "the idempotency key is the reference");
        ensure!(order["amount"].as_u64().is_some_and(|amount| amount > 0), "an amount");
        let mut payments = self.locked();
        let id = format!("p_{}", payments.len() + 1);
        let payment = payments.entry(reference.to_owned()).or_insert_with(|| {
            json!({
                "id": id,
                "reference": reference,
                "state": "open",
                "amount": order["amount"],
                "currency": order["currency"],
                "pay_url": format!("https://pay.example/{id}"),
            })
        });
        Ok(payment.clone())
    }

    fn found(&self, request: &Request) -> Result<Value> {
        let query = request.query()?;
        let reference = query.get("reference").context("a reference")?;
        Ok(json!({ "data": self.locked().get(reference).into_iter().collect::<Vec<_>>() }))
    }
}

impl Site for MadeUpPay {
    fn name(&self) -> &'static str {
        "api.pay.example"
    }

    async fn answer(&self, request: Request) -> Option<Answer> {
        if request.bearer() != Some(&self.api_key) {
            return Some(Answer::json(401, &json!({ "error": "the API key is unknown" })));
        }
        let answer = match (request.method.as_str(), request.path.as_str()) {
            ("POST", "/v1/payments") => self.begin(&request),
            ("GET", "/v1/payments") => self.found(&request),
            ("GET", "/v1/refunds") => Ok(json!({ "data": [] })),
            _ => return Some(Answer::empty(404)),
        };
        Some(match answer {
            Ok(body) => Answer::json(200, &body),
            Err(error) => Answer::json(422, &json!({ "error": error.to_string() })),
        })
    }
}
