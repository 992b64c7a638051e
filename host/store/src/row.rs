//! Reading columns into the values of the domain.

use std::fmt::Display;
use std::str::FromStr;

use neustream_model::UnixMillis;
use sqlx::Row;
use sqlx::any::AnyRow;

/// The column `name`, parsed from its text.
pub(crate) fn parsed<T>(row: &AnyRow, name: &'static str) -> sqlx::Result<T>
where
    T: FromStr<Err: Display>,
{
    let text: String = row.try_get(name)?;
    text.parse().map_err(|error: T::Err| sqlx::Error::ColumnDecode {
        index: name.to_owned(),
        source: error.to_string().into(),
    })
}

/// The column `name`, parsed from its text, or nothing.
pub(crate) fn optional<T>(row: &AnyRow, name: &'static str) -> sqlx::Result<Option<T>>
where
    T: FromStr<Err: Display>,
{
    let text: Option<String> = row.try_get(name)?;
    text.map(|_| parsed(row, name)).transpose()
}

/// The column `name`, a text.
pub(crate) fn text(row: &AnyRow, name: &'static str) -> sqlx::Result<String> {
    row.try_get(name)
}

/// The column `name`, a number that is never negative.
pub(crate) fn number(row: &AnyRow, name: &'static str) -> sqlx::Result<u64> {
    let number: i64 = row.try_get(name)?;
    u64::try_from(number)
        .map_err(|error| sqlx::Error::ColumnDecode { index: name.to_owned(), source: error.into() })
}

/// The column `name`, 0 or 1.
pub(crate) fn flag(row: &AnyRow, name: &'static str) -> sqlx::Result<bool> {
    Ok(number(row, name)? != 0)
}

/// The column `name`, a moment.
pub(crate) fn moment(row: &AnyRow, name: &'static str) -> sqlx::Result<UnixMillis> {
    number(row, name).map(UnixMillis)
}

/// The column `name`, a moment or nothing.
pub(crate) fn optional_moment(row: &AnyRow, name: &'static str) -> sqlx::Result<Option<UnixMillis>> {
    let number: Option<i64> = row.try_get(name)?;
    Ok(number.and_then(|number| u64::try_from(number).ok()).map(UnixMillis))
}

/// A number as the database takes it; beyond `i64` it saturates, which no moment or count reaches.
pub(crate) fn to_sql(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
