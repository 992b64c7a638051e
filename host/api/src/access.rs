//! What a handler needs: `access: Access<may::SourcesWrite>` in its arguments, and it is not called without.
//!
//! Which role and which key has a permission is told by one table
//! ([`neustream_accounts::Permission`]). The document says of each operation
//! what it needs, in `security`; the tests hold both together.

use std::marker::PhantomData;
use std::ops::Deref;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use neustream_accounts::Permission;

use crate::error::ApiError;
use crate::identity::{Identity, Person};
use crate::state::AppState;

/// An identity that may do `P`.
pub(crate) struct Access<P> {
    identity: Identity,
    permission: PhantomData<P>,
}

/// A person who may do `P`, in an organisation. For what takes a person even where a key might have the scope: what
/// sends a browser elsewhere and awaits it back.
pub(crate) struct PersonAccess<P> {
    access: Access<P>,
    /// Who it is.
    pub person: Person,
}

/// A permission as a type.
pub(crate) trait Needs: Send + Sync {
    /// Which one.
    const PERMISSION: Permission;
}

macro_rules! permission_types {
    ($($name:ident)*) => {
        /// Permissions as types, by the names of [`Permission`]'s.
        pub(crate) mod may {
            $(
                #[doc = concat!("[`Permission::", stringify!($name), "`](neustream_accounts::Permission::", stringify!($name), ").")]
                #[allow(dead_code, reason = "some permissions belong to few routes, or to none yet")]
                pub(crate) struct $name;

                impl super::Needs for $name {
                    const PERMISSION: super::Permission = super::Permission::$name;
                }
            )*
        }

        #[cfg(test)]
        const TYPES: &[Permission] = &[$(<may::$name as Needs>::PERMISSION,)*];
    };
}

permission_types! {
    SourcesRead SourcesWrite StreamsRead StreamsControl PlaybackRead PlaybackWrite PluginsRead PluginsWrite
    ChatRead ChatWrite ModerationRead ModerationWrite PaymentsRead PaymentsWrite PublishingRead PublishingWrite
    AppsRead AppsWrite TeamRead TeamWrite KeysRead KeysWrite BillingRead BillingWrite AuditRead DataExport
    OrganisationRead OrganisationWrite OrganisationDelete
}

impl<P: Needs> Access<P> {
    /// The identity that is let through.
    ///
    /// # Errors
    /// [`ApiError::PermissionMissing`]; [`ApiError::AppArchived`] for what would change something of an archived app.
    pub fn of(identity: Identity) -> Result<Self, ApiError> {
        let permission = P::PERMISSION;
        if !identity.permissions.allow(permission) {
            return Err(ApiError::PermissionMissing { permission });
        }
        if identity.is_app_archived && changes_app(permission) {
            return Err(ApiError::AppArchived);
        }
        Ok(Self { identity, permission: PhantomData })
    }

    /// The identity, for work that outlives the handler.
    pub fn into_identity(self) -> Identity {
        self.identity
    }
}

/// Whether it changes what belongs to an app. An archived one is put away until it is restored.
fn changes_app(permission: Permission) -> bool {
    matches!(
        permission,
        Permission::SourcesWrite
            | Permission::StreamsControl
            | Permission::PlaybackWrite
            | Permission::PluginsWrite
            | Permission::ChatWrite
            | Permission::ModerationWrite
            | Permission::PaymentsWrite
            | Permission::KeysWrite
    )
}

impl<P> Deref for Access<P> {
    type Target = Identity;

    fn deref(&self) -> &Identity {
        &self.identity
    }
}

impl<P> Deref for PersonAccess<P> {
    type Target = Access<P>;

    fn deref(&self) -> &Access<P> {
        &self.access
    }
}

impl<P: Needs> FromRequestParts<AppState> for Access<P> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        Self::of(Identity::from_request_parts(parts, state).await?)
    }
}

impl<P: Needs> FromRequestParts<AppState> for PersonAccess<P> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let identity = Identity::from_request_parts(parts, state).await?;
        let person = identity.person()?;
        Ok(Self { access: Access::of(identity)?, person })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_permission_is_a_type_too() {
        assert_eq!(TYPES, Permission::ALL);
    }
}
