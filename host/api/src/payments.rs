//! `/api/installations/{id}/charges` and `/api/charges`: taking payments through an installed provider.
//!
//! Amounts are integers in minor units (cents, paise) of an ISO 4217 currency.
//! A reference is the tenant's own name of an order: asking twice with the same
//! one is the same charge.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::StatusCode;
use neustream_billing::{BillingError, ChargeView, Order, PaymentKey, RefundOrder, RefundView};
use neustream_contract::payment::Money;
use neustream_model::{InstallationId, Reason};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::{Access, may};
use crate::completion::to_the_end;
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Json, Path};
use crate::identity::Identity;
use crate::moment::rfc3339;
use crate::page::{Page, PageQuery};
use crate::state::AppState;
use crate::streams::ReasonBody;
use crate::text::word;

/// An amount.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct MoneyBody {
    /// In minor units: cents, paise.
    #[schema(example = 999)]
    minor: u64,
    /// ISO 4217.
    #[schema(example = "USD")]
    currency: String,
}

/// Something to be paid.
#[derive(Deserialize, ToSchema)]
pub(crate) struct NewChargeBody {
    /// Your own name of it: the same reference is the same charge.
    #[schema(max_length = 128, example = "order-1001")]
    reference: String,
    amount: MoneyBody,
    /// What the payer reads.
    #[schema(max_length = 200, example = "Pro, one month")]
    description: String,
    /// An opaque name of the payer.
    #[schema(max_length = 128, example = "viewer-7")]
    payer_ref: String,
    /// Where the payer returns to.
    #[schema(example = "https://example.com/thanks")]
    return_url: String,
}

/// Something to be paid back.
#[derive(Deserialize, ToSchema)]
pub(crate) struct NewRefundBody {
    /// Your own name of it: the same reference is the same refund.
    #[schema(max_length = 128, example = "refund-1001")]
    reference: String,
    amount: MoneyBody,
}

/// What the payer's browser brought back.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ConfirmBody {
    /// The parameters, such as `razorpay_payment_id` and `razorpay_signature`.
    returned: BTreeMap<String, String>,
}

/// What the payer must do.
#[derive(Serialize, ToSchema)]
pub(crate) struct PayerActionBody {
    /// The provider's id of what was begun.
    provider_id: String,
    /// Where to send the payer; null when your page does it with `parameters`.
    url: Option<String>,
    /// What the provider's script needs.
    parameters: BTreeMap<String, String>,
}

/// A charge.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChargeBody {
    /// Its key, which is also the idempotency key toward the provider.
    #[schema(example = "nsc-0199f3a0c1d27b4e8f00112233445566")]
    key: String,
    /// Your own word for the order.
    reference: String,
    /// The installation whose provider takes it.
    #[schema(format = Uuid)]
    installation_id: String,
    /// The package that it began and goes on with.
    plugin_digest: String,
    amount: MoneyBody,
    /// What the payer reads.
    description: String,
    /// `prepared`, `calling`, `unknown`, `action-required`, `pending`, `settled` or `declined`.
    #[schema(example = "action-required")]
    state: String,
    /// What the payer must do, in state `action-required`.
    action: Option<PayerActionBody>,
    /// The provider's id of the payment.
    payment_id: Option<String>,
    /// What the provider keeps.
    fee: Option<MoneyBody>,
    /// What was paid back, or is being paid back, in minor units.
    refunded_minor: u64,
    /// Why it was declined.
    reason: Option<ReasonBody>,
    /// What a person must look at, such as an amount that differs from the order.
    flag: Option<ReasonBody>,
    /// When it was begun (RFC 3339).
    #[schema(format = DateTime)]
    created_at: String,
    /// When it last changed (RFC 3339).
    #[schema(format = DateTime)]
    updated_at: String,
}

/// A refund.
#[derive(Serialize, ToSchema)]
pub(crate) struct RefundBody {
    /// Its key, which is also the idempotency key toward the provider.
    #[schema(example = "nsr-0199f3a0c1d27b4e8f00112233445566")]
    key: String,
    /// Your own word for the refund.
    reference: String,
    /// The charge that is paid back.
    charge: String,
    amount: MoneyBody,
    /// As a charge's.
    state: String,
    /// The provider's id of the refund.
    refund_id: Option<String>,
    /// Why it was declined.
    reason: Option<ReasonBody>,
    /// What a person must look at.
    flag: Option<ReasonBody>,
    /// When it was begun (RFC 3339).
    #[schema(format = DateTime)]
    created_at: String,
    /// When it last changed (RFC 3339).
    #[schema(format = DateTime)]
    updated_at: String,
}

/// One charge.
#[derive(Serialize, ToSchema)]
pub(crate) struct OneChargeBody {
    charge: ChargeBody,
    /// Its refunds, oldest first.
    refunds: Vec<RefundBody>,
}

/// Charges, newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChargesBody {
    charges: Vec<ChargeBody>,
    /// The `cursor` of the next page; null on the last.
    next_cursor: Option<String>,
}

/// One refund.
#[derive(Serialize, ToSchema)]
pub(crate) struct OneRefundBody {
    refund: RefundBody,
}

/// Start a charge
#[utoipa::path(
    post, path = "/api/installations/{id}/charges", operation_id = "createCharge", tag = "payments", security(("bearer" = ["payments:write"]), ("apiKey" = ["payments:write"])),
    params(("id" = String, Path, format = Uuid, description = "The installation of a payment provider.")),
    request_body = NewChargeBody,
    responses(
        (status = 201, body = OneChargeBody, description = "Begun, or the charge that has this reference."),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "The reference belongs to an order with other terms (`REFERENCE_IN_USE`), or the provider cannot be called (`PLUGIN_NOT_READY`)."),
        (status = 422, body = ErrorBody),
    ),
)]
pub(crate) async fn create(
    State(state): State<AppState>,
    access: Access<may::PaymentsWrite>,
    Path(installation): Path<InstallationId>,
    Json(body): Json<NewChargeBody>,
) -> Result<(StatusCode, Json<OneChargeBody>), ApiError> {
    let tenant = access.tenant();
    state.installations.show(&access.app, installation).await?;
    let order = Order {
        reference: body.reference,
        amount: body.amount.into(),
        description: body.description,
        payer_ref: body.payer_ref,
        return_url: body.return_url,
    };
    // A payer's money is not left half-way because a browser went away.
    let charge =
        to_the_end(async move { Ok(state.payments.start(tenant, installation, &order).await?) }).await?;
    Ok((StatusCode::CREATED, Json(OneChargeBody { charge: charge.into(), refunds: Vec::new() })))
}

/// List charges
#[utoipa::path(
    get, path = "/api/charges", operation_id = "listCharges", tag = "payments", security(("bearer" = ["payments:read"]), ("apiKey" = ["payments:read"])),
    params(PageQuery),
    responses((status = 200, body = ChargesBody), (status = 401, body = ErrorBody), (status = 422, body = ErrorBody)),
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    access: Access<may::PaymentsRead>,
    page: Page,
) -> Result<Json<ChargesBody>, ApiError> {
    let before = page.after::<PaymentKey>()?;
    let charges = state.payments.charges(access.tenant(), before.as_ref(), page.limit() + 1).await?;
    let (mut charges, next_cursor) = page.cut(charges, |charge| charge.key.clone());
    let foreign = access.app.installations_of_other_apps().await?;
    charges.retain(|charge| !foreign.contains(&charge.installation));
    Ok(Json(ChargesBody { charges: charges.into_iter().map(Into::into).collect(), next_cursor }))
}

/// Show a charge
#[utoipa::path(
    get, path = "/api/charges/{key}", operation_id = "getCharge", tag = "payments", security(("bearer" = ["payments:read"]), ("apiKey" = ["payments:read"])),
    params(("key" = String, Path, description = "The charge's key.")),
    responses((status = 200, body = OneChargeBody), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)),
)]
pub(crate) async fn show(
    State(state): State<AppState>,
    access: Access<may::PaymentsRead>,
    Path(charge): Path<String>,
) -> Result<Json<OneChargeBody>, ApiError> {
    let (tenant, charge) = (access.tenant(), own_charge(&state, &access, &charge).await?);
    let view = state.payments.charge(tenant, &charge).await?;
    let refunds = state.payments.refunds(tenant, &charge).await?;
    Ok(Json(OneChargeBody { charge: view.into(), refunds: refunds.into_iter().map(Into::into).collect() }))
}

/// Confirm a charge with what the payer's browser brought back
#[utoipa::path(
    post, path = "/api/charges/{key}/confirm", operation_id = "confirmCharge", tag = "payments", security(("bearer" = ["payments:write"]), ("apiKey" = ["payments:write"])),
    params(("key" = String, Path, description = "The charge's key.")),
    request_body = ConfirmBody,
    responses(
        (status = 200, body = OneChargeBody),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "Nothing was begun (`NOTHING_TO_CONFIRM`), or the provider cannot be called (`PLUGIN_NOT_READY`)."),
        (status = 422, body = ErrorBody, description = "What came back is not genuine, or the provider does not take the key (`PLUGIN_REFUSED`)."),
    ),
)]
pub(crate) async fn confirm(
    State(state): State<AppState>,
    access: Access<may::PaymentsWrite>,
    Path(charge): Path<String>,
    Json(body): Json<ConfirmBody>,
) -> Result<Json<OneChargeBody>, ApiError> {
    let (tenant, charge) = (access.tenant(), own_charge(&state, &access, &charge).await?);
    let returned: Vec<_> = body.returned.into_iter().collect();
    let view =
        to_the_end(async move { Ok(state.payments.confirm(tenant, &charge, &returned).await?) }).await?;
    Ok(Json(OneChargeBody { charge: view.into(), refunds: Vec::new() }))
}

/// Pay back
#[utoipa::path(
    post, path = "/api/charges/{key}/refunds", operation_id = "createRefund", tag = "payments", security(("bearer" = ["payments:write"]), ("apiKey" = ["payments:write"])),
    params(("key" = String, Path, description = "The charge's key.")),
    request_body = NewRefundBody,
    responses(
        (status = 201, body = OneRefundBody, description = "Begun, or the refund that has this reference."),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "The charge is not settled (`NOT_SETTLED`), too little of it is left (`EXCEEDS_PAID`), the reference is in use (`REFERENCE_IN_USE`), or the provider cannot be called (`PLUGIN_NOT_READY`)."),
        (status = 422, body = ErrorBody),
    ),
)]
pub(crate) async fn refund(
    State(state): State<AppState>,
    access: Access<may::PaymentsWrite>,
    Path(charge): Path<String>,
    Json(body): Json<NewRefundBody>,
) -> Result<(StatusCode, Json<OneRefundBody>), ApiError> {
    let (tenant, charge) = (access.tenant(), own_charge(&state, &access, &charge).await?);
    let order = RefundOrder { reference: body.reference, amount: body.amount.into() };
    let view = to_the_end(async move { Ok(state.payments.refund(tenant, &charge, &order).await?) }).await?;
    Ok((StatusCode::CREATED, Json(OneRefundBody { refund: view.into() })))
}

/// The key of a charge that is not another app's.
async fn own_charge(state: &AppState, identity: &Identity, text: &str) -> Result<PaymentKey, ApiError> {
    let key = key_of_path(text)?;
    let charge = state.payments.charge(identity.tenant(), &key).await?;
    let foreign = identity.app.installations_of_other_apps().await?;
    if foreign.contains(&charge.installation) { Err(BillingError::ChargeUnknown.into()) } else { Ok(key) }
}

/// A key that no host made belongs to no charge.
fn key_of_path(text: &str) -> Result<PaymentKey, ApiError> {
    text.parse().map_err(|_| BillingError::ChargeUnknown.into())
}

impl From<MoneyBody> for Money {
    fn from(body: MoneyBody) -> Self {
        Self { minor: body.minor, currency: body.currency }
    }
}

impl From<Money> for MoneyBody {
    fn from(money: Money) -> Self {
        Self { minor: money.minor, currency: money.currency }
    }
}

fn reason(reason: Option<&Reason>) -> Option<ReasonBody> {
    reason.map(ReasonBody::from)
}

impl From<ChargeView> for ChargeBody {
    fn from(view: ChargeView) -> Self {
        let action = view.action.map(|action| PayerActionBody {
            provider_id: action.provider_id,
            url: action.url,
            parameters: action.parameters.into_iter().collect(),
        });
        Self {
            key: view.key.to_string(),
            reference: view.reference,
            installation_id: view.installation.to_string(),
            plugin_digest: view.plugin,
            amount: view.amount.into(),
            description: view.description,
            state: word(view.state),
            action,
            payment_id: view.payment_id,
            fee: view.fee.map(Into::into),
            refunded_minor: view.refunded_minor,
            reason: reason(view.reason.as_ref()),
            flag: reason(view.flag.as_ref()),
            created_at: rfc3339(view.created_at),
            updated_at: rfc3339(view.updated_at),
        }
    }
}

impl From<RefundView> for RefundBody {
    fn from(view: RefundView) -> Self {
        Self {
            key: view.key.to_string(),
            reference: view.reference,
            charge: view.charge.to_string(),
            amount: view.amount.into(),
            state: word(view.state),
            refund_id: view.refund_id,
            reason: reason(view.reason.as_ref()),
            flag: reason(view.flag.as_ref()),
            created_at: rfc3339(view.created_at),
            updated_at: rfc3339(view.updated_at),
        }
    }
}
