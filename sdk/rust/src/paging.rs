//! Lists that come page by page.
//!
//! ```
//! use neustream_plugin::testing::{FakeHost, answer};
//! use neustream_plugin::{Error, Host, Request, paging};
//! use serde::Deserialize;
//!
//! #[derive(Deserialize)]
//! struct Broadcasts {
//!     data: Vec<Broadcast>,
//!     next: Option<String>,
//! }
//!
//! #[derive(Deserialize)]
//! struct Broadcast {
//!     id: String,
//!     reference: String,
//! }
//!
//! /// The platform's broadcast with our reference. Pages after it are never asked for.
//! fn find(host: &impl Host, reference: &str) -> Result<Option<String>, Error> {
//!     let pages = paging::items(|cursor| {
//!         let mut request = Request::get("https://api.example/v1/broadcasts").bearer("account");
//!         if let Some(cursor) = cursor {
//!             request = request.query("after", cursor);
//!         }
//!         let page: Broadcasts = host.send(&request)?.success("Example")?.json()?;
//!         Ok(paging::Page { items: page.data, next: page.next })
//!     });
//!     for broadcast in pages {
//!         let broadcast = broadcast?;
//!         if broadcast.reference == reference {
//!             return Ok(Some(broadcast.id));
//!         }
//!     }
//!     Ok(None)
//! }
//!
//! let first = Request::get("https://api.example/v1/broadcasts").bearer("account");
//! let second = first.clone().query("after", "2");
//! let host = FakeHost::new("{}")
//!     .expect(first, answer(200, &[], r#"{"data": [{"id": "1", "reference": "a"}], "next": "2"}"#))
//!     .expect(second, answer(200, &[], r#"{"data": [{"id": "7", "reference": "b"}], "next": "3"}"#));
//! assert_eq!(find(&host, "b"), Ok(Some("7".to_owned())));
//! ```

use std::vec;

use crate::Error;

/// One page of a list.
///
/// ```
/// use neustream_plugin::paging::Page;
///
/// let last = Page { items: vec!["a", "b"], next: None };
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// What the next page is asked for with: a cursor, a page's token, a URL. None or an empty text after the last.
    pub next: Option<String>,
}

/// All items of a list, page after page, each page asked for only when it is needed. `page` asks for the first one
/// without a cursor. Ends with the first error, and with the error `paging` when a page names itself as the next.
///
/// A call may make 20 requests, so a list without an end is an error of the host's.
///
/// ```
/// use neustream_plugin::paging::{Page, items};
///
/// let numbers = items(|cursor| {
///     let page: u32 = cursor.map_or(0, |cursor| cursor.parse().unwrap());
///     Ok(Page { items: vec![page * 2, page * 2 + 1], next: (page < 2).then(|| (page + 1).to_string()) })
/// });
/// let numbers: Vec<u32> = numbers.collect::<Result<_, _>>()?;
/// assert_eq!(numbers, [0, 1, 2, 3, 4, 5]);
/// # Ok::<(), neustream_plugin::Error>(())
/// ```
pub fn items<T, F>(page: F) -> Items<T, F>
where
    F: FnMut(Option<&str>) -> Result<Page<T>, Error>,
{
    Items { page, left: Vec::new().into_iter(), next: Next::First }
}

/// The iterator of [`items`].
///
/// ```
/// use neustream_plugin::paging::{Page, items};
///
/// let mut one = items(|_| Ok(Page { items: vec![7], next: None }));
/// assert_eq!(one.next(), Some(Ok(7)));
/// assert_eq!(one.next(), None);
/// ```
#[derive(Debug)]
pub struct Items<T, F> {
    page: F,
    left: vec::IntoIter<T>,
    next: Next,
}

#[derive(Debug)]
enum Next {
    First,
    Cursor(String),
    None,
}

impl<T, F> Iterator for Items<T, F>
where
    F: FnMut(Option<&str>) -> Result<Page<T>, Error>,
{
    type Item = Result<T, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(item) = self.left.next() {
                return Some(Ok(item));
            }
            let cursor = match std::mem::replace(&mut self.next, Next::None) {
                Next::First => None,
                Next::Cursor(cursor) => Some(cursor),
                Next::None => return None,
            };
            let page = match (self.page)(cursor.as_deref()) {
                Ok(page) => page,
                Err(error) => return Some(Err(error)),
            };
            let next = page.next.filter(|next| !next.is_empty());
            if next.is_some() && next == cursor {
                let message = "The platform's list does not end: a page names itself as the next one.";
                return Some(Err(Error::unavailable("paging", message)));
            }
            self.left = page.items.into_iter();
            self.next = next.map_or(Next::None, Next::Cursor);
        }
    }
}

/// The URL of the next page in a `Link` header (RFC 8288), where platforms page that way.
///
/// ```
/// use neustream_plugin::paging::next_link;
///
/// let header = r#"<https://api.example/v1/users?page=1>; rel="prev", <https://api.example/v1/users?page=3>; rel="next""#;
/// assert_eq!(next_link(header), Some("https://api.example/v1/users?page=3"));
/// assert_eq!(next_link("<https://api.example/>; rel=last"), None);
/// ```
pub fn next_link(header: &str) -> Option<&str> {
    let mut rest = header;
    loop {
        let (_, behind) = rest.split_once('<')?;
        let (url, behind) = behind.split_once('>')?;
        let end = behind.find('<').unwrap_or(behind.len());
        let (parameters, behind) = behind.split_at(end);
        if parameters.split([';', ',']).any(is_next) {
            return Some(url);
        }
        rest = behind;
    }
}

/// Whether a link's parameter is `rel=next`, alone or among other relations.
fn is_next(parameter: &str) -> bool {
    let Some((name, value)) = parameter.split_once('=') else { return false };
    let mut relations = value.trim().trim_matches('"').split_ascii_whitespace();
    name.trim().eq_ignore_ascii_case("rel") && relations.any(|relation| relation.eq_ignore_ascii_case("next"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_names_itself_ends_the_list_with_an_error() {
        let mut count = 0;
        let list = items(|_| {
            count += 1;
            Ok(Page { items: vec![count], next: Some("again".to_owned()) })
        });
        let list: Vec<_> = list.collect();
        assert_eq!(list.len(), 2);
        assert_eq!(list[0], Ok(1));
        assert_eq!(list[1].as_ref().map_err(Error::code), Err("paging"));
    }

    #[test]
    fn an_error_is_the_last_item() {
        let list = items(|cursor| match cursor {
            None => Ok(Page { items: vec![1], next: Some("2".to_owned()) }),
            Some(_) => Err(Error::unavailable("timed-out", "No answer.")),
        });
        let list: Vec<_> = list.collect();
        assert_eq!(list, [Ok(1), Err(Error::unavailable("timed-out", "No answer."))]);
    }

    #[test]
    fn empty_pages_and_empty_cursors_are_passed_over() {
        let list = items(|cursor| {
            Ok(match cursor {
                None => Page { items: vec![], next: Some("2".to_owned()) },
                Some(_) => Page { items: vec![7], next: Some(String::new()) },
            })
        });
        assert_eq!(list.collect::<Vec<_>>(), [Ok(7)]);
    }

    #[test]
    fn links_are_read_however_they_are_written() {
        for (header, expected) in [
            ("<https://a/?x=1,2;3>; rel=next", Some("https://a/?x=1,2;3")),
            ("<https://a>; title=\"x\"; REL=\"prefetch NEXT\"", Some("https://a")),
            ("<https://a>; rel=prev,<https://b>; rel=\"next\"", Some("https://b")),
            ("<https://a>", None),
            ("<https://a; rel=next", None),
            ("", None),
        ] {
            assert_eq!(next_link(header), expected, "{header}");
        }
    }
}
