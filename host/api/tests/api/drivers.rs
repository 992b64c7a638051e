//! Stand-ins for the drivers of chat, moderation and payments, and the routes that ask them.

use std::collections::BTreeMap;
use std::sync::Mutex;

use async_trait::async_trait;
use axum::http::StatusCode;
use neustream_api::{ChatControl, ModerationControl, PaymentControl};
use neustream_billing::{BillingError, ChargeView, Order, PaymentKey, RefundOrder, RefundView, State};
use neustream_catalogue::testing::package;
use neustream_chat::connector::{ConnectorState, ConnectorStatus, SendError};
use neustream_chat::moderation::{Judgement, Replay, VerdictRecording};
use neustream_contract::moderation::{Action, Message};
use neustream_contract::{CallError, CallErrorKind, Manifest};
use neustream_model::{InstallationId, TenantId, UnixMillis};
use serde_json::{Value, json};

use crate::kit::{Account, TestApi, on_both, text};

/// A charge with its tenant and refunds.
type OwnedCharge = (TenantId, ChargeView, Vec<RefundView>);

/// Drivers that keep in memory what they are asked, by tenant.
#[derive(Default)]
pub struct ScriptedDrivers {
    said: Mutex<Vec<(TenantId, InstallationId, String)>>,
    charges: Mutex<BTreeMap<String, OwnedCharge>>,
}

#[async_trait]
impl ChatControl for ScriptedDrivers {
    fn status(&self, _: TenantId, _: InstallationId) -> Option<ConnectorStatus> {
        Some(ConnectorStatus {
            state: ConnectorState::Running,
            problem: None,
            since: UnixMillis::now(),
            plugin: None,
            connections: Vec::new(),
            revision: 1,
            messages: 2,
            duplicates: 3,
            poison: 4,
        })
    }

    async fn send(
        &self,
        tenant: TenantId,
        installation: InstallationId,
        text: &str,
        _: Option<String>,
    ) -> Result<String, SendError> {
        if text.is_empty() {
            return Err(SendError::Text);
        }
        let mut said = self.said.lock().unwrap();
        said.push((tenant, installation, text.to_owned()));
        Ok(format!("message-{}", said.len()))
    }

    async fn remove(&self, _: TenantId, _: InstallationId, message: &str) -> Result<(), SendError> {
        if message == "busy" { Err(SendError::Busy) } else { Ok(()) }
    }
}

#[async_trait]
impl ModerationControl for ScriptedDrivers {
    async fn judge(&self, _: TenantId, messages: Vec<Message>) -> Vec<Judgement> {
        let judged = |message: Message| {
            let action = if message.text.contains("spam") { Action::Delete } else { Action::Allow };
            Judgement { id: message.id, action, decision: None }
        };
        messages.into_iter().map(judged).collect()
    }

    async fn replay(&self, _: &VerdictRecording) -> Result<Replay, CallError> {
        Err(CallError::new(CallErrorKind::NotRunnable, "plugin-revoked", "it was revoked"))
    }
}

impl ScriptedDrivers {
    fn own(&self, tenant: TenantId, key: &PaymentKey) -> Result<(ChargeView, Vec<RefundView>), BillingError> {
        let charges = self.charges.lock().unwrap();
        let found = charges.get(key.as_str()).filter(|(owner, _, _)| *owner == tenant);
        found.map(|(_, charge, refunds)| (charge.clone(), refunds.clone())).ok_or(BillingError::ChargeUnknown)
    }
}

#[async_trait]
impl PaymentControl for ScriptedDrivers {
    async fn start(
        &self,
        tenant: TenantId,
        installation: InstallationId,
        order: &Order,
    ) -> Result<ChargeView, BillingError> {
        let now = UnixMillis::now();
        let charge = ChargeView {
            key: PaymentKey::new_charge(),
            reference: order.reference.clone(),
            installation,
            plugin: "sha256:00".to_owned(),
            amount: order.amount.clone(),
            description: order.description.clone(),
            state: State::Settled,
            action: None,
            payment_id: Some("pay_1".to_owned()),
            fee: None,
            refunded_minor: 0,
            reason: None,
            flag: None,
            created_at: now,
            updated_at: now,
        };
        let key = charge.key.as_str().to_owned();
        self.charges.lock().unwrap().insert(key, (tenant, charge.clone(), Vec::new()));
        Ok(charge)
    }

    async fn charge(&self, tenant: TenantId, key: &PaymentKey) -> Result<ChargeView, BillingError> {
        self.own(tenant, key).map(|(charge, _)| charge)
    }

    async fn charges(
        &self,
        tenant: TenantId,
        before: Option<&PaymentKey>,
        limit: u32,
    ) -> Result<Vec<ChargeView>, BillingError> {
        let charges = self.charges.lock().unwrap();
        let newest_first = charges.values().rev().filter(|(owner, _, _)| *owner == tenant);
        let wanted = newest_first
            .map(|(_, charge, _)| charge.clone())
            .filter(|charge| before.is_none_or(|before| charge.key.as_str() < before.as_str()));
        Ok(wanted.take(limit as usize).collect())
    }

    async fn confirm(
        &self,
        tenant: TenantId,
        key: &PaymentKey,
        returned: &[(String, String)],
    ) -> Result<ChargeView, BillingError> {
        let (charge, _) = self.own(tenant, key)?;
        if returned.iter().any(|(name, _)| name == "forged") {
            return Err(
                CallError::new(CallErrorKind::Unauthorized, "forged", "the signature is wrong").into()
            );
        }
        Ok(charge)
    }

    async fn refund(
        &self,
        tenant: TenantId,
        key: &PaymentKey,
        refund: &RefundOrder,
    ) -> Result<RefundView, BillingError> {
        let (charge, _) = self.own(tenant, key)?;
        if refund.amount.minor > charge.amount.minor {
            return Err(BillingError::ExceedsPaid { left: charge.amount });
        }
        let now = UnixMillis::now();
        let view = RefundView {
            key: PaymentKey::new_refund(),
            reference: refund.reference.clone(),
            charge: key.clone(),
            amount: refund.amount.clone(),
            state: State::Settled,
            refund_id: None,
            reason: None,
            flag: None,
            created_at: now,
            updated_at: now,
        };
        let mut charges = self.charges.lock().unwrap();
        charges.get_mut(key.as_str()).unwrap().2.push(view.clone());
        Ok(view)
    }

    async fn refunds(&self, tenant: TenantId, key: &PaymentKey) -> Result<Vec<RefundView>, BillingError> {
        self.own(tenant, key).map(|(_, refunds)| refunds)
    }
}

pub fn bare(id: &str, kind: &str) -> bytes::Bytes {
    let text = format!(
        "schema = 1\nid = \"{id}\"\nversion = \"1.0.0\"\nkind = \"{kind}\"\nname = \"A plugin\"\nlicense = \"MIT\"\n"
    );
    package(&Manifest::from_toml(&text).unwrap(), None)
}

/// Installs a chat connector and a payment provider; gives their ids.
pub async fn chat_and_payment(api: &TestApi, account: &Account) -> (String, String) {
    let mut ids = Vec::new();
    for (id, kind) in [("neustream/chatter", "chat"), ("neustream/payer", "payment")] {
        api.catalogue.adopt(bare(id, kind)).await.unwrap();
        ids.push(text(&api.install(account, id, &json!({})).await["id"]));
    }
    (ids.remove(0), ids.remove(0))
}

/// An order.
pub fn order() -> Value {
    json!({
        "reference": "order-1",
        "amount": { "minor": 999, "currency": "USD" },
        "description": "Pro, one month",
        "payer_ref": "viewer-7",
        "return_url": "https://example.com/thanks",
    })
}

#[tokio::test]
async fn a_connector_is_shown_and_writes_what_it_is_told() {
    on_both(async |api| {
        let ada = api.account("ada@example.com").await;
        let (chat, payment) = chat_and_payment(&api, &ada).await;
        let shown = api.get(&ada, &format!("/api/installations/{chat}/connector")).await;
        assert_eq!(shown.status, StatusCode::OK, "{shown:?}");
        let path = format!("/api/installations/{chat}/messages");
        let queued = api.post(&ada, &path, &json!({ "text": "Welcome!" })).await;
        assert_eq!(queued.status, StatusCode::ACCEPTED, "{queued:?}");
        assert_eq!(queued.json()["id"], "message-1");
        let refused = api.post(&ada, &path, &json!({ "text": "" })).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{refused:?}");
        let busy = api.delete(&ada, &format!("{path}/busy")).await;
        busy.is_error(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE");
        // What is no connector has no chat.
        let other = api.get(&ada, &format!("/api/installations/{payment}/connector")).await;
        assert!(other.status.is_client_error(), "{other:?}");
        assert_eq!(api.get(&ada, &path).await.json()["messages"], json!([]));
    })
    .await;
}

#[tokio::test]
async fn messages_are_judged_one_by_one() {
    on_both(async |api| {
        let ada = api.account("ada@example.com").await;
        let messages = json!([{ "id": "1", "text": "hello" }, { "id": "2", "text": "spam" }]);
        let judged = api.post(&ada, "/api/moderation/judge", &json!({ "messages": messages })).await.json();
        let judgements = judged["judgements"].as_array().unwrap();
        assert_eq!(judgements.iter().map(|j| text(&j["action"])).collect::<Vec<_>>(), ["allow", "delete"]);
        let twice = json!([{ "id": "1", "text": "a" }, { "id": "1", "text": "b" }]);
        for wrong in [json!([]), twice] {
            let refused = api.post(&ada, "/api/moderation/judge", &json!({ "messages": wrong })).await;
            refused.is_error(StatusCode::UNPROCESSABLE_ENTITY, "VALIDATION_FAILED");
        }
        let unknown = api.get(&ada, "/api/moderation/messages/m-1").await.json();
        assert_eq!(unknown, json!({ "recordings": [] }));
    })
    .await;
}

#[tokio::test]
async fn a_charge_is_started_shown_confirmed_and_paid_back_by_its_owner_only() {
    on_both(async |api| {
        let ada = api.account("ada@example.com").await;
        let eve = api.account("eve@example.com").await;
        let (_, payment) = chat_and_payment(&api, &ada).await;
        let started = api.post(&ada, &format!("/api/installations/{payment}/charges"), &order()).await;
        assert_eq!(started.status, StatusCode::CREATED, "{started:?}");
        let key = text(&started.json()["charge"]["key"]);
        let path = format!("/api/charges/{key}");
        assert_eq!(api.get(&ada, &path).await.json()["charge"]["reference"], "order-1");
        api.get(&eve, &path).await.is_error(StatusCode::NOT_FOUND, "NOT_FOUND");
        assert_eq!(api.get(&eve, "/api/charges").await.json()["charges"], json!([]));
        let listed = api.get(&ada, "/api/charges?limit=1").await.json();
        assert_eq!(listed["charges"].as_array().unwrap().len(), 1);

        let forged =
            api.post(&ada, &format!("{path}/confirm"), &json!({ "returned": { "forged": "1" } })).await;
        assert_eq!(forged.status, StatusCode::UNPROCESSABLE_ENTITY, "{forged:?}");
        let refund =
            |minor: u64| json!({ "reference": "r-1", "amount": { "minor": minor, "currency": "USD" } });
        let too_much = api.post(&ada, &format!("{path}/refunds"), &refund(1000)).await;
        assert_eq!(too_much.status, StatusCode::CONFLICT, "{too_much:?}");
        let paid_back = api.post(&ada, &format!("{path}/refunds"), &refund(100)).await;
        assert_eq!(paid_back.status, StatusCode::CREATED, "{paid_back:?}");
        assert_eq!(api.get(&ada, &path).await.json()["refunds"].as_array().unwrap().len(), 1);
        api.get(&ada, "/api/charges/none").await.is_error(StatusCode::NOT_FOUND, "NOT_FOUND");
    })
    .await;
}
