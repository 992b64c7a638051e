use std::time::Duration;

use neustream_contract::{Activity, LogLine};
use neustream_model::UnixMillis;
use tokio_util::sync::CancellationToken;

use crate::kit::{World, manifest, on_both};

async fn installed(w: &World) -> neustream_installations::InstallationView {
    let tenant = w.tenant("ada@example.com").await;
    let version = w.bundled(&manifest("neustream/judge", "1.0.0", "moderation", ""), None).await;
    w.installed(tenant, &version, None).await
}

#[tokio::test]
async fn what_an_installation_did_is_kept_by_day() {
    on_both(async |w| {
        let made = installed(&w).await;
        w.happen(&made, 10, 1).await;
        w.happen(&made, 5, 0).await;
        w.pass(Duration::from_hours(24));
        w.happen(&made, 1, 0).await;
        let report = w.installations.activity(made.row.tenant_id, made.id(), UnixMillis(0)).await.unwrap();
        let days: Vec<_> = report.days.iter().map(|day| (day.activity.calls, day.activity.faults)).collect();
        assert_eq!(days, [(1, 0), (15, 1)]);
        assert_eq!(report.days[0].day.0 - report.days[1].day.0, 24 * 60 * 60 * 1000);
        let eve = w.tenant("eve@example.com").await;
        assert!(w.installations.activity(eve, made.id(), UnixMillis(0)).await.is_err());
        assert!(w.installations.log(eve, made.id()).await.is_err());
        assert!(w.installations.follow_log(eve, made.id()).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_written_waits_and_is_not_lost() {
    let w = World::of(neustream_store::testing::TestStore::sqlite().await).await;
    let made = installed(&w).await;
    let activity = Activity { calls: 3, ..Activity::default() };
    w.t.execute("ALTER TABLE installation_activity RENAME TO away").await;
    for _ in 0..2 {
        w.platform.happen(made.row.tenant_id, made.id(), activity.clone());
        assert!(w.installations.flush(w.now()).await.is_err());
    }
    w.t.execute("ALTER TABLE away RENAME TO installation_activity").await;
    w.installations.flush(w.now()).await.unwrap();
    let report = w.installations.activity(made.row.tenant_id, made.id(), UnixMillis(0)).await.unwrap();
    assert_eq!(report.days[0].activity.calls, 6);
}

#[tokio::test]
async fn the_last_figures_are_kept_when_the_host_stops() {
    on_both(async |w| {
        let made = installed(&w).await;
        let stop = CancellationToken::new();
        stop.cancel();
        w.platform.happen(made.row.tenant_id, made.id(), Activity { calls: 7, ..Activity::default() });
        w.installations.run(stop).await;
        let report = w.installations.activity(made.row.tenant_id, made.id(), UnixMillis(0)).await.unwrap();
        assert_eq!(report.days[0].activity.calls, 7);
    })
    .await;
}

#[tokio::test]
async fn a_log_is_read_and_followed() {
    on_both(async |w| {
        use futures_util::StreamExt as _;
        let made = installed(&w).await;
        let line = |number| LogLine {
            number,
            at: w.now(),
            level: "info".to_owned(),
            text: format!("line {number}"),
        };
        w.platform.write(made.id(), line(1));
        let mut follow = w.installations.follow_log(made.row.tenant_id, made.id()).await.unwrap();
        w.platform.write(made.id(), line(2));
        assert_eq!(follow.next().await, Some(line(2)));
        let kept = w.installations.log(made.row.tenant_id, made.id()).await.unwrap();
        assert_eq!(kept, [line(1), line(2)]);
    })
    .await;
}
