//! Signed-in sockets: as whom they were let in, and showing them out when that ends.
//!
//! A change on this node is heard at once ([`crate::standings`]); one on
//! another node, or one that nobody told, is found within [`LOOK_INTERVAL`].

use std::collections::HashMap;
use std::time::Duration;

use neustream_accounts::{Permission, Role};
use neustream_model::{Secret, TenantId, UnixMillis, UserId};
use neustream_store::{AppStore, StoreError, Wanted};
use serde_json::json;
use socketioxide::SocketIo;
use socketioxide::extract::SocketRef;
use tokio::sync::broadcast::error::RecvError;

use super::emit;
use crate::access::{Access, may};
use crate::error::ApiError;
use crate::identity::{Caller, Identity, Origin};
use crate::state::AppState;

/// How soon a socket is shown out whose right to be here ended without a word.
const LOOK_INTERVAL: Duration = Duration::from_secs(30);

/// Who a signed-in socket acts for.
#[derive(Debug, Clone)]
pub(super) struct Member {
    /// What it may see.
    pub app: AppStore,
    user: UserId,
    right: Right,
}

/// What lets a socket stay.
#[derive(Debug, Clone)]
enum Right {
    /// A sign-in and a membership; the access token may end meanwhile, as a new one would be had.
    SignIn(Wanted),
    /// A key.
    Key(Secret),
}

impl Member {
    /// Whoever shows `token`, if that lets streams be seen.
    pub async fn of_token(
        state: &AppState,
        token: &str,
        wanted: (Option<TenantId>, Option<neustream_model::AppId>),
    ) -> Result<Self, ApiError> {
        let identity = Identity::of_token(state, token, wanted, Origin::default()).await?;
        let access = Access::<may::StreamsRead>::of(identity)?;
        let right = match access.caller {
            Caller::Person { person, .. } => Right::SignIn(Wanted {
                sign_in: person.sign_in,
                user: person.user,
                organisation: Some(access.tenant()),
                app: access.app.app_id(),
            }),
            Caller::Key { .. } => Right::Key(Secret::new(token)),
        };
        Ok(Self { app: access.app.clone(), user: access.user, right })
    }

    /// Whose seat the socket takes.
    pub fn user(&self) -> UserId {
        self.user
    }

    /// The organisation whose events it hears. A key hears what it joins: it is for one app.
    pub fn hears(&self) -> Option<TenantId> {
        matches!(self.right, Right::SignIn(_)).then(|| self.app.tenant())
    }

    /// Why it may not stay. A database that does not answer shows nobody out.
    async fn no_more(&self, state: &AppState) -> Option<ApiError> {
        let error = match &self.right {
            Right::SignIn(wanted) => stands(state, wanted).await.err(),
            Right::Key(key) => {
                Identity::of_token(state, key.expose(), (None, None), Origin::default()).await.err()
            }
        };
        error.filter(|error| !matches!(error, ApiError::Store { error: StoreError::Unavailable(_), .. }))
    }

    /// What is the same for all sockets with the same right.
    fn key(&self) -> String {
        match &self.right {
            Right::SignIn(wanted) => format!("{} {}", wanted.sign_in, self.app.tenant()),
            Right::Key(key) => key.expose().to_owned(),
        }
    }
}

async fn stands(state: &AppState, wanted: &Wanted) -> Result<(), ApiError> {
    let standing = state.store.host().standing(wanted, UnixMillis::now()).await?;
    let standing = standing.ok_or(ApiError::SignInEnded)?;
    if standing.is_suspended {
        return Err(ApiError::Suspended);
    }
    let member = standing.membership.ok_or(ApiError::OrganisationForeign)?;
    let role = member.role.parse::<Role>().map_err(|error| ApiError::Internal(error.to_string()))?;
    let permission = Permission::StreamsRead;
    if role.allows(permission) { Ok(()) } else { Err(ApiError::PermissionMissing { permission }) }
}

/// Shows out whoever may not stay, until dropped.
pub(super) async fn show_out(io: SocketIo, state: AppState) {
    let mut changes = state.standings.subscribe();
    let mut now_and_then = tokio::time::interval(LOOK_INTERVAL);
    now_and_then.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        let only = tokio::select! {
            _ = now_and_then.tick() => None,
            heard = changes.recv() => match heard {
                Ok(user) => Some(user),
                Err(RecvError::Lagged(_)) => None,
                Err(RecvError::Closed) => return,
            },
        };
        let members = io.sockets().into_iter().filter_map(|socket| {
            let member = socket.extensions.get::<Member>()?;
            only.is_none_or(|user| user == member.user).then_some((socket, member))
        });
        look(&state, members.collect()).await;
    }
}

async fn look(state: &AppState, members: Vec<(SocketRef, Member)>) {
    let mut known: HashMap<String, Option<(String, &'static str)>> = HashMap::new();
    for (socket, member) in members {
        let key = member.key();
        let verdict = if let Some(verdict) = known.get(&key) {
            verdict.clone()
        } else {
            let verdict = member.no_more(state).await.map(|error| error.told());
            known.insert(key, verdict.clone());
            verdict
        };
        if let Some((error, code)) = verdict {
            emit(&socket, "error", &json!({ "error": error, "details": null, "code": code }));
            // One that is gone already needs no farewell.
            let _ = socket.disconnect();
        }
    }
}
