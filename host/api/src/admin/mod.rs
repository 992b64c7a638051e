//! `/api/admin`: the platform for those who run it. Each resource has a file.
//!
//! Lists have numbered pages (`?page=&limit=`): people leaf through them.
//! Everything that is changed here is in the platform's audit log, and in that
//! of the organisation that it is about.

pub(crate) mod impersonation;
pub(crate) mod settings;
pub(crate) mod sources;
pub(crate) mod stats;
pub(crate) mod subscriptions;
pub(crate) mod system;
pub(crate) mod users;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use neustream_model::TenantId;
use neustream_store::NumberedPage;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::extract::QueryString;

/// Rows of a page that does not say how many it wants.
const DEFAULT_LIMIT: u32 = 50;
const MAX_LIMIT: u32 = 200;
/// Nobody leafs so far; the product with a limit stays small.
const MAX_PAGE: u32 = 1_000_000;

/// Which page of a list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct NumberedPageQuery {
    /// The number of the page, from 1.
    #[param(minimum = 1, maximum = 1_000_000, default = 1)]
    page: Option<u32>,
    /// Rows of a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
}

/// Which page of a list: the extractor.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Numbered(pub NumberedPage);

/// Where a page stands among all of them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PaginationBody {
    /// Its number, from 1.
    #[schema(example = 1)]
    page: u32,
    /// Rows of a page.
    #[schema(example = 50)]
    limit: u32,
    /// Rows of all pages.
    #[schema(example = 1250)]
    total: u64,
    /// How many pages there are.
    #[schema(example = 25)]
    total_pages: u64,
}

/// Whose something is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OwnerBody {
    /// The organisation.
    #[schema(format = Uuid)]
    id: String,
    /// Its name.
    #[schema(example = "Ada's Streams")]
    name: String,
}

impl OwnerBody {
    pub fn new(id: TenantId, name: String) -> Self {
        Self { id: id.to_string(), name }
    }
}

impl PaginationBody {
    /// Of a page, when there are `total` rows.
    pub fn new(page: NumberedPage, total: u64) -> Self {
        let limit = u64::from(page.limit.max(1));
        Self { page: page.number, limit: page.limit, total, total_pages: total.div_ceil(limit) }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Numbered {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let QueryString(query) = QueryString::<NumberedPageQuery>::from_request_parts(parts, state).await?;
        let (number, limit) = (query.page.unwrap_or(1), query.limit.unwrap_or(DEFAULT_LIMIT));
        if !(1..=MAX_PAGE).contains(&number) {
            return Err(ApiError::Malformed(format!("page: between 1 and {MAX_PAGE}")));
        }
        if !(1..=MAX_LIMIT).contains(&limit) {
            return Err(ApiError::Malformed(format!("limit: between 1 and {MAX_LIMIT}")));
        }
        Ok(Self(NumberedPage { number, limit }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_counted_to_the_last_row() {
        let of = |total| PaginationBody::new(NumberedPage { number: 1, limit: 50 }, total).total_pages;
        assert_eq!([of(0), of(1), of(50), of(51), of(1250)], [0, 1, 1, 2, 25]);
    }
}
