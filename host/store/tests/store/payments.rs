use neustream_model::{InstallationId, Reason, TenantId, UnixMillis};
use neustream_store::testing::{TestStore, on_both};
use neustream_store::{
    AuditFilter, AuditOrder, PaymentCommitted, PaymentEvent, PaymentOpened, PaymentPurpose, PaymentRow,
    StoreError, TenantStore, TransferRow,
};

use crate::world;

const NOW: UnixMillis = UnixMillis(1_790_000_000_000);

fn charge(tenant: TenantId, number: u32) -> PaymentRow {
    PaymentRow {
        key: format!("nsc-{number:032x}"),
        tenant_id: tenant,
        installation_id: InstallationId::new(),
        plugin: format!("sha256:{}", "0".repeat(64)),
        reference: format!("o-{number}"),
        amount_minor: 1000,
        currency: "USD".to_owned(),
        purpose: PaymentPurpose::Charge {
            description: "Pro".to_owned(),
            payer_ref: "user-7".to_owned(),
            return_url: "https://example.com".to_owned(),
        },
        state: "prepared".to_owned(),
        attempts: 0,
        looks: 0,
        sent_by: None,
        next_attempt: Some(NOW),
        begun_id: None,
        payment_id: None,
        action: None,
        fee: None,
        reason: None,
        flag: None,
        lease: None,
        revision: 0,
        created_at: NOW,
        updated_at: NOW,
    }
}

fn refund(of: &PaymentRow, number: u32, amount_minor: u64) -> PaymentRow {
    PaymentRow {
        key: format!("nsr-{number:032x}"),
        reference: format!("r-{number}"),
        amount_minor,
        purpose: PaymentPurpose::Refund { charge_key: of.key.clone(), paid_id: "pay_1".to_owned() },
        ..charge(of.tenant_id, number)
    }
}

fn transfer(of: &PaymentRow, minor: i64) -> TransferRow {
    let lines = vec![("provider:x".to_owned(), minor), ("orders".to_owned(), -minor)];
    TransferRow { key: of.key.clone(), currency: "USD".to_owned(), at: NOW, lines }
}

fn event(id: &str, of: &PaymentRow) -> PaymentEvent {
    PaymentEvent {
        installation_id: of.installation_id,
        event_id: id.to_owned(),
        payment_key: Some(of.key.clone()),
        arrived_at: NOW,
    }
}

/// A charge in this state, as it is written.
async fn written(tenant: &TenantStore, number: u32, state: &str) -> PaymentRow {
    let mut row = charge(tenant.tenant(), number);
    assert_eq!(tenant.open_payment(&row).await.unwrap(), PaymentOpened::New);
    row.state = state.to_owned();
    row.next_attempt = None;
    assert_eq!(tenant.commit_payment(&row, None, None).await.unwrap(), PaymentCommitted::Done);
    PaymentRow { revision: 1, ..row }
}

async fn tenant(t: &TestStore) -> TenantStore {
    world::tenant(t, "ada@example.com").await
}

#[tokio::test]
async fn a_payment_reads_back_as_it_was_written() {
    on_both(async |t| {
        let tenant = tenant(&t).await;
        let first = charge(tenant.tenant(), 1);
        assert_eq!(tenant.open_payment(&first).await.unwrap(), PaymentOpened::New);
        assert_eq!(tenant.payment(&first.key).await.unwrap(), Some(first.clone()));

        let full = PaymentRow {
            state: "unknown".to_owned(),
            attempts: 2,
            looks: 3,
            sent_by: Some(UnixMillis(5)),
            next_attempt: Some(UnixMillis(6)),
            begun_id: Some("order_1".to_owned()),
            payment_id: Some("pay_1".to_owned()),
            action: Some("{\"url\":null}".to_owned()),
            fee: Some((20, "USD".to_owned())),
            reason: Some(Reason::new("timed-out", "Too late.")),
            flag: Some(Reason::new("amount-differs", "Look.")),
            lease: Some(("host".to_owned(), UnixMillis(7))),
            updated_at: UnixMillis(8),
            ..first.clone()
        };
        assert_eq!(tenant.commit_payment(&full, None, None).await.unwrap(), PaymentCommitted::Done);
        let read = tenant.payment(&first.key).await.unwrap().unwrap();
        assert_eq!(read, PaymentRow { revision: 1, ..full });

        let bare = PaymentRow { revision: 1, ..first.clone() };
        tenant.commit_payment(&bare, None, None).await.unwrap();
        assert_eq!(tenant.payment(&first.key).await.unwrap(), Some(PaymentRow { revision: 2, ..first }));
    })
    .await;
}

#[tokio::test]
async fn a_reference_has_one_charge_and_one_refund() {
    on_both(async |t| {
        let tenant = tenant(&t).await;
        let settled = written(&tenant, 1, "settled").await;
        let again = PaymentRow { reference: settled.reference.clone(), ..charge(tenant.tenant(), 2) };
        let known = PaymentOpened::Known(Box::new(settled.clone()));
        assert_eq!(tenant.open_payment(&again).await.unwrap(), known);

        let back = PaymentRow { reference: settled.reference.clone(), ..refund(&settled, 3, 100) };
        assert_eq!(tenant.open_payment(&back).await.unwrap(), PaymentOpened::New);
        let known = PaymentOpened::Known(Box::new(back.clone()));
        assert_eq!(tenant.open_payment(&back).await.unwrap(), known);
        assert_eq!(tenant.refunds_of_charge(&settled.key).await.unwrap(), [back]);
    })
    .await;
}

#[tokio::test]
async fn of_many_that_open_one_reference_at_once_one_does() {
    on_both(async |t| {
        let tenant = tenant(&t).await;
        let mut tasks = tokio::task::JoinSet::new();
        for number in 1..=8 {
            let tenant = tenant.clone();
            let row = PaymentRow { reference: "o".to_owned(), ..charge(tenant.tenant(), number) };
            tasks.spawn(async move { tenant.open_payment(&row).await.unwrap() });
        }
        let opened = tasks.join_all().await;
        assert_eq!(opened.iter().filter(|opened| **opened == PaymentOpened::New).count(), 1, "{opened:?}");
    })
    .await;
}

#[tokio::test]
async fn refunds_that_are_opened_at_once_never_exceed_what_was_paid() {
    on_both(async |t| {
        let tenant = tenant(&t).await;
        let settled = written(&tenant, 1, "settled").await;
        let mut tasks = tokio::task::JoinSet::new();
        for number in 1..=8 {
            let (tenant, row) = (tenant.clone(), refund(&settled, number, 300));
            tasks.spawn(async move { tenant.open_payment(&row).await.unwrap() });
        }
        let opened = tasks.join_all().await;
        assert_eq!(opened.iter().filter(|opened| **opened == PaymentOpened::New).count(), 3, "{opened:?}");
        let exceeds = PaymentOpened::Exceeds { left_minor: 100, currency: "USD".to_owned() };
        assert_eq!(tenant.open_payment(&refund(&settled, 9, 101)).await.unwrap(), exceeds);

        let mut declined = tenant.refunds_of_charge(&settled.key).await.unwrap().remove(0);
        declined.state = "declined".to_owned();
        tenant.commit_payment(&declined, None, None).await.unwrap();
        assert_eq!(tenant.open_payment(&refund(&settled, 9, 400)).await.unwrap(), PaymentOpened::New);
    })
    .await;
}

#[tokio::test]
async fn nothing_of_an_unsettled_charge_can_be_refunded() {
    on_both(async |t| {
        let tenant = tenant(&t).await;
        let pending = written(&tenant, 1, "pending").await;
        let opened = tenant.open_payment(&refund(&pending, 2, 1)).await.unwrap();
        assert!(matches!(opened, PaymentOpened::Exceeds { left_minor: 0, .. }), "{opened:?}");
    })
    .await;
}

#[tokio::test]
async fn a_change_to_an_old_revision_is_not_written() {
    on_both(async |t| {
        let tenant = tenant(&t).await;
        let row = written(&tenant, 1, "pending").await;
        let stale = PaymentRow { revision: 0, state: "settled".to_owned(), ..row.clone() };
        let (event, moved) = (event("evt_1", &row), transfer(&row, 1000));
        let committed = tenant.commit_payment(&stale, Some(&event), Some(&moved)).await.unwrap();
        assert_eq!(committed, PaymentCommitted::Stale);
        assert_eq!(tenant.payment(&row.key).await.unwrap(), Some(row.clone()));
        assert_eq!(tenant.transfer_of(&row.key).await.unwrap(), None);

        // The event was not remembered either.
        let fresh = PaymentRow { state: "settled".to_owned(), ..row };
        let committed = tenant.commit_payment(&fresh, Some(&event), Some(&moved)).await.unwrap();
        assert_eq!(committed, PaymentCommitted::Done);
    })
    .await;
}

#[tokio::test]
async fn a_repeated_event_writes_nothing() {
    on_both(async |t| {
        let tenant = tenant(&t).await;
        let row = written(&tenant, 1, "pending").await;
        let settled = PaymentRow { state: "settled".to_owned(), ..row.clone() };
        let (event, moved) = (event("evt_1", &row), transfer(&row, 1000));
        tenant.commit_payment(&settled, Some(&event), Some(&moved)).await.unwrap();
        let after = tenant.payment(&row.key).await.unwrap().unwrap();
        let again = PaymentRow { reason: Some(Reason::new("x", "x")), ..after.clone() };
        let committed = tenant.commit_payment(&again, Some(&event), None).await.unwrap();
        assert_eq!(committed, PaymentCommitted::Repeated);
        assert_eq!(tenant.payment(&row.key).await.unwrap(), Some(after));

        let host = t.store.host();
        assert!(!host.note_payment_event(&event).await.unwrap());
        let foreign = PaymentEvent { payment_key: None, ..event };
        assert!(host.note_payment_event(&foreign).await.unwrap());
        assert_eq!(host.forget_payment_events(NOW).await.unwrap(), 0);
        assert_eq!(host.forget_payment_events(UnixMillis(NOW.0 + 1)).await.unwrap(), 2);
        assert!(host.note_payment_event(&foreign).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn the_ledger_takes_one_transfer_a_payment_and_keeps_balances() {
    on_both(async |t| {
        let tenant = tenant(&t).await;
        let row = written(&tenant, 1, "pending").await;
        let settled = PaymentRow { state: "settled".to_owned(), ..row };
        let moved = transfer(&settled, 1000);
        tenant.commit_payment(&settled, None, Some(&moved)).await.unwrap();
        assert_eq!(tenant.transfer_of(&settled.key).await.unwrap(), Some(moved.clone()));
        assert_eq!(tenant.balance("orders", "USD").await.unwrap(), -1000);
        assert_eq!(tenant.balance("orders", "INR").await.unwrap(), 0);

        let again = PaymentRow { revision: settled.revision + 1, ..settled };
        let refused = tenant.commit_payment(&again, None, Some(&moved)).await;
        assert!(matches!(refused, Err(StoreError::Sql(_))), "{refused:?}");
        assert_eq!(tenant.balance("orders", "USD").await.unwrap(), -1000);
    })
    .await;
}

#[tokio::test]
async fn money_that_moved_is_not_unsaid() {
    on_both(async |t| {
        let tenant = tenant(&t).await;
        let row = written(&tenant, 1, "settled").await;
        let back = PaymentRow { state: "declined".to_owned(), ..row.clone() };
        assert_eq!(tenant.commit_payment(&back, None, None).await.unwrap(), PaymentCommitted::Stale);
        assert_eq!(tenant.payment(&row.key).await.unwrap(), Some(row));
    })
    .await;
}

#[tokio::test]
async fn a_lease_keeps_others_away_until_it_ends() {
    on_both(async |t| {
        let tenant = tenant(&t).await;
        let row = charge(tenant.tenant(), 1);
        tenant.open_payment(&row).await.unwrap();
        let (until, host) = (UnixMillis(NOW.0 + 60), t.store.host());
        let claimed = tenant.claim_payment(&row.key, "one", until, NOW).await.unwrap().unwrap();
        assert_eq!((claimed.lease.unwrap().0.as_str(), claimed.revision), ("one", 1));
        assert_eq!(tenant.claim_payment(&row.key, "two", until, NOW).await.unwrap(), None);
        assert_eq!(host.claim_due_payments("two", until, NOW, 10).await.unwrap(), []);

        let later = UnixMillis(until.0 + 60);
        let claimed = host.claim_due_payments("two", later, until, 10).await.unwrap();
        assert_eq!(claimed.iter().map(|row| row.key.as_str()).collect::<Vec<_>>(), [row.key.as_str()]);
        // The first holder's change comes too late.
        let late = PaymentRow { revision: 1, state: "calling".to_owned(), ..row };
        assert_eq!(tenant.commit_payment(&late, None, None).await.unwrap(), PaymentCommitted::Stale);
    })
    .await;
}

#[tokio::test]
async fn of_many_hosts_one_claims_what_is_due() {
    on_both(async |t| {
        let tenant = tenant(&t).await;
        for number in 1..=6 {
            tenant.open_payment(&charge(tenant.tenant(), number)).await.unwrap();
        }
        let mut tasks = tokio::task::JoinSet::new();
        for holder in 0..4 {
            let host = t.store.host();
            let until = UnixMillis(NOW.0 + 60);
            tasks.spawn(async move {
                host.claim_due_payments(&holder.to_string(), until, NOW, 4).await.unwrap().len()
            });
        }
        let first: usize = tasks.join_all().await.into_iter().sum();
        let rest = t.store.host().claim_due_payments("last", UnixMillis(NOW.0 + 60), NOW, 10).await.unwrap();
        assert_eq!(first + rest.len(), 6);
    })
    .await;
}

#[tokio::test]
async fn another_tenants_payments_are_not_there() {
    on_both(async |t| {
        let tenant = tenant(&t).await;
        let other = world::tenant(&t, "eve@example.com").await;
        let row = written(&tenant, 1, "settled").await;
        let moved = transfer(&row, 1000);
        tenant.commit_payment(&row, None, Some(&moved)).await.unwrap();
        let row = tenant.payment(&row.key).await.unwrap().unwrap();

        assert_eq!(other.payment(&row.key).await.unwrap(), None);
        assert_eq!(other.charges(None, 10).await.unwrap(), []);
        assert_eq!(other.transfer_of(&row.key).await.unwrap(), None);
        assert_eq!(other.balance("orders", "USD").await.unwrap(), 0);
        assert_eq!(other.claim_payment(&row.key, "x", NOW, NOW).await.unwrap(), None);
        assert_eq!(other.commit_payment(&row, None, None).await.unwrap(), PaymentCommitted::Stale);
        let opened = other.open_payment(&refund(&row, 2, 1)).await.unwrap();
        assert!(matches!(opened, PaymentOpened::Exceeds { left_minor: 0, .. }), "{opened:?}");

        let second = written(&tenant, 2, "pending").await;
        let page = tenant.charges(None, 1).await.unwrap();
        assert_eq!(page, std::slice::from_ref(&second));
        assert_eq!(tenant.charges(Some(&second.key), 10).await.unwrap(), [row]);
    })
    .await;
}

#[tokio::test]
async fn money_leaves_entries_for_what_moved_and_none_for_attempts() {
    on_both(async |t| {
        let tenant = world::tenant(&t, "ada@example.com").await;
        let paid = written(&tenant, 1, "settled").await;
        let attempt = PaymentRow { attempts: 2, ..paid.clone() };
        assert_eq!(tenant.commit_payment(&attempt, None, None).await.unwrap(), PaymentCommitted::Done);
        assert_eq!(tenant.open_payment(&refund(&paid, 2, 100)).await.unwrap(), PaymentOpened::New);
        let filter = AuditFilter { action: Some("payment".to_owned()), ..AuditFilter::default() };
        let told = tenant.audit_log(&filter, AuditOrder::OldestFirst(0), 10).await.unwrap();
        let actions: Vec<_> = told.iter().map(|entry| entry.action.as_str()).collect();
        assert_eq!(actions, ["payment.create", "payment.move", "payment.refund"]);
        assert_eq!(told[0].after.as_ref().unwrap()["amount_minor"], 1000);
    })
    .await;
}
