//! Reading answers: of a request in a call ([`Response`]), of a chat connector's poll or request.

use serde::de::DeserializeOwned;

use crate::{Error, Problem, Response, chat, json, time};

/// What both kinds of answers have. `$path` names the type in the examples.
macro_rules! answers {
    ($type:ty, $path:literal) => {
        impl $type {
            /// The value of a header, by its name in any case.
            ///
            /// ```
            #[doc = concat!("use ", $path, ";")]
            ///
            /// let headers = vec![("etag".to_owned(), "\"7\"".to_owned())];
            /// let response = Response { status: 200, headers, body: Vec::new() };
            /// assert_eq!(response.header("ETag"), Some("\"7\""));
            /// ```
            pub fn header(&self, name: &str) -> Option<&str> {
                let field = self.headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
                field.map(|(_, value)| value.as_str())
            }

            /// Whether the status is 200 to 299.
            ///
            /// ```
            #[doc = concat!("use ", $path, ";")]
            ///
            /// let response = Response { status: 204, headers: Vec::new(), body: Vec::new() };
            /// assert!(response.is_success());
            /// ```
            pub fn is_success(&self) -> bool {
                (200..300).contains(&self.status)
            }

            #[doc = concat!("The answer, if it is a success; otherwise [`error_of_status`](Self::error_of_status).")]
            ///
            /// ```
            #[doc = concat!("use ", $path, ";")]
            /// use neustream_plugin::Error;
            ///
            /// let response = Response { status: 401, headers: Vec::new(), body: Vec::new() };
            /// assert!(matches!(response.success("Example"), Err(Error::Unauthorized(_))));
            /// ```
            pub fn success(self, platform: &str) -> Result<Self, Error> {
                if self.is_success() { Ok(self) } else { Err(self.error_of_status(platform)) }
            }

            /// What an answer of `platform` that is no success means. `platform` is its name for people.
            ///
            /// | Status | Error |
            /// |---|---|
            /// | 401, 403 | [`Error::Unauthorized`], code `unauthorized` |
            /// | 429 | [`Error::RateLimited`], code `rate-limited`, with `Retry-After` |
            /// | 408, 5xx and what is no error | [`Error::Unavailable`], code `platform-error`, with `Retry-After` |
            /// | another 4xx | [`Error::Other`], code `refused` |
            ///
            /// ```
            #[doc = concat!("use ", $path, ";")]
            ///
            /// let headers = vec![("retry-after".to_owned(), "30".to_owned())];
            /// let response = Response { status: 429, headers, body: Vec::new() };
            /// let error = response.error_of_status("Example");
            /// assert_eq!(error.code(), "rate-limited");
            /// assert_eq!(error.problem().retry_after_ms, Some(30_000));
            /// ```
            pub fn error_of_status(&self, platform: &str) -> Error {
                error_of_status(platform, self.status, self.retry_after_ms())
            }

            /// The body as JSON. The error never repeats it.
            ///
            /// ```
            #[doc = concat!("use ", $path, ";")]
            /// use serde::Deserialize;
            ///
            /// #[derive(Deserialize)]
            /// struct Viewers {
            ///     count: u64,
            /// }
            ///
            /// let body = br#"{"count": 12}"#.to_vec();
            /// let response = Response { status: 200, headers: Vec::new(), body };
            /// let viewers: Viewers = response.json()?;
            /// assert_eq!(viewers.count, 12);
            /// # Ok::<(), neustream_plugin::Error>(())
            /// ```
            pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
                json::from(&self.body)
            }

            /// `Retry-After` (RFC 9110, 10.2.3), in milliseconds: seconds, or a date, which is compared with the
            /// answer's own `Date`, so that nobody's clock matters.
            ///
            /// ```
            #[doc = concat!("use ", $path, ";")]
            ///
            /// let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
            /// let headers = vec![
            ///     header("date", "Fri, 20 Nov 2026 08:00:00 GMT"),
            ///     header("retry-after", "Fri, 20 Nov 2026 08:00:30 GMT"),
            /// ];
            /// let response = Response { status: 503, headers, body: Vec::new() };
            /// assert_eq!(response.retry_after_ms(), Some(30_000));
            /// ```
            pub fn retry_after_ms(&self) -> Option<u32> {
                retry_after_ms(self.header("retry-after")?, self.header("date"))
            }
        }
    };
}

answers!(Response, "neustream_plugin::Response");
answers!(chat::Response, "neustream_plugin::chat::Response");

fn error_of_status(platform: &str, status: u16, retry_after_ms: Option<u32>) -> Error {
    let answered = format!("{platform} answered {status}.");
    match status {
        401 | 403 => Error::Unauthorized(Problem::new("unauthorized", answered)),
        429 => {
            let message = format!("{platform} asks for patience.");
            Error::RateLimited(Problem::new("rate-limited", message).after_ms(retry_after_ms))
        }
        408 => Error::Unavailable(Problem::new("platform-error", answered).after_ms(retry_after_ms)),
        400..500 => Error::Other(Problem::new("refused", answered)),
        _ => Error::Unavailable(Problem::new("platform-error", answered).after_ms(retry_after_ms)),
    }
}

fn retry_after_ms(value: &str, date: Option<&str>) -> Option<u32> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<u32>() {
        return seconds.checked_mul(1000);
    }
    let (then, now) = (time::of_http_date(value)?, time::of_http_date(date?)?);
    u32::try_from(then.saturating_sub(now)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_read_in_seconds_and_as_a_date() {
        let now = Some("Fri, 20 Nov 2026 08:00:00 GMT");
        for (value, date, expected) in [
            ("30", None, Some(30_000)),
            (" 0 ", None, Some(0)),
            ("4294967295", None, None),
            ("-1", None, None),
            ("soon", now, None),
            ("Fri, 20 Nov 2026 08:01:00 GMT", now, Some(60_000)),
            ("Fri, 20 Nov 2026 07:00:00 GMT", now, Some(0)),
            ("Fri, 20 Nov 2026 08:01:00 GMT", None, None),
            ("Wed, 20 Nov 2126 08:01:00 GMT", now, None),
        ] {
            assert_eq!(retry_after_ms(value, date), expected, "{value}");
        }
    }

    #[test]
    fn a_status_tells_who_is_to_act() {
        for (status, code) in [
            (301, "platform-error"),
            (400, "refused"),
            (401, "unauthorized"),
            (403, "unauthorized"),
            (404, "refused"),
            (408, "platform-error"),
            (429, "rate-limited"),
            (500, "platform-error"),
            (503, "platform-error"),
        ] {
            let error = error_of_status("Example", status, None);
            assert_eq!(error.code(), code, "{status}");
            assert!(error.problem().message.starts_with("Example "), "{status}");
        }
    }
}
