//! Counts in Redis, which several nodes share.
//!
//! The same fixed windows as in `limiter`, one Redis key a window; a script takes
//! of all windows or of none, so that nodes that ask at the same moment never
//! let one request too many through. Redis is asked for at most
//! [`PATIENCE`]; when it does not answer, it is left alone for [`PAUSE`] and the
//! caller counts by itself.

use std::fmt;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, RedisResult, Script, ScriptInvocation};

use crate::Allowance;
use crate::limiter::Taken;

/// The longest that a request waits for Redis.
const PATIENCE: Duration = Duration::from_millis(250);
/// How long Redis is left alone after it did not answer.
const PAUSE: Duration = Duration::from_secs(1);
/// Every key begins so, so that Redis may serve others too.
const PREFIX: &str = "neustream:rate";

/// KEYS: one a window. ARGV: count and length in milliseconds of each. Answers whether one was taken, then for each
/// window how many are and how many milliseconds it lasts.
const TAKE: &str = r"
local stand, is_admitted = {}, 1
for i, key in ipairs(KEYS) do
    local taken, left = tonumber(redis.call('GET', key) or '0'), redis.call('PTTL', key)
    if left <= 0 then taken, left = 0, tonumber(ARGV[2 * i]) end
    if taken >= tonumber(ARGV[2 * i - 1]) then is_admitted = 0 end
    stand[2 * i - 1], stand[2 * i] = taken, left
end
if is_admitted == 1 then
    for i, key in ipairs(KEYS) do
        stand[2 * i - 1] = stand[2 * i - 1] + 1
        redis.call('SET', key, stand[2 * i - 1], 'PX', stand[2 * i])
    end
end
table.insert(stand, 1, is_admitted)
return stand
";

const GIVE_BACK: &str = r"
for _, key in ipairs(KEYS) do
    if tonumber(redis.call('GET', key) or '0') > 0 then redis.call('DECR', key) end
end
return {}
";

/// `redis://` or `rediss://` (TLS) URL of a Redis, checked. Prints no password.
#[derive(Clone)]
pub struct RedisUrl(Client);

/// The text is not a URL of a Redis. Does not repeat the text, which may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a Redis URL such as redis://[user:password@]host[:6379][/database], or rediss:// for TLS")]
pub struct RedisUrlMalformed;

impl RedisUrl {
    /// Whether Redis answers there, within two seconds.
    ///
    /// # Errors
    /// What is wrong, for an operator.
    pub async fn ping(&self) -> Result<(), String> {
        let ask = async {
            let mut connection = self.0.get_multiplexed_async_connection().await?;
            redis::cmd("PING").query_async::<()>(&mut connection).await
        };
        match tokio::time::timeout(Duration::from_secs(2), ask).await {
            Ok(answer) => answer.map_err(|error| error.to_string()),
            Err(_) => Err("no answer within 2 seconds".to_owned()),
        }
    }
}

impl FromStr for RedisUrl {
    type Err = RedisUrlMalformed;

    fn from_str(text: &str) -> Result<Self, RedisUrlMalformed> {
        let is_over_network = text.starts_with("redis://") || text.starts_with("rediss://");
        is_over_network.then(|| Client::open(text).ok()).flatten().map(Self).ok_or(RedisUrlMalformed)
    }
}

impl fmt::Debug for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RedisUrl({})", self.0.get_connection_info().addr())
    }
}

/// The counts of all nodes.
pub(crate) struct SharedCounts {
    /// `None` where no connection can even be planned; then every node counts for itself.
    connection: Option<ConnectionManager>,
    take: Script,
    give_back: Script,
    left_alone_until: Mutex<Option<Instant>>,
}

impl SharedCounts {
    /// Connects with the first request. Must be called within a tokio runtime.
    pub fn new(url: &RedisUrl) -> Self {
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(PAUSE))
            .set_response_timeout(Some(PATIENCE))
            .set_number_of_retries(0);
        let connection = ConnectionManager::new_lazy_with_config(url.0.clone(), config).inspect_err(
            |error| tracing::error!(%error, "Redis cannot be used; every node counts for itself"),
        );
        Self {
            connection: connection.ok(),
            take: Script::new(TAKE),
            give_back: Script::new(GIVE_BACK),
            left_alone_until: Mutex::default(),
        }
    }

    /// Takes one; `None` when Redis does not answer.
    pub async fn take(&self, scope: &str, subject: &str, allowances: &[Allowance]) -> Option<Taken> {
        let mut call = self.take.prepare_invoke();
        for allowance in allowances {
            let window_ms = u64::try_from(allowance.window.as_millis()).unwrap_or(u64::MAX).max(1);
            call.key(key(scope, subject, *allowance)).arg(allowance.count).arg(window_ms);
        }
        let answer = self.ask(&call).await?;
        let (is_admitted, stand) = answer.split_first()?;
        let windows = allowances.iter().zip(stand.chunks_exact(2)).map(|(allowance, pair)| {
            let taken = u32::try_from(pair[0]).unwrap_or(u32::MAX);
            (*allowance, taken, Duration::from_millis(u64::try_from(pair[1]).unwrap_or(0)))
        });
        Taken::of(*is_admitted == 1, windows)
    }

    /// Gives one back, if Redis answers.
    pub async fn give_back(&self, scope: &str, subject: &str, allowances: &[Allowance]) {
        let mut call = self.give_back.prepare_invoke();
        for allowance in allowances {
            call.key(key(scope, subject, *allowance));
        }
        self.ask(&call).await;
    }

    async fn ask(&self, call: &ScriptInvocation<'_>) -> Option<Vec<i64>> {
        let mut connection = self.connection.clone()?;
        if self.is_left_alone(Instant::now()) {
            return None;
        }
        let answer = tokio::time::timeout(PATIENCE, call.invoke_async(&mut connection)).await;
        self.heard(answer.ok())
    }

    fn is_left_alone(&self, now: Instant) -> bool {
        let until = self.left_alone_until.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| now < until)
    }

    /// Notes what came of a question; says so once when Redis goes and once when it is back.
    fn heard(&self, answer: Option<RedisResult<Vec<i64>>>) -> Option<Vec<i64>> {
        let mut until = self.left_alone_until.lock().unwrap_or_else(PoisonError::into_inner);
        match answer {
            Some(Ok(stand)) => {
                if until.take().is_some() {
                    tracing::info!("Redis answers again; rate limits count for all nodes together");
                }
                return Some(stand);
            }
            Some(Err(error)) if until.is_none() => {
                tracing::warn!(%error, "Redis failed; rate limits count on this node alone");
            }
            None if until.is_none() => {
                tracing::warn!("Redis does not answer; rate limits count on this node alone");
            }
            _ => {}
        }
        *until = Some(Instant::now() + PAUSE);
        None
    }
}

/// The subject in braces keeps the windows of one subject on one node of a Redis cluster.
fn key(scope: &str, subject: &str, allowance: Allowance) -> String {
    format!("{PREFIX}:{scope}:{{{subject}}}:{}", allowance.window.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redis_url_is_checked_and_its_password_not_printed() {
        let url: RedisUrl = "redis://user:secret@redis.example.com:6380/2".parse().unwrap();
        assert_eq!(format!("{url:?}"), "RedisUrl(redis.example.com:6380)");
        assert!("rediss://redis.example.com".parse::<RedisUrl>().is_ok());
        for text in
            ["", "redis.example.com", "http://redis.example.com", "redis://", "unix:///run/redis.sock"]
        {
            assert!(text.parse::<RedisUrl>().is_err(), "{text}");
        }
    }
}
