//! The requests of the architecture document's section "API Documentation", replayed as they stand there, and the shapes
//! of their answers.
//!
//! Only what an example cannot know is filled in: ids, tokens and addresses. Where a resolution changed the API, the
//! example says which and what holds instead. Ids are UUIDs everywhere (the document's are small integers), and
//! addresses and keys are this host's.

use neustream_tests::kit::api::{Account, Source, post};
use neustream_tests::kit::http::{self, Answer};
use neustream_tests::kit::publisher::Encoding;
use neustream_tests::kit::server::{Server, Settings};
use neustream_tests::kit::studio::Studio;
use neustream_tests::kit::{Context, Result, bail, ensure};
use serde_json::{Value, json};

/// An answer's field differs from the document's, and why.
type Change = (&'static str, &'static str);

const KEY_SHOWN_ONCE: &str = "resolution 10: stream keys are stored hashed and shown once";
const KEY_NEVER_SHOWN: &str = "resolution 10: destination keys are sealed and never leave through the API";
const UUIDS: &str = "ids are UUIDs";

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_opened_and_signed_in_to() -> Result<()> {
    let server = Server::start().await?;
    let registered = post(
        server.http(),
        "/api/auth/register",
        &json!({
            "email": "user@example.com",
            "password": "password123",
            "display_name": "John Doe"
        }),
    )
    .await?;
    let signed_in = json!({
        "user": { "id": 1, "email": "user@example.com", "display_name": "John Doe" },
        "token": "jwt_token_here"
    });
    expect(&registered, 201, &signed_in, &[("user.id", UUIDS)])?;
    assert_eq!(registered.json()?["user"]["email"], "user@example.com");

    let credentials = json!({ "email": "user@example.com", "password": "password123" });
    let logged_in = post(server.http(), "/api/auth/login", &credentials).await?;
    expect(&logged_in, 200, &signed_in, &[("user.id", UUIDS)])
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_are_verified_and_forgotten_passwords_asked_for_without_telling_who_has_an_account()
-> Result<()> {
    let server = Server::start().await?;
    let account = Account::register_as(server.http(), "user@example.com").await?;
    let wrong = json!({ "email": "user@example.com", "verification_code": "123456" });
    let answer = post(server.http(), "/api/auth/verify-email", &wrong).await?;
    ensure!(answer.status != 404, "{}", answer.text());
    expect_error(&answer, answer.status, "CODE_REFUSED")?;
    for email in [account.email.as_str(), "nobody@example.com"] {
        let answer = post(server.http(), "/api/auth/forgot-password", &json!({ "email": email })).await?;
        ensure!((200..300).contains(&answer.status), "{email}: {} {}", answer.status, answer.text());
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_are_told_started_and_ended() -> Result<()> {
    let studio = Studio::open().await?;
    let (account, source) = (&studio.account, &studio.source);
    account.destination(source, &youtube()).await?;
    let told = account.send("GET", "/api/streams/info", None).await?;
    let streams = json!({
        "streams": [{
            "id": 1,
            "uuid": "source-uuid",
            "name": "Main Stream",
            "description": "My primary stream",
            "stream_key": "sk_abc123",
            "is_active": false,
            "destinations": [{
                "id": 1,
                "platform": "youtube",
                "rtmp_url": "rtmp://a.rtmp.youtube.com/live2/",
                "stream_key": "yt_stream_key",
                "is_active": true
            }],
            "usage": { "hours_streamed_today": 2.5, "hours_streamed_month": 15.0, "hours_limit": 200 }
        }]
    });
    let changes = [
        ("streams.id", UUIDS),
        ("streams.stream_key", KEY_SHOWN_ONCE),
        ("streams.destinations.id", UUIDS),
        ("streams.destinations.stream_key", KEY_NEVER_SHOWN),
        ("streams.usage.hours_limit", "resolution 2: unlimited is null, and self-hosters' plan is unlimited"),
    ];
    expect(&told, 200, &streams, &changes)?;

    let path = format!("/api/streams/active/{}", source.id);
    let starting = account.send("POST", &path, None).await?;
    let wanted = json!({
        "status": "starting",
        "stream_key": "sk_abc123",
        "rtmp_url": "rtmp://stream.neustream.app:1935/live",
        "preview_url": "https://stream.neustream.app:8888/sk_abc123/index.m3u8"
    });
    expect(&starting, 200, &wanted, &[("stream_key", KEY_SHOWN_ONCE)])?;
    let starting = starting.json()?;
    assert_eq!(starting["status"], "starting");
    // Resolution 10: playback goes by a public id, never by the stream key.
    let preview = starting["preview_url"].as_str().context("a preview's address")?;
    ensure!(preview.contains(&source.playback_id) && preview.ends_with("index.m3u8"), "{preview}");

    let publisher = studio.publish_live(&Encoding::default()).await?;
    let active = account.send("POST", &path, None).await?.json()?;
    assert_eq!(active["status"], "live");
    let ended = account.send("DELETE", &path, None).await?;
    expect(&ended, 200, &json!({ "status": "offline", "duration_minutes": 120 }), &[])?;
    drop(publisher);

    // Resolution 11: what the media server asked for over HTTP is part of the host.
    let forwarding = format!("/api/streams/forwarding/{}", source.stream_key);
    expect_error(&account.send("GET", &forwarding, None).await?, 404, "NOT_FOUND")?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn sources_and_destinations_are_made_changed_and_removed() -> Result<()> {
    let server = Server::start().await?;
    let account = server.account().await?;
    let body = json!({ "name": "Gaming Stream", "description": "My gaming content" });
    let created = account.send("POST", "/api/sources", Some(&body)).await?;
    let mut source = json!({
        "id": 2,
        "uuid": "source-uuid-2",
        "name": "Gaming Stream",
        "description": "My gaming content",
        "stream_key": "sk_def456",
        "is_active": false,
        "created_at": "2024-01-15T11:00:00Z"
    });
    let limits =
        json!({ "sources_remaining": 0, "destinations_remaining": 8, "streaming_hours_remaining": 185 });
    let wanted = json!({ "source": source, "limits": limits });
    let unlimited = "resolution 2: unlimited is null, and self-hosters' plan is unlimited";
    let changes = [
        ("source.id", UUIDS),
        ("limits.sources_remaining", unlimited),
        ("limits.destinations_remaining", unlimited),
        ("limits.streaming_hours_remaining", unlimited),
    ];
    expect(&created, 201, &wanted, &changes)?;
    let made: Source = serde_json::from_value(created.json()?["source"].clone())?;

    source["destinations_count"] = json!(2);
    source["chat_connectors_count"] = json!(1);
    let listed = account.send("GET", "/api/sources", None).await?;
    let changes = [("sources.id", UUIDS), ("sources.stream_key", KEY_SHOWN_ONCE)];
    expect(&listed, 200, &json!({ "sources": [source] }), &changes)?;

    let path = format!("/api/sources/{}", made.id);
    let body = json!({ "name": "Updated Name", "description": "Updated description" });
    let updated = account.send("PUT", &path, Some(&body)).await?;
    assert_eq!((updated.status, &updated.json()?["source"]["name"]), (200, &json!("Updated Name")));

    let destinations = format!("{path}/destinations");
    let added = account.send("POST", &destinations, Some(&youtube())).await?;
    let destination = json!({
        "id": 3,
        "platform": "youtube",
        "rtmp_url": "rtmp://a.rtmp.youtube.com/live2/",
        "stream_key": "your_youtube_stream_key",
        "is_active": true,
        "created_at": "2024-01-15T12:00:00Z"
    });
    let changes = [("destination.id", UUIDS), ("destination.stream_key", KEY_NEVER_SHOWN)];
    expect(&added, 201, &json!({ "destination": destination }), &changes)?;
    let listed = account.send("GET", &destinations, None).await?;
    let changes = [("destinations.id", UUIDS), ("destinations.stream_key", KEY_NEVER_SHOWN)];
    expect(&listed, 200, &json!({ "destinations": [destination] }), &changes)?;

    let id = added.json()?["destination"]["id"].as_str().context("an id")?.to_owned();
    let removed = account.send("DELETE", &format!("/api/sources/destinations/{id}"), None).await?;
    assert_eq!(removed.status, 204);
    assert_eq!(account.send("DELETE", &path, None).await?.status, 204);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn plans_and_what_is_left_of_them_are_told() -> Result<()> {
    let server = Settings::new()?.with("NEUSTREAM_DEFAULT_PLAN", "pro").start().await?;
    let account = server.account().await?;
    let told = http::get(server.http(), "/api/subscriptions/plans").await?;
    let plan = json!({
        "id": 1,
        "name": "Free",
        "description": "Get started with streaming",
        "price_monthly": 0,
        "price_yearly": 0,
        "price_monthly_inr": 0,
        "price_yearly_inr": 0,
        "max_sources": 1,
        "max_destinations": 3,
        "max_streaming_hours_monthly": 50,
        "features": []
    });
    let changes = [
        ("plans.id", "a plan's id is its word"),
        ("plans.max_destinations", "resolution 2: unlimited is null, as on Business"),
    ];
    expect(&told, 200, &json!({ "plans": [plan] }), &changes)?;
    let plans = told.json()?;
    let named = |name: &str| {
        let found =
            plans["plans"].as_array().and_then(|plans| plans.iter().find(|plan| plan["name"] == name));
        found.with_context(|| format!("{name} in {plans}"))
    };
    // Resolution 1: document 1's prices and limits.
    let figures = |plan: &Value| {
        let names = ["price_monthly", "price_yearly", "price_monthly_inr", "price_yearly_inr", "max_sources"];
        let more = ["max_destinations", "max_streaming_hours_monthly"];
        names.iter().chain(&more).map(|name| plan[name].as_f64()).collect::<Vec<_>>()
    };
    let some = |figures: [f64; 7]| figures.map(Some).to_vec();
    assert_eq!(figures(named("Free")?), some([0.0, 0.0, 0.0, 0.0, 1.0, 3.0, 50.0]));
    assert_eq!(figures(named("Pro")?), some([9.99, 99.99, 799.0, 7999.0, 3.0, 10.0, 200.0]));

    let mine = account.send("GET", "/api/subscriptions/my-subscription", None).await?;
    let wanted = json!({
        "subscription": {
            "id": 1,
            "plan": {
                "name": "Pro",
                "max_sources": 3,
                "max_destinations": 10,
                "max_streaming_hours_monthly": 200
            },
            "status": "active",
            "billing_cycle": "monthly",
            "current_period_start": "2024-01-01T00:00:00Z",
            "current_period_end": "2024-02-01T00:00:00Z",
            "cancel_at_period_end": false
        },
        "usage": { "sources_used": 2, "destinations_used": 6, "streaming_hours_used": 45.5 }
    });
    let default = "null on the plan that everybody has who subscribed to none";
    expect(&mine, 200, &wanted, &[("subscription.id", default)])?;
    assert_eq!(mine.json()?["subscription"]["plan"]["name"], "Pro");

    for _ in 0..2 {
        account.source("A source").await?;
    }
    let check = json!({ "operation": "create_source" });
    let answer = account.send("POST", "/api/subscriptions/check-limits", Some(&check)).await?;
    let wanted = json!({
        "allowed": true,
        "limits": { "max_sources": 3, "current_sources": 2, "sources_remaining": 1 }
    });
    expect(&answer, 200, &wanted, &[])?;
    assert_eq!(answer.json()?, merged(&answer.json()?, &wanted), "the document's own figures");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn chats_are_connected_and_read() -> Result<()> {
    let studio = Studio::open().await?;
    let (account, source) = (&studio.account, &studio.source);
    let body = json!({
        "source_id": source.id,
        "platform": "twitch",
        "config": { "channel": "mychannel" }
    });
    let connector = json!({
        "id": 1,
        "platform": "youtube",
        "is_active": true,
        "config": { "channel_name": "My Channel", "connected_at": "2024-01-15T13:00:00Z" }
    });
    let made = account.send("POST", "/api/chat/connectors", Some(&body)).await?;
    let changes = [("connector.id", UUIDS), ("connector.config", "the configuration is the plugin's own")];
    expect(&made, 201, &json!({ "connector": connector }), &changes)?;
    let listed = account.send("GET", &format!("/api/chat/connectors/{}", source.id), None).await?;
    let changes = [("connectors.id", UUIDS), ("connectors.config", "the configuration is the plugin's own")];
    expect(&listed, 200, &json!({ "connectors": [connector] }), &changes)?;
    assert_eq!(listed.json()?["connectors"][0]["config"]["channel"], "mychannel");

    let messages = account.send("GET", &format!("/api/chat/messages/{}?limit=50", source.id), None).await?;
    // Nobody wrote yet; the shape of a message is that of resolution 9 (tests of the API).
    assert_eq!((messages.status, &messages.json()?["messages"]), (200, &json!([])));
    let id = made.json()?["connector"]["id"].as_str().context("an id")?.to_owned();
    let removed = account.send("DELETE", &format!("/api/chat/connectors/{id}"), None).await?;
    assert_eq!(removed.status, 204);

    // Resolution 6: YouTube's chat is YouTube's own API. An account is connected by consent, not by a pasted token, so the
    // document's example is told what it may set.
    let pasted = json!({
        "source_id": source.id,
        "platform": "youtube",
        "config": { "channel_id": "UC_CHANNEL_ID", "bot_username": "mybot", "oauth_token": "oauth_token_here" }
    });
    let refused = account.send("POST", "/api/chat/connectors", Some(&pasted)).await?;
    expect_error(&refused, 422, "CONFIG_INVALID")?;
    // Every platform is connected alike: there is no route of its own for any.
    for platform in ["youtube", "twitch"] {
        let path = format!("/api/chat/{platform}/connect");
        expect_error(&account.send("POST", &path, Some(&json!({}))).await?, 404, "NOT_FOUND")?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_run_the_platform_see_it_and_set_it() -> Result<()> {
    let mut server = Server::start().await?;
    let admin = server.administrator().await?;
    let member = server.account().await?;
    member.source("A source").await?;
    let stats = json!({
        "stats": {
            "total_users": 1250,
            "active_users_today": 45,
            "total_streams": 2100,
            "active_streams": 12,
            "total_subscriptions": 340,
            "active_subscriptions": 315,
            "monthly_revenue": 25000,
            "streaming_hours_today": 125.5
        }
    });
    expect(&admin.send("GET", "/api/admin/stats", None).await?, 200, &stats, &[])?;
    let users = json!({
        "users": [{
            "id": 1,
            "email": "user@example.com",
            "display_name": "John Doe",
            "created_at": "2024-01-01T00:00:00Z",
            "subscription": { "plan_name": "Pro", "status": "active" }
        }],
        "pagination": { "page": 1, "limit": 50, "total": 1250, "total_pages": 25 }
    });
    let told = admin.send("GET", "/api/admin/users?page=1&limit=50", None).await?;
    expect(&told, 200, &users, &[("users.id", UUIDS)])?;
    // Whoever does not run the platform is told the own streams alone.
    assert_eq!(admin.send("GET", "/api/streams/active", None).await?.status, 200);
    for path in ["/api/admin/sources", "/api/admin/subscriptions"] {
        let told = admin.send("GET", path, None).await?;
        assert_eq!(told.status, 200, "{path}: {}", told.text());
        expect_error(&member.send("GET", path, None).await?, 403, "NOT_ADMINISTRATOR")?;
    }
    let settings = json!({ "maintenance_mode": false, "new_registrations_enabled": true });
    let set = admin.send("PUT", "/api/admin/settings", Some(&settings)).await?;
    ensure!((200..300).contains(&set.status), "{}", set.text());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_resolution_took_away_is_not_there() -> Result<()> {
    let studio = Studio::open().await?;
    let gone = [
        // Resolution 11: the media server's hooks disappear, ingest is part of the host.
        ("POST", "/api/mediamtx/on_stream_ready", json!({ "path": "sk_abc123", "query": "param=value" })),
        ("POST", "/api/mediamtx/on_stream_unpublish", json!({ "path": "sk_abc123" })),
        // Plans are not paid for yet; payments go through installed providers (`/api/charges`).
        ("POST", "/api/payments/create-order", json!({ "plan_id": 2, "billing_cycle": "monthly" })),
        (
            "POST",
            "/api/payments/verify",
            json!({ "order_id": "order_123456789", "payment_id": "pay_123456789", "signature": "signature_hash" }),
        ),
        ("POST", "/api/payments/webhook", json!({ "event": "payment.captured" })),
    ];
    for (method, path, body) in gone {
        expect_error(&studio.account.send(method, path, Some(&body)).await?, 404, "NOT_FOUND")
            .with_context(|| path)?;
    }
    // Resolution 10: keys are looked up by their digest, when an encoder comes. The address is a provider's now.
    let key = json!({ "stream_key": "your_stream_key" });
    let answer = studio.account.send("POST", "/api/auth/stream", Some(&key)).await?;
    expect_error(&answer, 405, "METHOD_NOT_ALLOWED")
}

fn youtube() -> Value {
    json!({
        "platform": "youtube",
        "rtmp_url": "rtmp://a.rtmp.youtube.com/live2/",
        "stream_key": "your_youtube_stream_key"
    })
}

/// Expects that an answer has every field of the document's, of the same kind, but for `changes`.
fn expect(answer: &Answer, status: u16, wanted: &Value, changes: &[Change]) -> Result<()> {
    assert_eq!(answer.status, status, "{}", answer.text());
    let told = answer.json()?;
    compare("", wanted, &told, changes).with_context(|| format!("{told:#}"))
}

fn compare(place: &str, wanted: &Value, told: &Value, changes: &[Change]) -> Result<()> {
    if changes.iter().any(|(changed, _)| *changed == place) {
        return Ok(());
    }
    let inside = |name: &str| if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") };
    match (wanted, told) {
        (Value::Object(wanted), Value::Object(told)) => wanted.iter().try_for_each(|(name, wanted)| {
            let place = inside(name);
            let is_changed = changes.iter().any(|(changed, _)| *changed == place);
            match told.get(name) {
                Some(told) => compare(&place, wanted, told, changes),
                None if is_changed => Ok(()),
                None => bail!("there is no {place}"),
            }
        }),
        (Value::Array(wanted), Value::Array(told)) => match (wanted.first(), told.first()) {
            (Some(wanted), Some(_)) => told.iter().try_for_each(|told| compare(place, wanted, told, changes)),
            (None, _) => Ok(()),
            (Some(_), None) => bail!("{place} is empty"),
        },
        _ => {
            let is_alike = std::mem::discriminant(wanted) == std::mem::discriminant(told);
            ensure!(is_alike, "{place} is {told}, the document has {wanted}");
            Ok(())
        }
    }
}

fn expect_error(answer: &Answer, status: u16, code: &str) -> Result<()> {
    let told = answer.json().with_context(|| answer.text())?;
    ensure!(answer.status == status && told["code"] == code, "{}: {told}", answer.status);
    let shape = json!({ "error": "Error message", "code": "ERROR_CODE" });
    compare("", &shape, &told, &[])?;
    ensure!(told.get("details").is_some(), "{told}");
    Ok(())
}

/// `told` with what `wanted` has.
fn merged(told: &Value, wanted: &Value) -> Value {
    match (told, wanted) {
        (Value::Object(told), Value::Object(wanted)) => {
            let mut whole = told.clone();
            for (name, wanted) in wanted {
                let told = whole.get(name).cloned().unwrap_or_default();
                whole.insert(name.clone(), merged(&told, wanted));
            }
            Value::Object(whole)
        }
        _ => wanted.clone(),
    }
}
