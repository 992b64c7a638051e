//! Pages of lists: `?limit=&cursor=`, answered with `next_cursor`.
//!
//! A cursor names the last row of a page, so pages neither skip nor repeat rows
//! while others come and go. It is opaque to clients: what is in it is ours to
//! change.

use std::fmt::Display;
use std::str::FromStr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use neustream_store::Keyset;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::error::ApiError;
use crate::extract::QueryString;

/// Rows of a page that does not say how many it wants.
const DEFAULT_LIMIT: u32 = 100;
/// Rows of a page at most.
pub(crate) const MAX_LIMIT: u32 = 200;
/// Longer than any cursor that was ever handed out.
const MAX_CURSOR_BYTES: usize = 512;

/// Which page of a list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// Rows of the page at most.
    #[param(minimum = 1, maximum = 200, default = 100)]
    limit: Option<u32>,
    /// `next_cursor` of the page before; left out for the first page.
    cursor: Option<String>,
}

/// Which page of a list: the extractor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Page {
    limit: u32,
    after: Option<String>,
}

impl Page {
    /// Rows at most.
    pub fn limit(&self) -> u32 {
        self.limit
    }

    /// What the cursor names: the last row of the page before.
    ///
    /// # Errors
    /// [`ApiError::Malformed`] where it is no cursor of this list.
    pub fn after<Key: FromStr>(&self) -> Result<Option<Key>, ApiError> {
        self.after.as_deref().map(|key| key.parse().map_err(|_| not_a_cursor())).transpose()
    }

    /// What the store is asked for where rows are ordered by their id: the page, and one row more to see whether
    /// another page follows.
    ///
    /// # Errors
    /// [`ApiError::Malformed`] where the cursor is none of this list.
    pub fn keyset<Id: FromStr + Display>(&self) -> Result<Keyset, ApiError> {
        let keyset = match self.after::<Id>()? {
            Some(id) => Keyset::after(id, self.limit),
            None => Keyset::first(self.limit),
        };
        Ok(keyset.and_one_more())
    }

    /// The page of a list that is bounded, and therefore read as a whole, in the order of its ids.
    ///
    /// # Errors
    /// [`ApiError::Malformed`] where the cursor is none of this list.
    pub fn of<Row, Id: FromStr + Display + PartialOrd>(
        &self,
        rows: Vec<Row>,
        id: impl Fn(&Row) -> Id,
    ) -> Result<(Vec<Row>, Option<String>), ApiError> {
        let after = self.after::<Id>()?;
        let follows = |row: &Row| after.as_ref().is_none_or(|after| id(row) > *after);
        let rest = rows.into_iter().filter(follows).collect();
        Ok(self.cut(rest, &id))
    }

    /// The page of what the store gave for it, and the cursor of the next one.
    pub fn cut<Row, Key: Display>(
        &self,
        mut rows: Vec<Row>,
        key: impl Fn(&Row) -> Key,
    ) -> (Vec<Row>, Option<String>) {
        let is_last = rows.len() <= self.limit as usize;
        rows.truncate(self.limit as usize);
        let next = rows.last().filter(|_| !is_last).map(|row| cursor(key(row)));
        (rows, next)
    }
}

/// The cursor that names a row.
fn cursor(key: impl Display) -> String {
    URL_SAFE_NO_PAD.encode(key.to_string())
}

fn not_a_cursor() -> ApiError {
    ApiError::Malformed("cursor: not a `next_cursor` of this list".to_owned())
}

impl<S: Send + Sync> FromRequestParts<S> for Page {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let QueryString(query) = QueryString::<PageQuery>::from_request_parts(parts, state).await?;
        let limit = query.limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MAX_LIMIT).contains(&limit) {
            return Err(ApiError::Malformed(format!("limit: between 1 and {MAX_LIMIT}")));
        }
        let after = query.cursor.map(|cursor| text_of(&cursor).ok_or_else(not_a_cursor)).transpose()?;
        Ok(Self { limit, after })
    }
}

fn text_of(cursor: &str) -> Option<String> {
    let bytes = (cursor.len() <= MAX_CURSOR_BYTES).then(|| URL_SAFE_NO_PAD.decode(cursor).ok())??;
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use axum::http::Request;
    use neustream_model::SourceId;

    use super::*;

    async fn page(query: &str) -> Result<Page, ApiError> {
        let uri = format!("/api/sources?{query}");
        let (mut parts, ()) = Request::builder().uri(uri).body(()).unwrap().into_parts();
        Page::from_request_parts(&mut parts, &()).await
    }

    #[tokio::test]
    async fn a_page_ends_with_the_cursor_of_the_next() {
        let first = page("limit=2").await.unwrap();
        let ids: Vec<SourceId> = (0..3).map(|_| SourceId::new()).collect();
        let (rows, next) = first.cut(ids.clone(), |id| *id);
        assert_eq!(rows, ids[..2]);
        let second = page(&format!("limit=2&cursor={}", next.unwrap())).await.unwrap();
        assert_eq!(second.after::<SourceId>().unwrap(), Some(ids[1]));
        assert_eq!(second.cut(ids[2..].to_vec(), |id| *id), (ids[2..].to_vec(), None));
    }

    #[tokio::test]
    async fn a_bounded_list_is_cut_into_pages_too() {
        let ids: Vec<SourceId> = (0..5).map(|_| SourceId::new()).collect();
        let (mut seen, mut query) = (Vec::new(), "limit=2".to_owned());
        loop {
            let (rows, next) = page(&query).await.unwrap().of(ids.clone(), |id| *id).unwrap();
            seen.extend(rows);
            let Some(next) = next else { break };
            query = format!("limit=2&cursor={next}");
        }
        assert_eq!(seen, ids);
    }

    #[tokio::test]
    async fn a_full_last_page_has_no_cursor() {
        let ids: Vec<SourceId> = (0..2).map(|_| SourceId::new()).collect();
        assert_eq!(page("limit=2").await.unwrap().cut(ids.clone(), |id| *id), (ids, None));
    }

    #[tokio::test]
    async fn what_is_no_page_is_refused() {
        for query in ["limit=0", "limit=201", "limit=-1", "limit=x", "cursor=%21", "cursor=gIA"] {
            assert!(matches!(page(query).await, Err(ApiError::Malformed(_))), "{query}");
        }
        let long = format!("cursor={}", "a".repeat(600));
        assert!(page(&long).await.is_err());
        let foreign = page(&format!("cursor={}", cursor("neustream/twitch"))).await.unwrap();
        assert!(foreign.keyset::<SourceId>().is_err());
    }
}
