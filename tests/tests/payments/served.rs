//! The real binary: a tenant installs Razorpay by API and takes a payment.

use std::time::Duration;

use neustream_tests::kit::api::Account;
use neustream_tests::kit::http;
use neustream_tests::kit::oauth::HttpsSite;
use neustream_tests::kit::payments::{Delivery, Fault, RazorpaySite};
use neustream_tests::kit::server::{Server, Settings};
use neustream_tests::kit::stand_in::Platforms;
use neustream_tests::kit::wait::until;
use neustream_tests::kit::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::world::{RAZORPAY_KEY_ID, RAZORPAY_SECRET, WEBHOOK_SECRET};

/// A server that reaches the stand-in, an account, and its installation of Razorpay.
struct Shop {
    server: Server,
    account: Account,
    installation: String,
    razorpay: HttpsSite<RazorpaySite>,
    _platforms: Platforms,
}

impl Shop {
    async fn new() -> Result<Self> {
        let mut platforms = Platforms::new()?;
        let site = RazorpaySite::new(RAZORPAY_KEY_ID, RAZORPAY_SECRET, WEBHOOK_SECRET);
        let razorpay = platforms.https(site).await?;
        let server = platforms.lead(Settings::new()?).start().await?;
        let account = server.account().await?;
        let plugin = account.ask("GET", "/api/plugins/neustream/razorpay", None).await?;
        let permissions = plugin["plugin"]["permissions"].as_array().context("permissions")?;
        let keys = permissions.iter().filter_map(|permission| permission["keys"].as_array().cloned());
        let body = json!({
            "plugin": "neustream/razorpay",
            "grant": keys.flatten().collect::<Vec<_>>(),
            "config": { "key_id": RAZORPAY_KEY_ID },
            "secrets": { "key-secret": RAZORPAY_SECRET, "webhook-secret": WEBHOOK_SECRET },
        });
        let installed = account.ask("POST", "/api/installations", Some(&body)).await?;
        let id = installed["installation"]["id"].as_str().context("an installation")?.to_owned();
        Ok(Self { server, account, installation: id, razorpay, _platforms: platforms })
    }

    async fn start(&self) -> Result<Value> {
        let path = format!("/api/installations/{}/charges", self.installation);
        Ok(self.account.ask("POST", &path, Some(&order())).await?["charge"].clone())
    }

    /// The charge of this key.
    async fn charge(&self, key: &str) -> Result<Value> {
        Ok(self.account.ask("GET", &format!("/api/charges/{key}"), None).await?["charge"].clone())
    }

    /// Sends a webhook to the installation's URL; gives the status.
    async fn deliver(&self, delivery: &Delivery) -> Result<u16> {
        let hooks =
            self.account.ask("GET", &format!("/api/installations/{}/hooks", self.installation), None).await?;
        let url = hooks["hooks"][0]["url"].as_str().context("a webhook URL")?;
        let path = url.find("/hooks/").map(|at| &url[at..]).context("its path")?;
        let headers: Vec<_> =
            delivery.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        Ok(http::send(self.server.http(), "POST", path, &headers, Some(&delivery.body)).await?.status)
    }
}

fn order() -> Value {
    json!({
        "reference": "order-1001",
        "amount": { "minor": 79_900, "currency": "INR" },
        "description": "Pro, a month",
        "payer_ref": "viewer-7",
        "return_url": "https://example.com/thanks",
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_takes_a_payment_by_api_and_pays_a_part_of_it_back() -> Result<()> {
    let shop = Shop::new().await?;
    let charge = shop.start().await?;
    ensure!(charge["state"] == "action-required", "{charge}");
    let key = charge["key"].as_str().context("a key")?.to_owned();
    let order = charge["action"]["parameters"]["order_id"].as_str().context("an order")?.to_owned();
    ensure!(shop.start().await?["key"] == key.as_str(), "the same order is the same charge");

    shop.razorpay.site.pay(&order)?;
    let paid = shop.razorpay.site.deliveries().pop().context("a webhook")?;
    ensure!(shop.deliver(&paid.clone().altered()).await? == 401, "a forged webhook");
    ensure!(shop.charge(&key).await?["state"] == "action-required");
    for _ in 0..3 {
        ensure!(shop.deliver(&paid).await? == 204);
    }
    let charge = shop.charge(&key).await?;
    ensure!(charge["state"] == "settled" && charge["fee"]["minor"] == 1598, "{charge}");

    let refund = json!({ "reference": "refund-1", "amount": { "minor": 900, "currency": "INR" } });
    let refund = shop.account.ask("POST", &format!("/api/charges/{key}/refunds"), Some(&refund)).await?;
    ensure!(refund["refund"]["state"] == "settled", "{refund}");
    let much = json!({ "reference": "refund-2", "amount": { "minor": 79_001, "currency": "INR" } });
    let refused = shop.account.send("POST", &format!("/api/charges/{key}/refunds"), Some(&much)).await?;
    ensure!(refused.status == 409, "{} {}", refused.status, refused.text());
    ensure!(shop.razorpay.site.refunds().len() == 1);
    ensure!(shop.charge(&key).await?["refunded_minor"] == 900);
    Ok(())
}

/// The host waits for the lease of the one that died, which is a minute.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_while_razorpay_acts_finds_the_order_and_makes_no_other() -> Result<()> {
    let mut shop = Shop::new().await?;
    shop.razorpay.site.faults.next_write(Fault::Silent);
    let (account, path) = (shop.account.clone(), format!("/api/installations/{}/charges", shop.installation));
    let asked = tokio::spawn(async move { account.send("POST", &path, Some(&order())).await });
    let site = &shop.razorpay.site;
    let is_there = || async { Ok((site.orders().len() == 1).then_some(())) };
    until(Duration::from_secs(30), "Razorpay has the order", is_there).await?;

    shop.server = shop.server.kill_and_restart().await?;
    ensure!(asked.await?.is_err(), "the caller got no answer");
    let charges = shop.account.ask("GET", "/api/charges", None).await?;
    let charge = &charges["charges"][0];
    ensure!(
        charge["state"] == "calling" && charges["charges"].as_array().map(Vec::len) == Some(1),
        "{charges}"
    );
    let key = charge["key"].as_str().context("a key")?.to_owned();
    until(Duration::from_secs(150), "the order is found", || async {
        Ok((shop.charge(&key).await?["state"] == "action-required").then_some(()))
    })
    .await?;
    ensure!(shop.start().await?["key"] == key.as_str());
    ensure!(shop.razorpay.site.orders().len() == 1, "one order");

    let paid = shop.razorpay.site.pay(&shop.razorpay.site.orders()[0].id)?;
    let returned: serde_json::Map<_, _> =
        paid.returned.into_iter().map(|(name, value)| (name, json!(value))).collect();
    let path = format!("/api/charges/{key}/confirm");
    let confirmed = shop.account.ask("POST", &path, Some(&json!({ "returned": returned }))).await?;
    ensure!(confirmed["charge"]["state"] == "settled", "{confirmed}");
    Ok(())
}
