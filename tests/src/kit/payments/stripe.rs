//! Stripe (docs.stripe.com/api): Checkout Sessions, PaymentIntents, refunds, webhooks.
//!
//! A key gives what was made first for a day, and only to the same parameters;
//! this stand-in keeps it for ever and demands one for every POST.

use std::collections::BTreeMap;
use std::sync::Mutex;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value, json};

use super::super::oauth::{Answer, Request, Site};
use super::fault::{Faults, lock, with_faults};
use super::signing::{Delivery, hmac_hex};

const NAME: &str = "api.stripe.com";
/// Seconds since the Unix epoch at which its books begin.
const EPOCH_S: u64 = 1_790_000_000;

/// What the payer does on Stripe's page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Pays by card.
    Paid,
    /// Pays by a bank debit that takes days.
    Delayed,
}

/// A refund.
#[derive(Debug, Clone, PartialEq)]
pub struct StripeRefund {
    /// `re_...`.
    pub id: String,
    /// The intent.
    pub intent: String,
    /// In minor units.
    pub amount: u64,
}

#[derive(Default)]
struct Books {
    /// Sessions, intents and refunds as they are shown, oldest first.
    sessions: Vec<Value>,
    intents: Vec<Value>,
    refunds: Vec<Value>,
    /// What was answered under a key, and to what.
    keys: BTreeMap<String, (String, BTreeMap<String, String>, u16, String)>,
    events: Vec<Value>,
    count: u64,
    next_refund_waits: bool,
}

/// The site.
pub struct StripeSite {
    api_key: String,
    webhook_secret: String,
    /// How requests go wrong.
    pub faults: Faults,
    books: Mutex<Books>,
}

impl Site for StripeSite {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn answer(&self, request: Request) -> Option<Answer> {
        let is_writing = request.method == "POST";
        with_faults(&self.faults, is_writing, || self.done(&request)).await
    }
}

impl StripeSite {
    /// A merchant's account.
    pub fn new(api_key: &str, webhook_secret: &str) -> Self {
        Self {
            api_key: api_key.to_owned(),
            webhook_secret: webhook_secret.to_owned(),
            faults: Faults::default(),
            books: Mutex::default(),
        }
    }

    /// Ids of the sessions so far.
    pub fn sessions(&self) -> Vec<String> {
        lock(&self.books).sessions.iter().map(|session| text(session, "id")).collect()
    }

    /// Ids of the intents so far, those of paid sessions too.
    pub fn intents(&self) -> Vec<String> {
        lock(&self.books).intents.iter().map(|intent| text(intent, "id")).collect()
    }

    /// The refunds so far.
    pub fn refunds(&self) -> Vec<StripeRefund> {
        let read = |refund: &Value| StripeRefund {
            id: text(refund, "id"),
            intent: text(refund, "payment_intent"),
            amount: refund["amount"].as_u64().unwrap_or_default(),
        };
        lock(&self.books).refunds.iter().map(read).collect()
    }

    /// The payer acts on Stripe's page.
    ///
    /// # Errors
    /// When there is no such session, or it is not open.
    pub fn pay(&self, session: &str, outcome: Outcome) -> Result<()> {
        let mut books = lock(&self.books);
        let id = books.next_id("pi");
        let session = open(&mut books.sessions, session)?;
        let is_paid = outcome == Outcome::Paid;
        session["status"] = json!("complete");
        session["payment_status"] = json!(if is_paid { "paid" } else { "unpaid" });
        session["payment_intent"] = json!(id);
        session["url"] = Value::Null;
        let session = session.clone();
        let intent = json!({
            "id": id,
            "object": "payment_intent",
            "amount": session["amount_total"],
            "currency": session["currency"],
            "metadata": session["x_intent_metadata"],
            "created": session["created"],
            "status": if is_paid { "succeeded" } else { "processing" },
            "client_secret": format!("{id}_secret_x"),
        });
        books.intents.push(intent.clone());
        let event = if is_paid { "payment_intent.succeeded" } else { "payment_intent.processing" };
        books.tell(event, &intent);
        books.tell("checkout.session.completed", &session);
        Ok(())
    }

    /// The bank of a delayed payment says yes or no.
    ///
    /// # Errors
    /// When there is no such session, or it has no delayed payment.
    pub fn finish_delayed(&self, session: &str, is_paid: bool) -> Result<()> {
        let mut books = lock(&self.books);
        let found = books.sessions.iter_mut().find(|known| known["id"] == session).context("the session")?;
        ensure!(found["status"] == "complete" && found["payment_status"] == "unpaid", "nothing is delayed");
        if is_paid {
            found["payment_status"] = json!("paid");
        }
        let session = found.clone();
        let intent = text(&session, "payment_intent");
        let intent = books.intents.iter_mut().find(|known| known["id"] == intent).context("the intent")?;
        intent["status"] = json!(if is_paid { "succeeded" } else { "requires_payment_method" });
        let event = if is_paid { "succeeded" } else { "failed" };
        books.tell(&format!("checkout.session.async_payment_{event}"), &session);
        Ok(())
    }

    /// Nobody paid in time.
    ///
    /// # Errors
    /// When there is no such session, or it is not open.
    pub fn expire(&self, session: &str) -> Result<()> {
        let mut books = lock(&self.books);
        let session = open(&mut books.sessions, session)?;
        session["status"] = json!("expired");
        session["url"] = Value::Null;
        let session = session.clone();
        books.tell("checkout.session.expired", &session);
        Ok(())
    }

    /// The payer pays an intent on the merchant's page.
    ///
    /// # Errors
    /// When there is no such intent.
    pub fn pay_intent(&self, intent: &str) -> Result<()> {
        let mut books = lock(&self.books);
        let intent = books.intents.iter_mut().find(|known| known["id"] == intent).context("the intent")?;
        intent["status"] = json!("succeeded");
        let intent = intent.clone();
        books.tell("payment_intent.succeeded", &intent);
        Ok(())
    }

    /// The next refund waits for the bank, until [`StripeSite::finish_refund`].
    pub fn let_refunds_wait(&self) {
        lock(&self.books).next_refund_waits = true;
    }

    /// A refund that waits is done, or fails.
    ///
    /// # Errors
    /// When there is no such refund.
    pub fn finish_refund(&self, refund: &str, is_done: bool) -> Result<()> {
        let mut books = lock(&self.books);
        let refund = books.refunds.iter_mut().find(|known| known["id"] == refund).context("the refund")?;
        refund["status"] = json!(if is_done { "succeeded" } else { "failed" });
        let refund = refund.clone();
        books.tell(if is_done { "refund.updated" } else { "refund.failed" }, &refund);
        Ok(())
    }

    /// How many events there were so far.
    pub fn events(&self) -> usize {
        lock(&self.books).events.len()
    }

    /// The type of the event `number`.
    pub fn event_type(&self, number: usize) -> String {
        lock(&self.books).events.get(number).map(|event| text(event, "type")).unwrap_or_default()
    }

    /// The event `number`, signed at this moment (seconds since the Unix epoch) with the endpoint's former secret too,
    /// as while a secret is rolled.
    pub fn delivery(&self, number: usize, signed_at_s: u64) -> Delivery {
        let event = lock(&self.books).events.get(number).cloned().unwrap_or_default();
        let body = event.to_string().into_bytes();
        let signed = [signed_at_s.to_string().as_bytes(), b".", &body].concat();
        let tags = ["whsec_of_last_year", &self.webhook_secret].map(|secret| hmac_hex(secret, &signed));
        let header = format!("t={signed_at_s},v1={},v1={},v0={}", tags[0], tags[1], "0".repeat(64));
        let pair = |name: &str, value: String| (name.to_owned(), value);
        let kind = "application/json; charset=utf-8".to_owned();
        Delivery { headers: vec![pair("content-type", kind), pair("stripe-signature", header)], body }
    }

    fn done(&self, request: &Request) -> Answer {
        if request.bearer() != Some(&self.api_key) {
            let masked = "Invalid API Key provided: sk_****";
            return refused(401, "invalid_request_error", None, masked);
        }
        let path: Vec<&str> = request.path.trim_start_matches('/').split('/').collect();
        let books = &mut lock(&self.books);
        if request.method == "POST" {
            return posted(books, request, &path);
        }
        let listed = match path.as_slice() {
            ["v1", "checkout", "sessions"] => list(&books.sessions, request, &["limit", "starting_after"]),
            ["v1", "payment_intents"] => list(&books.intents, request, &["limit", "starting_after"]),
            ["v1", "refunds"] => {
                list(&books.refunds, request, &["limit", "starting_after", "payment_intent"])
            }
            ["v1", "checkout", "sessions", id] => return one(&books.sessions, id),
            ["v1", "payment_intents", id] => return one(&books.intents, id),
            _ => return refused(404, "invalid_request_error", None, "Unrecognized request URL"),
        };
        listed.unwrap_or_else(|error| refused(400, "invalid_request_error", None, &error.to_string()))
    }
}

fn posted(books: &mut Books, request: &Request, path: &[&str]) -> Answer {
    let invalid = |message: &str| refused(400, "invalid_request_error", None, message);
    let Some(key) = request.header("idempotency-key").filter(|key| (1..=255).contains(&key.len())) else {
        return invalid("a POST without Idempotency-Key");
    };
    let form = match request.form() {
        Ok(form) => form,
        Err(error) => return invalid(&error.to_string()),
    };
    if let Some((path, known, status, body)) = books.keys.get(key) {
        if *path != request.path || *known != form {
            let message = "Keys for idempotent requests can only be used with the same parameters they were first used with.";
            return refused(400, "idempotency_error", None, message);
        }
        let headers = vec![("idempotent-replayed", "true".to_owned())];
        return Answer { status: *status, headers, body: body.clone() };
    }
    let made = match path {
        ["v1", "checkout", "sessions"] => new_session(books, &form),
        ["v1", "payment_intents"] => new_intent(books, &form),
        ["v1", "refunds"] => new_refund(books, &form),
        _ => return refused(404, "invalid_request_error", None, "Unrecognized request URL"),
    };
    match made {
        Ok(made) => {
            let kept = (request.path.clone(), form, 200, made.to_string());
            books.keys.insert(key.to_owned(), kept);
            Answer::json(200, &made)
        }
        // What fails validation is not kept under its key.
        Err(error) => invalid(&error.to_string()),
    }
}

fn new_session(books: &mut Books, form: &BTreeMap<String, String>) -> Result<Value> {
    let item = |name: &str| format!("line_items[0]{name}");
    let (metadata, intent_metadata) = (keyed(form, "metadata"), keyed(form, "payment_intent_data[metadata]"));
    let fields = [
        "mode".to_owned(),
        "client_reference_id".to_owned(),
        "success_url".to_owned(),
        "cancel_url".to_owned(),
        item("[quantity]"),
        item("[price_data][currency]"),
        item("[price_data][unit_amount]"),
        item("[price_data][product_data][name]"),
    ];
    let is_known = |name: &&String| {
        fields.contains(*name)
            || name.starts_with("metadata[")
            || name.starts_with("payment_intent_data[metadata][")
    };
    if let Some(stranger) = form.keys().find(|name| !is_known(name)) {
        bail!("Received unknown parameter: {stranger}");
    }
    let get = |name: &str| form.get(name).filter(|value| !value.is_empty());
    ensure!(get("mode").is_some_and(|mode| mode == "payment"), "mode must be payment");
    let url = get("success_url").context("Missing required param: success_url.")?;
    ensure!(url::Url::parse(url).is_ok(), "Not a valid URL");
    ensure!(get(&item("[quantity]")).is_some_and(|quantity| quantity == "1"), "one of each");
    let currency = currency_of(get(&item("[price_data][currency]")))?;
    let amount = amount_of(get(&item("[price_data][unit_amount]")))?;
    get(&item("[price_data][product_data][name]")).context("the product needs a name")?;
    let id = books.next_id("cs_test");
    let session = json!({
        "id": id,
        "object": "checkout.session",
        "amount_subtotal": amount,
        "amount_total": amount,
        "client_reference_id": get("client_reference_id"),
        "created": EPOCH_S + books.count,
        "currency": currency,
        "expires_at": EPOCH_S + books.count + 86_400,
        "livemode": false,
        "metadata": metadata,
        "mode": "payment",
        "payment_intent": null,
        "payment_status": "unpaid",
        "status": "open",
        "success_url": url,
        "url": format!("https://checkout.stripe.com/c/pay/{id}"),
        "x_intent_metadata": intent_metadata,
    });
    books.sessions.push(session.clone());
    Ok(session)
}

fn new_intent(books: &mut Books, form: &BTreeMap<String, String>) -> Result<Value> {
    let is_known =
        |name: &&String| matches!(name.as_str(), "amount" | "currency") || name.starts_with("metadata[");
    if let Some(stranger) = form.keys().find(|name| !is_known(name)) {
        bail!("Received unknown parameter: {stranger}");
    }
    let (amount, currency) = (amount_of(form.get("amount"))?, currency_of(form.get("currency"))?);
    let id = books.next_id("pi");
    let intent = json!({
        "id": id,
        "object": "payment_intent",
        "amount": amount,
        "currency": currency,
        "created": EPOCH_S + books.count,
        "metadata": keyed(form, "metadata"),
        "status": "requires_payment_method",
        "client_secret": format!("{id}_secret_x"),
    });
    books.intents.push(intent.clone());
    Ok(intent)
}

fn new_refund(books: &mut Books, form: &BTreeMap<String, String>) -> Result<Value> {
    let of = form.get("payment_intent").context("Missing required param: payment_intent.")?;
    let intent = books.intents.iter().find(|intent| intent["id"] == *of).cloned();
    let intent = intent.with_context(|| format!("No such payment_intent: '{of}'"))?;
    ensure!(
        intent["status"] == "succeeded",
        "This PaymentIntent does not have a successful charge to refund."
    );
    let amount = amount_of(form.get("amount"))?;
    let others =
        books.refunds.iter().filter(|refund| refund["payment_intent"] == *of && refund["status"] != "failed");
    let before: u64 = others.filter_map(|refund| refund["amount"].as_u64()).sum();
    let paid = intent["amount"].as_u64().unwrap_or_default();
    ensure!(before + amount <= paid, "Refund amount is greater than unrefunded amount on charge");
    let waits = std::mem::take(&mut books.next_refund_waits);
    let id = books.next_id("re");
    let refund = json!({
        "id": id,
        "object": "refund",
        "amount": amount,
        "charge": "ch_x",
        "created": EPOCH_S + books.count,
        "currency": intent["currency"],
        "metadata": keyed(form, "metadata"),
        "payment_intent": of,
        "status": if waits { "pending" } else { "succeeded" },
    });
    books.refunds.push(refund.clone());
    // Since 2022-11-15 a charge comes without its refunds.
    let charge =
        json!({ "id": "ch_x", "object": "charge", "payment_intent": of, "amount_refunded": before + amount });
    books.tell("charge.refunded", &charge);
    books.tell("refund.created", &refund);
    Ok(refund)
}

impl Books {
    fn next_id(&mut self, kind: &str) -> String {
        self.count += 1;
        format!("{kind}_Stand1n{:07}", self.count)
    }

    fn tell(&mut self, kind: &str, object: &Value) {
        let event = json!({
            "id": format!("evt_Stand1n{:07}", self.events.len()),
            "object": "event",
            "api_version": "2024-06-20",
            "created": EPOCH_S + self.count,
            "data": { "object": object },
            "livemode": false,
            "type": kind,
        });
        self.events.push(event);
    }
}

/// `name[key]=value` as an object.
fn keyed(form: &BTreeMap<String, String>, name: &str) -> Value {
    let key = |field: &str| Some(field.strip_prefix(name)?.strip_prefix('[')?.strip_suffix(']')?.to_owned());
    let pairs = form.iter().filter_map(|(field, value)| Some((key(field)?, json!(value))));
    Value::Object(pairs.collect::<Map<_, _>>())
}

fn amount_of(text: Option<&String>) -> Result<u64> {
    let amount: u64 = text.context("Missing required param: amount.")?.parse().context("Invalid integer")?;
    ensure!((1..=99_999_999).contains(&amount), "Amount must be no more than $999,999.99");
    Ok(amount)
}

fn currency_of(text: Option<&String>) -> Result<&String> {
    let text = text.context("Missing required param: currency.")?;
    ensure!(["usd", "eur", "inr", "jpy"].contains(&text.as_str()), "Invalid currency: {text}");
    Ok(text)
}

fn open<'a>(sessions: &'a mut [Value], id: &str) -> Result<&'a mut Value> {
    let session = sessions.iter_mut().find(|known| known["id"] == id).context("no such session")?;
    ensure!(session["status"] == "open", "the session is {}", session["status"]);
    Ok(session)
}

fn one(objects: &[Value], id: &str) -> Answer {
    let found = objects.iter().find(|object| object["id"] == id);
    found.map_or_else(
        || refused(404, "invalid_request_error", Some("resource_missing"), "No such object"),
        |object| Answer::json(200, object),
    )
}

/// A page, newest first.
fn list(objects: &[Value], request: &Request, known: &[&str]) -> Result<Answer> {
    let query = request.query()?;
    if let Some(stranger) = query.keys().find(|name| !known.contains(&name.as_str())) {
        bail!("Received unknown parameter: {stranger}");
    }
    let limit: usize = query.get("limit").map_or(Ok(10), |limit| limit.parse())?;
    ensure!((1..=100).contains(&limit), "This value must be less than or equal to 100");
    let intent = query.get("payment_intent");
    let mut newest: Vec<&Value> = objects
        .iter()
        .rev()
        .filter(|object| intent.is_none_or(|id| object["payment_intent"] == *id))
        .collect();
    if let Some(after) = query.get("starting_after") {
        let place = newest.iter().position(|object| object["id"] == *after).context("No such object")?;
        newest.drain(..=place);
    }
    let has_more = newest.len() > limit;
    newest.truncate(limit);
    Ok(Answer::json(
        200,
        &json!({ "object": "list", "url": request.path, "has_more": has_more, "data": newest }),
    ))
}

fn refused(status: u16, kind: &str, code: Option<&str>, message: &str) -> Answer {
    Answer::json(status, &json!({ "error": { "type": kind, "code": code, "message": message } }))
}

fn text(object: &Value, name: &str) -> String {
    object[name].as_str().unwrap_or_default().to_owned()
}
