//! A small world: one tenant, one installation, a platform, and hosts that come and go.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use neustream_billing::{
    Clock, Order, PaymentKey, Payments, PaymentsParts, PaymentsSettings, RefundOrder, State,
};
use neustream_contract::payment::{Money, Webhook};
use neustream_contract::{Call, CallError, CallErrorKind, Digest, Grant, Installed, PlanCeilings, Secrets};
use neustream_model::{InstallationId, TenantId, UnixMillis};

use crate::journal::MemoryJournal;
use crate::points::Points;
use crate::provider::{OnePlatform, Platform};

pub const RETURN_URL: &str = "https://example.com/thanks";

pub struct World {
    pub points: Arc<Points>,
    pub journal: Arc<MemoryJournal>,
    pub platform: Arc<Platform>,
    pub installed: Arc<OneInstallation>,
    pub tenant: TenantId,
    pub installation: InstallationId,
    now: Arc<AtomicU64>,
}

/// An installation of a package that may be upgraded, or disabled.
pub struct OneInstallation {
    pub plugin: Mutex<Digest>,
    pub is_disabled: Mutex<bool>,
    /// Times that refused credentials can be refreshed.
    pub refreshable: AtomicU64,
}

#[async_trait]
impl Installed for OneInstallation {
    async fn call(
        &self,
        tenant: TenantId,
        installation: InstallationId,
        pin: Option<Digest>,
    ) -> Result<Call, CallError> {
        if *self.is_disabled.lock().unwrap() {
            let message = "The installation is disabled.";
            return Err(CallError::new(CallErrorKind::NotRunnable, "installation-disabled", message));
        }
        Ok(Call {
            tenant,
            installation,
            plugin: pin.unwrap_or(*self.plugin.lock().unwrap()),
            grant: Grant::default(),
            ceilings: PlanCeilings::default(),
            config: "{}".to_owned(),
            secrets: Secrets::default(),
            attempt: 1,
            deadline: Duration::from_secs(30),
        })
    }

    async fn refused(&self, _: &Call) -> bool {
        let less = |left: u64| left.checked_sub(1);
        self.refreshable.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less).is_ok()
    }
}

impl World {
    /// A platform that gives what was made first for a repeated key, and waits for the payer.
    pub fn new() -> Self {
        Self::with(true, false)
    }

    pub fn with(is_idempotent: bool, is_direct: bool) -> Self {
        let points = Arc::<Points>::default();
        let now = Arc::new(AtomicU64::new(1_790_000_000_000));
        let clock = clock(&now);
        Self {
            journal: Arc::new(MemoryJournal::new(Arc::clone(&points))),
            platform: Arc::new(Platform::new(Arc::clone(&points), clock, is_idempotent, is_direct)),
            installed: Arc::new(OneInstallation {
                plugin: Mutex::new(Digest::of(b"version 1")),
                is_disabled: Mutex::new(false),
                refreshable: AtomicU64::new(0),
            }),
            tenant: TenantId::new(),
            installation: InstallationId::new(),
            points,
            now,
        }
    }

    /// A host that has just started: it knows nothing but what the journal has.
    pub fn host(&self) -> Payments {
        Payments::new(PaymentsParts {
            journal: Arc::clone(&self.journal) as _,
            providers: Arc::new(OnePlatform(Arc::clone(&self.platform))),
            installed: Arc::clone(&self.installed) as _,
            clock: clock(&self.now),
            settings: PaymentsSettings::default(),
        })
    }

    pub fn pass(&self, time: Duration) {
        self.now.fetch_add(time.as_millis() as u64, Ordering::SeqCst);
    }

    pub fn now(&self) -> UnixMillis {
        UnixMillis(self.now.load(Ordering::SeqCst))
    }

    pub fn state(&self, key: &PaymentKey) -> State {
        self.journal.kept.lock().unwrap().entries[key].state
    }

    /// Lets time pass and fresh hosts recover, until nothing waits for a host any more.
    pub async fn settle_down(&self) {
        for _ in 0..100 {
            self.host().recover().await.unwrap();
            let is_open = |state| matches!(state, State::Prepared | State::Calling | State::Unknown);
            if !self.journal.kept.lock().unwrap().entries.values().any(|entry| is_open(entry.state)) {
                return;
            }
            self.pass(Duration::from_secs(20));
        }
        panic!("it does not settle down: {:?}", self.journal.kept.lock().unwrap().entries);
    }

    /// As [`World::settle_down`], and until every charge that the payer paid is known to be paid, webhooks or not.
    pub async fn find_out(&self) {
        self.settle_down().await;
        for _ in 0..100 {
            self.pass(Duration::from_hours(1));
            self.host().recover().await.unwrap();
            let kept = self.journal.kept.lock().unwrap();
            let paid: Vec<_> =
                self.platform.books().made.iter().filter(|made| made.is_paid).cloned().collect();
            let is_known = |key: &String| kept.entries[&key.parse().unwrap()].state == State::Settled;
            if paid.iter().all(|made| is_known(&made.key)) {
                return;
            }
        }
        panic!("what was paid was not found out");
    }

    /// The webhook of the platform's event `number`.
    pub fn webhook(number: usize) -> Webhook {
        Webhook {
            headers: vec![("signature".to_owned(), "genuine".to_owned())],
            body: number.to_string().into_bytes(),
        }
    }
}

pub fn order(reference: &str) -> Order {
    Order {
        reference: reference.to_owned(),
        amount: usd(1000),
        description: "Pro, a month".to_owned(),
        payer_ref: "user-7".to_owned(),
        return_url: RETURN_URL.to_owned(),
    }
}

pub fn refund(reference: &str, minor: u64) -> RefundOrder {
    RefundOrder { reference: reference.to_owned(), amount: usd(minor) }
}

pub fn usd(minor: u64) -> Money {
    Money { minor, currency: "USD".to_owned() }
}

fn clock(now: &Arc<AtomicU64>) -> Clock {
    let now = Arc::clone(now);
    Clock::new(move || UnixMillis(now.load(Ordering::SeqCst)))
}
