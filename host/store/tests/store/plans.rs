use std::time::Duration;

use neustream_model::{SessionId, SourceId, TenantId, UnixMillis};
use neustream_store::testing::on_both;
use neustream_store::{
    BillingCycle, LimitKind, Missing, NewDestination, NewInstallation, Plan, PlanLimits, PlanPrice, PlanRow,
    StoreError, StreamedSession,
};

use crate::installations::installation;
use crate::world;

const MINUTE: Duration = Duration::from_mins(1);

fn destination() -> NewDestination {
    NewDestination {
        plugin: "neustream/custom-rtmp".to_owned(),
        installation: None,
        name: String::new(),
        config: "{}".to_owned(),
        secrets: std::collections::BTreeMap::new(),
        is_active: true,
    }
}

/// A plan with these limits.
fn plan(id: &str, limits: PlanLimits) -> Plan {
    let row = PlanRow {
        id: id.to_owned(),
        audience: "creator".to_owned(),
        name: id.to_owned(),
        description: String::new(),
        features: vec!["analytics".to_owned()],
        limits,
        is_offered: true,
        is_default: false,
        position: 9,
    };
    let price = PlanPrice { currency: "USD".to_owned(), cycle: BillingCycle::Yearly, minor: 4_999 };
    Plan { row, prices: vec![price] }
}

#[tokio::test]
async fn the_plans_of_the_documents_are_there_and_the_unlimited_one_is_the_default() {
    on_both(async |t| {
        let plans = t.store.host().plans().await.unwrap();
        let limits = |id: &str| plans.iter().find(|plan| plan.row.id == id).unwrap().row.limits;
        let figures = |id| {
            let limits = limits(id);
            (limits.max_sources, limits.max_destinations, limits.max_streaming_hours_monthly)
        };
        assert_eq!(figures("free"), (Some(1), Some(3), Some(50)));
        assert_eq!(figures("pro"), (Some(3), Some(10), Some(200)));
        assert_eq!(figures("business"), (Some(10), None, Some(1000)));
        assert_eq!(limits("unlimited"), PlanLimits::default());
        let pro = plans.iter().find(|plan| plan.row.id == "pro").unwrap();
        let price = |currency: &str, cycle| {
            pro.prices.iter().find(|p| p.currency == currency && p.cycle == cycle).unwrap().minor
        };
        assert_eq!(price("USD", BillingCycle::Monthly), 999);
        assert_eq!(price("INR", BillingCycle::Yearly), 799_900);
        let defaults: Vec<_> = plans.iter().filter(|plan| plan.row.is_default).map(|p| &p.row.id).collect();
        assert_eq!(defaults, ["unlimited"]);
    })
    .await;
}

#[tokio::test]
async fn an_organisation_is_on_its_subscriptions_plan_and_after_its_end_on_the_default_one() {
    on_both(async |t| {
        let tenant = world::tenant(&t, "ada@example.com").await;
        let host = t.store.host();
        let now = UnixMillis::now();
        let fresh = tenant.plan_use(now).await.unwrap();
        assert_eq!((fresh.plan.id.as_str(), fresh.subscription), ("unlimited", None));
        assert!(matches!(tenant.cancel_subscription(now, |_| now).await, Err(StoreError::NotSubscribed)));

        let made = host.set_plan(tenant.tenant(), "pro", BillingCycle::Yearly, now).await.unwrap();
        let on_pro = tenant.plan_use(now).await.unwrap();
        assert_eq!(on_pro.plan.id, "pro");
        assert_eq!(on_pro.subscription, Some(made.clone()));

        let end = now.plus(MINUTE);
        let cancelled = tenant.cancel_subscription(now, |row| row.started_at.plus(MINUTE)).await.unwrap();
        assert_eq!(cancelled.ends_at, Some(end));
        let again = tenant.cancel_subscription(now, |_| UnixMillis(0)).await.unwrap();
        assert_eq!(again.ends_at, Some(end), "a second cancellation keeps the end");
        assert_eq!(tenant.plan_use(UnixMillis(end.0 - 1)).await.unwrap().plan.id, "pro");
        host.set_default_plan("free").await.unwrap();
        let after = tenant.plan_use(end).await.unwrap();
        assert_eq!((after.plan.id.as_str(), after.subscription), ("free", None));

        let renewed = host.set_plan(tenant.tenant(), "pro", BillingCycle::Monthly, end).await.unwrap();
        assert_eq!((renewed.ends_at, renewed.cycle), (None, BillingCycle::Monthly));
        assert_ne!(renewed.id, made.id);
        let no_plan = host.set_plan(tenant.tenant(), "gold", BillingCycle::Monthly, now).await;
        assert!(matches!(no_plan, Err(StoreError::NotFound(Missing::Plan))));
        let nobody = host.set_plan(TenantId::new(), "pro", BillingCycle::Monthly, now).await;
        assert!(matches!(nobody, Err(StoreError::NotFound(Missing::Tenant))));
        assert!(matches!(host.set_default_plan("gold").await, Err(StoreError::NotFound(Missing::Plan))));
    })
    .await;
}

#[tokio::test]
async fn a_plan_that_is_changed_holds_for_everybody_who_is_on_it() {
    on_both(async |t| {
        let tenant = world::tenant(&t, "ada@example.com").await;
        let host = t.store.host();
        let one = PlanLimits { max_sources: Some(1), ..PlanLimits::default() };
        let made = host.put_plan(&plan("club", one)).await.unwrap();
        assert_eq!(made, plan("club", one));
        host.set_plan(tenant.tenant(), "club", BillingCycle::Monthly, UnixMillis::now()).await.unwrap();
        let app = tenant.every_app();
        app.create_source(&world::source("One"), 10).await.unwrap();
        assert!(app.create_source(&world::source("Two"), 10).await.is_err());
        let two = PlanLimits { max_sources: Some(2), ..PlanLimits::default() };
        let cheaper = Plan { prices: Vec::new(), ..plan("club", two) };
        assert_eq!(host.put_plan(&cheaper).await.unwrap(), cheaper);
        app.create_source(&world::source("Two"), 10).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn of_a_hundred_racing_creators_exactly_as_many_succeed_as_the_plan_gives() {
    on_both(async |t| {
        let tenant = world::tenant(&t, "ada@example.com").await;
        let host = t.store.host();
        let limits = PlanLimits { max_sources: Some(7), max_destinations: Some(9), ..PlanLimits::default() };
        host.put_plan(&plan("club", limits)).await.unwrap();
        host.set_plan(tenant.tenant(), "club", BillingCycle::Monthly, UnixMillis::now()).await.unwrap();
        let app = tenant.every_app();
        let made = race(100, async |_| app.create_source(&world::source("Racing"), 1000).await).await;
        assert_eq!(made, (7, Some((LimitKind::Sources, 7))));
        let sources = app.sources().await.unwrap();
        assert_eq!(sources.len(), 7);
        // Destinations of different sources race, too: they are counted together.
        let made = race(100, async |number| {
            let source = sources[number % sources.len()].row.id;
            app.create_destination(source, &destination(), 1000).await
        })
        .await;
        assert_eq!(made, (9, Some((LimitKind::Destinations, 9))));
        assert_eq!(app.all_destinations().await.unwrap().len(), 9);
        let used = tenant.plan_use(UnixMillis::now()).await.unwrap();
        assert_eq!((used.sources, used.destinations, used.chat_connectors), (7, 9, 0));
        app.delete_source(sources[0].row.id).await.unwrap();
        app.create_source(&world::source("Room again"), 1000).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn chat_connectors_are_counted_apart_from_other_installations() {
    on_both(async |t| {
        let tenant = world::tenant(&t, "ada@example.com").await;
        let host = t.store.host();
        let limits = PlanLimits { max_chat_connectors: Some(2), ..PlanLimits::default() };
        host.put_plan(&plan("club", limits)).await.unwrap();
        host.set_plan(tenant.tenant(), "club", BillingCycle::Monthly, UnixMillis::now()).await.unwrap();
        let app = tenant.every_app();
        let other = installation("acme/push");
        let chat = NewInstallation { kind: "chat".to_owned(), ..installation("acme/chat") };
        app.create_installations(&[other.clone(), chat.clone(), chat.clone()], 100).await.unwrap();
        let refused = app.create_installations(&[other.clone(), chat], 100).await;
        let is_full = matches!(
            refused,
            Err(StoreError::LimitReached { kind: LimitKind::ChatConnectors, current: 2, max: 2 })
        );
        assert!(is_full, "{refused:?}");
        app.create_installations(&[other], 100).await.unwrap();
        assert_eq!(app.installations().await.unwrap().len(), 4, "what was refused made nothing");
    })
    .await;
}

/// Runs `make` so many times at once; counts successes and tells the limit that the others met. The database may be too
/// busy for some; they ask again, as a client does.
async fn race<T>(
    times: usize,
    make: impl AsyncFn(usize) -> Result<T, StoreError>,
) -> (usize, Option<(LimitKind, u64)>) {
    let one = async |number| {
        loop {
            match make(number).await {
                Err(StoreError::Unavailable(_)) => tokio::task::yield_now().await,
                other => return other,
            }
        }
    };
    let outcomes = futures_util::future::join_all((0..times).map(one)).await;
    let (mut made, mut limit) = (0, None);
    for outcome in outcomes {
        match outcome {
            Ok(_) => made += 1,
            Err(StoreError::LimitReached { kind, current, max }) => {
                assert_eq!(current, max, "nobody is refused while there is room");
                limit = Some((kind, max));
            }
            Err(other) => panic!("{other}"),
        }
    }
    (made, limit)
}

#[tokio::test]
async fn what_may_be_streamed_is_told_for_many_organisations_at_once() {
    on_both(async |t| {
        let host = t.store.host();
        let now = UnixMillis::now();
        let ada = world::tenant(&t, "ada@example.com").await;
        let eve = world::tenant(&t, "eve@example.com").await;
        host.set_plan(ada.tenant(), "pro", BillingCycle::Monthly, now).await.unwrap();
        let session = StreamedSession {
            id: SessionId::new(),
            tenant: ada.tenant(),
            source: SourceId::new(),
            started_at: now,
            by_day: vec![(now.day(), MINUTE), (UnixMillis(now.month().0 - 1).day(), MINUTE * 60)],
        };
        host.record_sessions(&[session], now).await.unwrap();
        let mut asked: Vec<_> = (0..250).map(|_| TenantId::new()).collect();
        asked.extend([ada.tenant(), eve.tenant()]);
        let told = host.streaming_use(&asked, now).await.unwrap();
        assert_eq!(told.len(), 2, "those who are gone are left out");
        let of = |tenant| told.iter().find(|one| one.tenant == tenant).unwrap();
        assert_eq!((of(ada.tenant()).streamed, of(ada.tenant()).max_hours), (MINUTE, Some(200)));
        assert_eq!((of(eve.tenant()).streamed, of(eve.tenant()).max_hours), (Duration::ZERO, None));
    })
    .await;
}
