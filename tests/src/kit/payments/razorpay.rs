//! Razorpay (razorpay.com/docs/api): orders, payments, refunds, webhooks.
//!
//! Like the real one it takes a second order with the same receipt, so that
//! only its caller keeps it from having two.

use std::collections::BTreeMap;
use std::sync::Mutex;

use anyhow::{Context, Result, ensure};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::{Map, Value, json};

use super::super::oauth::{Answer, Request, Site};
use super::fault::{Faults, lock, with_faults};
use super::signing::{Delivery, hmac_hex};

const NAME: &str = "api.razorpay.com";
const CURRENCIES: [&str; 4] = ["INR", "USD", "EUR", "SGD"];

/// An order.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// `order_...`.
    pub id: String,
    /// In minor units.
    pub amount: u64,
    /// Three capital letters.
    pub currency: String,
    /// The merchant's name of it.
    pub receipt: Option<String>,
    /// `created`, `attempted` or `paid`.
    pub status: &'static str,
    notes: Value,
}

#[derive(Debug, Clone, PartialEq)]
struct Payment {
    id: String,
    order: String,
    amount: u64,
    currency: String,
    status: &'static str,
}

/// A refund.
#[derive(Debug, Clone, PartialEq)]
pub struct Refund {
    /// `rfnd_...`.
    pub id: String,
    /// The payment.
    pub payment: String,
    /// In minor units.
    pub amount: u64,
    status: &'static str,
    receipt: Option<String>,
    notes: Value,
}

/// What the checkout hands to the payer's browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paid {
    /// `pay_...`.
    pub payment_id: String,
    /// `razorpay_payment_id`, `razorpay_order_id`, `razorpay_signature`.
    pub returned: Vec<(String, String)>,
}

#[derive(Default)]
struct Books {
    orders: Vec<Order>,
    payments: Vec<Payment>,
    refunds: Vec<Refund>,
    /// Refunds by idempotency key, with what was asked for.
    keys: BTreeMap<String, (String, Value, String)>,
    deliveries: Vec<Delivery>,
    next_refund_waits: bool,
    count: u32,
}

/// The site.
pub struct RazorpaySite {
    key_id: String,
    key_secret: String,
    webhook_secret: String,
    /// How requests go wrong.
    pub faults: Faults,
    books: Mutex<Books>,
}

impl Site for RazorpaySite {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn answer(&self, request: Request) -> Option<Answer> {
        let is_writing = request.method == "POST";
        with_faults(&self.faults, is_writing, || self.done(&request)).await
    }
}

impl RazorpaySite {
    /// A merchant's account.
    pub fn new(key_id: &str, key_secret: &str, webhook_secret: &str) -> Self {
        Self {
            key_id: key_id.to_owned(),
            key_secret: key_secret.to_owned(),
            webhook_secret: webhook_secret.to_owned(),
            faults: Faults::default(),
            books: Mutex::default(),
        }
    }

    /// The orders so far.
    pub fn orders(&self) -> Vec<Order> {
        lock(&self.books).orders.clone()
    }

    /// The refunds so far.
    pub fn refunds(&self) -> Vec<Refund> {
        lock(&self.books).refunds.clone()
    }

    /// What was sent to the webhook's URL so far, oldest first.
    pub fn deliveries(&self) -> Vec<Delivery> {
        lock(&self.books).deliveries.clone()
    }

    /// The payer pays an order in the checkout.
    ///
    /// # Errors
    /// When there is no such order, or it is paid.
    pub fn pay(&self, order: &str) -> Result<Paid> {
        let payment = self.attempt(order, "captured")?;
        let mut books = lock(&self.books);
        let order = books.orders.iter().find(|known| known.id == order).cloned().context("the order")?;
        let (order_json, payment_json) = (order.json(), payment.json());
        self.tell(&mut books, "payment.captured", &json!({ "payment": { "entity": payment_json } }));
        let both = json!({ "payment": { "entity": payment_json }, "order": { "entity": order_json } });
        self.tell(&mut books, "order.paid", &both);
        let signature = hmac_hex(&self.key_secret, format!("{}|{}", order.id, payment.id).as_bytes());
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let returned = vec![
            pair("razorpay_payment_id", &payment.id),
            pair("razorpay_order_id", &order.id),
            pair("razorpay_signature", &signature),
        ];
        Ok(Paid { payment_id: payment.id, returned })
    }

    /// The payer's bank says yes, the money is not captured yet.
    ///
    /// # Errors
    /// As [`RazorpaySite::pay`].
    pub fn authorize(&self, order: &str) -> Result<()> {
        let payment = self.attempt(order, "authorized")?;
        let told = json!({ "payment": { "entity": payment.json() } });
        self.tell(&mut lock(&self.books), "payment.authorized", &told);
        Ok(())
    }

    /// The payer tries, and the bank says no.
    ///
    /// # Errors
    /// As [`RazorpaySite::pay`].
    pub fn fail(&self, order: &str) -> Result<()> {
        let payment = self.attempt(order, "failed")?;
        let told = json!({ "payment": { "entity": payment.json() } });
        self.tell(&mut lock(&self.books), "payment.failed", &told);
        Ok(())
    }

    /// The next refund waits for the bank, until [`RazorpaySite::finish_refund`].
    pub fn let_refunds_wait(&self) {
        lock(&self.books).next_refund_waits = true;
    }

    /// A refund that waits is done, or fails.
    ///
    /// # Errors
    /// When there is no such refund.
    pub fn finish_refund(&self, refund: &str, is_done: bool) -> Result<()> {
        let mut books = lock(&self.books);
        let (status, event) =
            if is_done { ("processed", "refund.processed") } else { ("failed", "refund.failed") };
        let refund = books.refunds.iter_mut().find(|known| known.id == refund).context("the refund")?;
        refund.status = status;
        let refund = refund.clone();
        self.tell_of_refund(&mut books, event, &refund);
        Ok(())
    }

    fn attempt(&self, order: &str, status: &'static str) -> Result<Payment> {
        let mut books = lock(&self.books);
        let id = books.next_id("pay");
        let order = books.orders.iter_mut().find(|known| known.id == order).context("no such order")?;
        ensure!(order.status != "paid", "the order is paid");
        order.status = if status == "captured" { "paid" } else { "attempted" };
        let (amount, currency, order) = (order.amount, order.currency.clone(), order.id.clone());
        let payment = Payment { id, order, amount, currency, status };
        books.payments.push(payment.clone());
        Ok(payment)
    }

    fn tell(&self, books: &mut Books, event: &str, payload: &Value) {
        let contains: Vec<_> = payload.as_object().into_iter().flat_map(Map::keys).cloned().collect();
        let number = books.deliveries.len();
        let body = json!({
            "entity": "event",
            "account_id": "acc_Stand1n",
            "event": event,
            "contains": contains,
            "payload": payload,
            "created_at": 1_790_000_000 + number,
        });
        let body = body.to_string().into_bytes();
        let headers = [
            ("content-type", "application/json".to_owned()),
            ("x-razorpay-event-id", format!("evt{number:014}")),
            ("x-razorpay-signature", hmac_hex(&self.webhook_secret, &body)),
        ];
        let headers = headers.map(|(name, value)| (name.to_owned(), value)).to_vec();
        books.deliveries.push(Delivery { headers, body });
    }

    fn tell_of_refund(&self, books: &mut Books, event: &str, refund: &Refund) {
        let payment = books.payments.iter().find(|payment| payment.id == refund.payment);
        let payment = payment.map_or(Value::Null, Payment::json);
        let currency = payment["currency"].clone();
        let refund = refund.json(&currency);
        self.tell(books, event, &json!({ "refund": { "entity": refund }, "payment": { "entity": payment } }));
    }

    fn done(&self, request: &Request) -> Answer {
        let expected = BASE64_STANDARD.encode(format!("{}:{}", self.key_id, self.key_secret));
        if request.header("authorization") != Some(&format!("Basic {expected}")) {
            return refused(401, "Authentication failed");
        }
        let books = &mut lock(&self.books);
        let path: Vec<&str> = request.path.trim_start_matches('/').split('/').collect();
        let answer = match (request.method.as_str(), path.as_slice()) {
            ("POST", ["v1", "orders"]) => created_order(books, request),
            ("GET", ["v1", "orders"]) => listed_orders(books, request),
            ("GET", ["v1", "orders", id]) => {
                found(books.orders.iter().find(|o| o.id == *id).map(Order::json))
            }
            ("GET", ["v1", "orders", id, "payments"]) => {
                let payments = books.payments.iter().filter(|payment| payment.order == *id);
                Ok(collection(&payments.map(Payment::json).collect::<Vec<_>>()))
            }
            ("GET", ["v1", "payments", id]) => {
                found(books.payments.iter().find(|p| p.id == *id).map(Payment::json))
            }
            ("POST", ["v1", "payments", id, "refund"]) => self.refunded(books, id, request),
            ("GET", ["v1", "payments", id, "refunds"]) => {
                let refunds = books.refunds.iter().filter(|refund| refund.payment == *id);
                Ok(collection(&refunds.map(|refund| refund.json(&json!("INR"))).collect::<Vec<_>>()))
            }
            _ => return refused(404, "The requested URL was not found on the server."),
        };
        answer.unwrap_or_else(|error| refused(400, &error.to_string()))
    }

    fn refunded(&self, books: &mut Books, payment: &str, request: &Request) -> Result<Answer> {
        let key = request.header("x-refund-idempotency").context("a refund without X-Refund-Idempotency")?;
        let is_key = key.len() >= 10
            && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        ensure!(is_key, "The idempotency key is not valid");
        let body = object(request, &["amount", "speed", "receipt", "notes"])?;
        if let Some((id, known, of)) = books.keys.get(key) {
            let is_same = *known == Value::Object(body) && of == payment;
            ensure!(is_same, "Different request with the same idempotency key");
            let refund = books.refunds.iter().find(|refund| refund.id == *id).context("the refund")?;
            return Ok(Answer::json(200, &refund.json(&json!("INR"))));
        }
        let of = books.payments.iter().find(|known| known.id == payment).cloned();
        let of = of.context("The id provided does not exist")?;
        ensure!(of.status == "captured", "The payment status should be captured for action to be taken");
        let amount = body.get("amount").map_or(Some(of.amount), Value::as_u64).context("amount")?;
        let before: u64 = books
            .refunds
            .iter()
            .filter(|r| r.payment == of.id && r.status != "failed")
            .map(|r| r.amount)
            .sum();
        ensure!(amount >= 1, "The amount must be atleast INR 1.00");
        ensure!(
            before + amount <= of.amount,
            "The total refund amount is greater than the refund payment amount"
        );
        let receipt = body.get("receipt").and_then(Value::as_str).map(str::to_owned);
        let waits = std::mem::take(&mut books.next_refund_waits);
        let refund = Refund {
            id: books.next_id("rfnd"),
            payment: of.id.clone(),
            amount,
            status: if waits { "pending" } else { "processed" },
            receipt,
            notes: body.get("notes").cloned().unwrap_or_else(|| json!([])),
        };
        let asked = (refund.id.clone(), Value::Object(body), of.id);
        books.keys.insert(key.to_owned(), asked);
        books.refunds.push(refund.clone());
        self.tell_of_refund(books, "refund.created", &refund);
        if !waits {
            self.tell_of_refund(books, "refund.processed", &refund);
        }
        Ok(Answer::json(200, &refund.json(&json!(of.currency))))
    }
}

impl Books {
    fn next_id(&mut self, kind: &str) -> String {
        self.count += 1;
        format!("{kind}_Stand1n{:07}", self.count)
    }
}

fn created_order(books: &mut Books, request: &Request) -> Result<Answer> {
    let fields = ["amount", "currency", "receipt", "notes", "partial_payment", "payment"];
    let body = object(request, &fields)?;
    let amount = body.get("amount").and_then(Value::as_u64).context("The amount must be an integer.")?;
    let currency = body.get("currency").and_then(Value::as_str).context("The currency field is required.")?;
    ensure!(CURRENCIES.contains(&currency), "Currency is not supported");
    ensure!(amount >= 100 || currency != "INR", "Order amount less than minimum amount allowed");
    let receipt = body.get("receipt").and_then(Value::as_str);
    ensure!(
        receipt.is_none_or(|text| text.len() <= 40),
        "The receipt may not be greater than 40 characters."
    );
    let notes = body.get("notes").cloned().unwrap_or_else(|| json!([]));
    if let Some(notes) = notes.as_object() {
        let is_note = |note: &Value| note.as_str().is_some_and(|text| text.chars().count() <= 256);
        ensure!(notes.len() <= 15 && notes.values().all(is_note), "The notes are not valid.");
    }
    if let Some(payment) = body.get("payment") {
        let capture = payment["capture"].as_str().context("payment.capture")?;
        ensure!(matches!(capture, "automatic" | "manual"), "payment.capture is not valid");
        let period = payment["capture_options"]["automatic_expiry_period"].as_u64();
        ensure!(period.is_some_and(|minutes| minutes >= 12), "automatic_expiry_period must be at least 12");
    }
    let order = Order {
        id: books.next_id("order"),
        amount,
        currency: currency.to_owned(),
        receipt: receipt.map(str::to_owned),
        status: "created",
        notes,
    };
    books.orders.push(order.clone());
    Ok(Answer::json(200, &order.json()))
}

/// Newest first; `receipt` finds what contains it.
fn listed_orders(books: &Books, request: &Request) -> Result<Answer> {
    let query = request.query()?;
    let known = ["receipt", "count", "skip", "from", "to", "authorized"];
    ensure!(query.keys().all(|name| known.contains(&name.as_str())), "a parameter that is not documented");
    let count: usize = query.get("count").map_or(Ok(10), |count| count.parse())?;
    ensure!((1..=100).contains(&count), "The count may not be greater than 100.");
    let wanted = query.get("receipt").map_or("", String::as_str);
    let matches = |order: &&Order| order.receipt.as_deref().unwrap_or_default().contains(wanted);
    Ok(collection(
        &books.orders.iter().rev().filter(matches).take(count).map(Order::json).collect::<Vec<_>>(),
    ))
}

impl Order {
    fn json(&self) -> Value {
        let paid = if self.status == "paid" { self.amount } else { 0 };
        let number: u64 = self.id.trim_start_matches("order_Stand1n").parse().unwrap_or_default();
        json!({
            "id": self.id,
            "entity": "order",
            "amount": self.amount,
            "amount_paid": paid,
            "amount_due": self.amount - paid,
            "currency": self.currency,
            "receipt": self.receipt,
            "offer_id": null,
            "status": self.status,
            "attempts": u8::from(self.status != "created"),
            "notes": self.notes,
            "created_at": 1_790_000_000 + number,
        })
    }
}

impl Payment {
    fn json(&self) -> Value {
        let fee = (self.status == "captured").then_some(self.amount / 50);
        json!({
            "id": self.id,
            "entity": "payment",
            "amount": self.amount,
            "currency": self.currency,
            "status": self.status,
            "order_id": self.order,
            "invoice_id": null,
            "international": false,
            "method": "upi",
            "amount_refunded": 0,
            "refund_status": null,
            "captured": self.status == "captured",
            "notes": [],
            "fee": fee,
            "tax": fee.map(|fee| fee / 6),
            "error_code": null,
            "created_at": 1_790_000_000,
        })
    }
}

impl Refund {
    fn json(&self, currency: &Value) -> Value {
        json!({
            "id": self.id,
            "entity": "refund",
            "amount": self.amount,
            "currency": currency,
            "payment_id": self.payment,
            "notes": self.notes,
            "receipt": self.receipt,
            "acquirer_data": { "arn": null },
            "created_at": 1_790_000_000,
            "batch_id": null,
            "status": self.status,
            "speed_processed": "normal",
            "speed_requested": "normal",
        })
    }
}

/// The body, of which every field is documented.
fn object(request: &Request, fields: &[&str]) -> Result<Map<String, Value>> {
    let Value::Object(body) = request.json()? else { anyhow::bail!("The body is not an object") };
    let stranger = body.keys().find(|name| !fields.contains(&name.as_str()));
    ensure!(stranger.is_none(), "{} is/are not required and should not be sent", stranger.map_or("", |n| n));
    Ok(body)
}

fn collection(items: &[Value]) -> Answer {
    Answer::json(200, &json!({ "entity": "collection", "count": items.len(), "items": items }))
}

fn found(entity: Option<Value>) -> Result<Answer> {
    Ok(Answer::json(200, &entity.context("The id provided does not exist")?))
}

fn refused(status: u16, description: &str) -> Answer {
    let error = json!({
        "code": "BAD_REQUEST_ERROR",
        "description": description,
        "source": "business",
        "step": "payment_initiation",
        "reason": "input_validation_failed",
        "metadata": {},
    });
    Answer::json(status, &json!({ "error": error }))
}
