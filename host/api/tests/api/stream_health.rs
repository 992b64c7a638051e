//! Figures of what runs, now and of late, and trying a destination again.

use axum::http::StatusCode;
use neustream_api::ApiSettings;
use neustream_model::{
    DestinationSample, DestinationState, HealthEvent, HealthSample, HealthState, Reason, StreamState,
    UnixMillis,
};
use serde_json::json;

use crate::kit::{TestApi, on_both, tenant_of, text};
use crate::realtime::Client;

const AT: UnixMillis = UnixMillis(1_800_000_000_000);

fn sample(viewers: u64) -> HealthSample {
    HealthSample {
        at: AT,
        bitrate_in_bps: 2_500_000,
        frame_rate: Some(29.9),
        viewers,
        destinations: Vec::new(),
    }
}

#[tokio::test]
async fn a_source_shows_how_it_was_doing_also_after_it_ended() {
    on_both(async |api| {
        let ada = api.account("ada@example.com").await;
        let source = api.source(&ada).await;
        let destination = api.destination(&ada, &source).await;
        let path = format!("/api/streams/{}/health", text(&source["id"]));
        assert_eq!(api.get(&ada, &path).await.json(), json!({ "samples": [], "events": [] }));

        let session = api.live.run(&source, &tenant_of(&api, &ada), Some(&destination));
        let id = session.destinations[0].id;
        let taken = DestinationSample { id, bitrate_out_bps: 2_400_000, dropped_frames: 3 };
        api.live.measure(&session, HealthSample { destinations: vec![taken], ..sample(7) }, true);
        let live = HealthState::Stream(StreamState::Live);
        api.live.note(&session, HealthEvent { at: AT, state: live, reason: None });
        let retrying = HealthState::Destination(id, DestinationState::Retrying);
        let reason = Some(Reason::new("rejected", "the key is wrong"));
        api.live.note(&session, HealthEvent { at: AT, state: retrying, reason });
        api.live.end_quietly(session.source_id);

        let at = "2027-01-15T08:00:00Z";
        assert_eq!(
            api.get(&ada, &path).await.json(),
            json!({
                "samples": [{
                    "at": at, "bitrate_in_bps": 2_500_000, "frame_rate": 29.9, "viewers": 7,
                    "destinations": [
                        { "id": destination["id"], "bitrate_out_bps": 2_400_000, "dropped_frames": 3 },
                    ],
                }],
                "events": [
                    { "at": at, "destination_id": null, "state": "live", "reason": null },
                    {
                        "at": at, "destination_id": destination["id"], "state": "retrying",
                        "reason": { "code": "rejected", "message": "the key is wrong" },
                    },
                ],
            })
        );
        let eve = api.account("eve@example.com").await;
        api.get(&eve, &path).await.is_error(StatusCode::NOT_FOUND, "NOT_FOUND");
    })
    .await;
}

#[tokio::test]
async fn the_organisation_hears_figures_and_viewers_hear_how_many_they_are() {
    let api = TestApi::on_sqlite(ApiSettings::default()).await;
    let ada = api.account("ada@example.com").await;
    let source = api.source(&ada).await;
    let session = api.live.run(&source, &tenant_of(&api, &ada), None);
    let mut client = Client::of(&api, &ada).await;
    let mut viewer = Client::connect(&api, &json!({})).await.unwrap();
    let (_, before) = viewer.emit("join-stream", source["playback_id"].clone()).await;
    let told = json!({ "playback_id": source["playback_id"], "viewers": 7 });
    assert_eq!(before.last().unwrap(), &("viewer.count.update".to_owned(), told), "joining tells the number");

    api.live.measure(&session, sample(7), false);
    api.live.measure(&session, sample(8), true);
    for viewers in [7, 8] {
        let (name, body) = client.next_event().await;
        assert_eq!(name, "stream.health");
        assert_eq!(body["source_id"], source["id"]);
        assert_eq!(body["playback_id"], source["playback_id"]);
        assert_eq!(body["sample"]["viewers"], viewers);
        assert_eq!(body["sample"]["frame_rate"], 29.9);
    }
    let count = json!({ "source_id": source["id"], "playback_id": source["playback_id"], "viewers": 8 });
    assert_eq!(client.next_event().await, ("viewer.count.update".to_owned(), count));
    // Of the source's figures and id a viewer hears nothing.
    let count = json!({ "playback_id": source["playback_id"], "viewers": 8 });
    assert_eq!(viewer.next_event().await, ("viewer.count.update".to_owned(), count));
}

#[tokio::test]
async fn a_destination_is_tried_again_while_its_source_runs() {
    on_both(async |api| {
        let ada = api.account("ada@example.com").await;
        let source = api.source(&ada).await;
        let destination = api.destination(&ada, &source).await;
        let path = format!("/api/sources/destinations/{}/retry", text(&destination["id"]));
        api.post(&ada, &path, &json!({})).await.is_error(StatusCode::CONFLICT, "NOT_LIVE");
        api.live.run(&source, &tenant_of(&api, &ada), Some(&destination));
        api.live.told();
        assert_eq!(api.post(&ada, &path, &json!({})).await.status, StatusCode::NO_CONTENT);
        assert_eq!(api.live.told(), [format!("retried {}", text(&source["id"]))]);
    })
    .await;
}
