//! Services of others that the settings name: Redis and the mail server.

use super::Check;
use crate::addresses::Addresses;
use crate::admin::Place;
use crate::mail;

/// Whether Redis answers, where nodes share one.
pub async fn redis(place: &Place) -> Option<Check> {
    let name = "Redis";
    // A wrong URL has stopped the reading of the settings.
    let url = place.config.redis().ok().flatten()?;
    Some(match url.ping().await {
        Ok(()) => Check::ok(name, "answers"),
        Err(error) => Check::warning(
            name,
            format!("does not answer: {error}"),
            "start it, or mend `redis_url`; until then each node counts requests for itself",
        ),
    })
}

/// Whether the mail server lets this host in, where one is set.
pub async fn mail(place: &Place) -> Check {
    let name = "mail";
    let addresses = Addresses::new(&place.config, place.config.http_addr, place.config.rtmp_addr);
    match mail::probe(&place.config, &addresses).await {
        Ok(None) => Check::warning(
            name,
            "no mail server is set: links and codes go to the log, and the operator passes them on",
            "set `smtp_host`, and `smtp_username` and `smtp_password` where it asks for them",
        ),
        Ok(Some(server)) => Check::ok(name, format!("{server} lets this host in")),
        Err(error) => Check::problem(
            name,
            format!("{error:#}"),
            "mend the settings `smtp_*` and `mail_from`, or start the mail server; mail waits until then",
        ),
    }
}
