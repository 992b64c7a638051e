//! Proving once more who asks, before a change of how somebody signs in: a token that was left in a browser is not
//! enough for it.

use std::time::Duration;

use neustream_accounts::{Email, NO_PASSWORD};
use neustream_model::{Secret, UnixMillis};
use neustream_store::UserRow;

use super::login::Attempt;
use super::second_factor::{check_code, is_on};
use super::{Oneself, Visitor};
use crate::error::ApiError;
use crate::state::AppState;

/// How young a sign-in must be that stands for a proof where there is nothing else to prove.
const YOUNG: Duration = Duration::from_mins(10);

/// What a person gives as proof.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Proof<'a> {
    pub password: Option<&'a str>,
    pub code: Option<&'a str>,
}

/// The account of the person, who proved it: by the password; without one, by the second factor; without that, by a
/// sign-in of the last minutes.
pub(crate) async fn prove(
    state: &AppState,
    visitor: &Visitor,
    Oneself(person): Oneself,
    proof: Proof<'_>,
) -> Result<UserRow, ApiError> {
    let host = visitor.host_as(state, person.user);
    let user = host.user(person.user).await?;
    if user.password_hash != NO_PASSWORD {
        check_password(state, visitor, &user, proof.password).await?;
    } else if is_on(&host, user.id).await? {
        check_code(state, visitor, &user, proof.code.unwrap_or_default()).await?;
    } else {
        let sign_ins = host.sign_ins(user.id).await?;
        let own = sign_ins.iter().find(|row| row.id == person.sign_in);
        let is_young = own.is_some_and(|row| row.created_at.plus(YOUNG) > UnixMillis::now());
        if !is_young {
            return Err(ApiError::SignInTooOld);
        }
    }
    Ok(user)
}

async fn check_password(
    state: &AppState,
    visitor: &Visitor,
    user: &UserRow,
    given: Option<&str>,
) -> Result<(), ApiError> {
    let given = given.ok_or(ApiError::PasswordWrong)?;
    let email = address_of(user)?;
    let attempt = Attempt::begin(state, visitor.address, &email).await?;
    if state.passwords.verify(Secret::new(given), Some(user.password_hash.clone())).await? {
        attempt.succeeded().await;
        Ok(())
    } else {
        Err(ApiError::PasswordWrong)
    }
}

/// The address of an account, which was checked when it was made.
pub(super) fn address_of(user: &UserRow) -> Result<Email, ApiError> {
    user.email
        .parse()
        .map_err(|error| ApiError::Internal(format!("the address of user {}: {error}", user.id)))
}
