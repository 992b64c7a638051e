//! A strict provider in memory. It outlives the driver, as a platform does, and in its careless form a repeated
//! request is a second charge: nothing but the driver keeps it from that.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use neustream_billing::Clock;
use neustream_contract::payment::{
    Charge, Money, PayerAction, PaymentFailure, PaymentProvider, PaymentProviders, PaymentStatus, Receipt,
    Update, Webhook,
};
use neustream_contract::{Call, CallError, CallErrorKind, Digest, Manifest};
use neustream_model::{Reason, UnixMillis};

use crate::points::Points;

/// How the next request goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The platform acts, the answer is lost.
    LostAnswer,
    /// The answer is lost before the platform acts.
    LostRequest,
    /// The request takes a while: nobody waits for it, and then the platform acts.
    Late,
    /// It provably does not leave.
    NotSent,
    /// The platform asks for patience.
    RateLimited,
    /// The key is wrong.
    Unauthorized,
}

/// How long a late request is under way: less than the driver's quiet time.
const LATE: Duration = Duration::from_secs(5);

/// A payment or refund that the platform has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    pub id: String,
    pub key: String,
    pub amount: Money,
    pub is_paid: bool,
    pub is_refused: bool,
    /// For a refund: the payment.
    pub of: Option<String>,
}

#[derive(Default)]
pub struct Books {
    pub made: Vec<Made>,
    /// Requests under way, and when they arrive.
    under_way: Vec<(UnixMillis, u64, Made)>,
    requests: u64,
    pub faults: VecDeque<Fault>,
    pub find_faults: u32,
    /// Events so far; any of them may be delivered at any time.
    pub events: Vec<Update>,
    /// Packages that were called, in order.
    pub called: Vec<Digest>,
}

pub struct Platform {
    points: Arc<Points>,
    clock: Clock,
    /// A repeated key gives what was made first.
    is_idempotent: bool,
    /// Charges are paid at once; otherwise the payer must act.
    is_direct: bool,
    manifest: Manifest,
    pub books: Mutex<Books>,
}

impl Platform {
    pub fn new(points: Arc<Points>, clock: Clock, is_idempotent: bool, is_direct: bool) -> Self {
        let manifest = "schema = 1\nid = \"test/pay\"\nversion = \"1.0.0\"\nkind = \"payment\"\nname = \"Pay\"\nlicense = \"MIT\"\n";
        let manifest = Manifest::from_toml(manifest).unwrap();
        Self { points, clock, is_idempotent, is_direct, manifest, books: Mutex::default() }
    }

    /// The payer pays the charge `key`; false when there is none.
    pub fn pay(&self, key: &str) -> bool {
        let mut books = self.books();
        let Some(made) = books.made.iter_mut().find(|made| made.key == key && made.of.is_none()) else {
            return false;
        };
        made.is_paid = true;
        let made = made.clone();
        tell(&mut books, &made);
        true
    }

    /// The books, after everything that arrived by now.
    pub fn books(&self) -> std::sync::MutexGuard<'_, Books> {
        let mut books = self.books.lock().unwrap();
        let now = self.clock.now();
        let (arrived, under_way) = books.under_way.drain(..).partition(|(at, ..)| *at <= now);
        books.under_way = under_way;
        let arrived: Vec<(UnixMillis, u64, Made)> = arrived;
        for (_, _, made) in arrived {
            self.act(&mut books, made);
        }
        books
    }

    /// How many charges, refunds not counted.
    pub fn charges(&self) -> usize {
        self.books().made.iter().filter(|made| made.of.is_none()).count()
    }

    fn act(&self, books: &mut Books, made: Made) -> Made {
        if let Some(first) = books.made.iter().find(|first| first.key == made.key)
            && self.is_idempotent
        {
            assert_eq!((&first.amount, &first.of), (&made.amount, &made.of), "one key, two orders");
            return first.clone();
        }
        if let Some(of) = &made.of {
            let paid = books.made.iter().find(|paid| paid.id == *of).expect("a refund of a payment");
            let before = books.made.iter().filter(|other| other.of.as_ref() == Some(of));
            let before: u64 = before.map(|other| other.amount.minor).sum();
            assert!(before + made.amount.minor <= paid.amount.minor, "more is paid back than was paid");
        }
        books.made.push(made.clone());
        tell(books, &made);
        made
    }

    /// A request that can move money. Whoever asks may die while it is under way: then it arrives a while later.
    async fn request(&self, call: &Call, made: Made) -> Result<PaymentStatus, PaymentFailure> {
        self.points.pass().await;
        let arrives = self.clock.now().plus(LATE);
        let (number, fault) = {
            let mut books = self.books();
            books.called.push(call.plugin);
            let fault = books.faults.pop_front();
            let number = books.requests;
            books.requests += 1;
            let leaves = !matches!(
                fault,
                Some(Fault::NotSent | Fault::RateLimited | Fault::Unauthorized | Fault::LostRequest)
            );
            if leaves {
                books.under_way.push((arrives, number, made));
            }
            (number, fault)
        };
        self.points.pass().await;
        let error = |kind, code: &str| CallError::new(kind, code, "A test wants it so.");
        match fault {
            Some(Fault::NotSent) => {
                return Err(PaymentFailure::NotSent(error(CallErrorKind::Unavailable, "refused")));
            }
            Some(Fault::RateLimited) => {
                let mut error = error(CallErrorKind::RateLimited, "rate-limited");
                error.retry_after = Some(Duration::from_secs(30));
                return Err(PaymentFailure::NotSent(error));
            }
            Some(Fault::Unauthorized) => {
                return Err(PaymentFailure::NotSent(error(CallErrorKind::Unauthorized, "unauthorized")));
            }
            Some(Fault::LostRequest | Fault::Late) => {
                return Err(PaymentFailure::Unknown(error(CallErrorKind::Unavailable, "timed-out")));
            }
            Some(Fault::LostAnswer) | None => {}
        }
        let status = {
            let mut books = self.books.lock().unwrap();
            // It may have arrived while this waited.
            let place = books.under_way.iter().position(|(_, known, _)| *known == number);
            let made = place.map(|place| books.under_way.remove(place).2);
            made.map(|made| self.act(&mut books, made))
        };
        self.points.pass().await;
        match (status, fault) {
            (Some(made), None) => Ok(status_of(&made)),
            _ => Err(PaymentFailure::Unknown(error(CallErrorKind::Unavailable, "reset"))),
        }
    }

    fn new_made(&self, key: &str, amount: &Money, of: Option<&str>) -> Made {
        let number = self.books.lock().unwrap().requests;
        Made {
            id: format!("{}_{number}", if of.is_some() { "refund" } else { "pay" }),
            key: key.to_owned(),
            amount: amount.clone(),
            is_paid: self.is_direct || of.is_some(),
            is_refused: false,
            of: of.map(str::to_owned),
        }
    }
}

fn tell(books: &mut Books, made: &Made) {
    let event_id = format!("evt_{}", books.events.len());
    books.events.push(Update { event_id, key: Some(made.key.clone()), status: status_of(made) });
}

pub fn status_of(made: &Made) -> PaymentStatus {
    if made.is_refused {
        return PaymentStatus::Declined(Reason::new("refused", "The card was refused."));
    }
    if made.is_paid {
        let (provider_id, amount) = (made.id.clone(), made.amount.clone());
        return PaymentStatus::Settled(Receipt { provider_id, amount, fee: None });
    }
    let url = Some(format!("https://pay.example.com/{}", made.id));
    PaymentStatus::ActionRequired(PayerAction {
        provider_id: format!("order_{}", made.id),
        url,
        parameters: vec![],
    })
}

#[async_trait]
impl PaymentProvider for Platform {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    async fn start(&self, call: &Call, charge: &Charge) -> Result<PaymentStatus, PaymentFailure> {
        let made = self.new_made(&charge.key, &charge.amount, None);
        self.request(call, made).await
    }

    async fn find(&self, call: &Call, key: &str) -> Result<Option<PaymentStatus>, CallError> {
        self.points.pass().await;
        let found = {
            let mut books = self.books();
            books.called.push(call.plugin);
            if books.find_faults > 0 {
                books.find_faults -= 1;
                return Err(CallError::new(CallErrorKind::Unavailable, "reset", "A test wants it so."));
            }
            books.made.iter().find(|made| made.key == key).map(status_of)
        };
        self.points.pass().await;
        Ok(found)
    }

    async fn confirm(
        &self,
        _: &Call,
        key: &str,
        provider_id: &str,
        returned: &[(String, String)],
    ) -> Result<PaymentStatus, CallError> {
        self.points.pass().await;
        let is_genuine = returned.iter().any(|(name, value)| name == "signature" && value == provider_id);
        let books = self.books();
        let made = books.made.iter().find(|made| made.key == key && is_genuine);
        made.map(status_of)
            .ok_or_else(|| CallError::new(CallErrorKind::Unauthorized, "forged", "Not genuine."))
    }

    async fn refund(
        &self,
        call: &Call,
        key: &str,
        provider_id: &str,
        amount: &Money,
    ) -> Result<PaymentStatus, PaymentFailure> {
        let made = self.new_made(key, amount, Some(provider_id));
        self.request(call, made).await
    }

    /// The body is the number of the event.
    async fn receive(&self, _: &Call, webhook: &Webhook) -> Result<Vec<Update>, CallError> {
        self.points.pass().await;
        if !webhook.headers.iter().any(|(name, value)| name == "signature" && value == "genuine") {
            return Err(CallError::new(CallErrorKind::Unauthorized, "forged", "Not genuine."));
        }
        let number: usize = String::from_utf8_lossy(&webhook.body).parse().unwrap();
        Ok(self.books().events.get(number).cloned().into_iter().collect())
    }
}

/// Finds the one platform for every package.
pub struct OnePlatform(pub Arc<Platform>);

#[async_trait]
impl PaymentProviders for OnePlatform {
    async fn provider(&self, _: &Digest) -> Result<Arc<dyn PaymentProvider>, CallError> {
        Ok(Arc::clone(&self.0) as _)
    }
}
