//! The permission table: what each role may do, and what an API key may be given.
//!
//! The words of permissions are the scopes of API keys. Everything that decides
//! about access asks here; nothing else compares roles.

use std::fmt;
use std::str::FromStr;

use crate::Role;

/// A scope's word that this version does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a scope")]
pub struct PermissionUnknown(String);

macro_rules! permissions {
    ($($(#[doc = $doc:literal])* $name:ident = $word:literal, $least:ident;)*) => {
        /// One thing that may be allowed.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Permission { $($(#[doc = $doc])* $name,)* }

        impl Permission {
            /// All of them, as the table has them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The word in scopes and in the API.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// The least role that has it; the roles above have it too.
            pub fn least_role(self) -> Role {
                match self { $(Self::$name => Role::$least,)* }
            }
        }
    };
}

permissions! {
    /// See sources and their destinations.
    SourcesRead = "sources:read", Viewer;
    /// Make, change and delete sources and destinations; rotate stream keys.
    SourcesWrite = "sources:write", Editor;
    /// See what runs.
    StreamsRead = "streams:read", Viewer;
    /// Retitle and end what runs.
    StreamsControl = "streams:control", Editor;
    /// See who may watch.
    PlaybackRead = "playback:read", Viewer;
    /// Make and revoke playback tokens.
    PlaybackWrite = "playback:write", Editor;
    /// See the catalogue and what is installed.
    PluginsRead = "plugins:read", Viewer;
    /// Install, configure, upgrade and remove plugins.
    PluginsWrite = "plugins:write", Admin;
    /// Read chats.
    ChatRead = "chat:read", Viewer;
    /// Write into chats, and remove messages.
    ChatWrite = "chat:write", Editor;
    /// See what filters said.
    ModerationRead = "moderation:read", Viewer;
    /// Ask filters.
    ModerationWrite = "moderation:write", Editor;
    /// See charges and refunds.
    PaymentsRead = "payments:read", Admin;
    /// Charge and refund.
    PaymentsWrite = "payments:write", Admin;
    /// See namespaces, bundles and what partners' tenants may install.
    PublishingRead = "publishing:read", Admin;
    /// Publish plugins; what a partner does.
    PublishingWrite = "publishing:write", Admin;
    /// See apps.
    AppsRead = "apps:read", Viewer;
    /// Make, configure, archive and delete apps.
    AppsWrite = "apps:write", Admin;
    /// See who belongs to the organisation.
    TeamRead = "team:read", Viewer;
    /// Invite people, change their roles, remove them.
    TeamWrite = "team:write", Admin;
    /// See API keys (never the keys themselves).
    KeysRead = "keys:read", Admin;
    /// Make, rotate and revoke API keys.
    KeysWrite = "keys:write", Admin;
    /// See plan and usage.
    BillingRead = "billing:read", Viewer;
    /// Change and cancel the plan.
    BillingWrite = "billing:write", Owner;
    /// Read the audit log.
    AuditRead = "audit:read", Admin;
    /// Take everything along.
    DataExport = "data:export", Admin;
    /// See the organisation.
    OrganisationRead = "organisation:read", Viewer;
    /// Rename and configure the organisation.
    OrganisationWrite = "organisation:write", Admin;
    /// Delete the organisation.
    OrganisationDelete = "organisation:delete", Owner;
}

impl Permission {
    /// Whether an API key may be given it. Never what makes keys, team, money or an end of the organisation: a key that
    /// leaks must not be able to make itself at home. An impersonated person is held to the same.
    pub fn is_for_keys(self) -> bool {
        !matches!(
            self,
            Self::KeysWrite
                | Self::TeamWrite
                | Self::OrganisationWrite
                | Self::OrganisationDelete
                | Self::BillingWrite
                | Self::DataExport
        )
    }

    fn bit(self) -> u64 {
        1 << (self as u32)
    }
}

impl Role {
    /// Whether this role has `permission`.
    pub fn allows(self, permission: Permission) -> bool {
        self >= permission.least_role()
    }

    /// Everything that this role has.
    pub fn permissions(self) -> Permissions {
        Permission::ALL.iter().copied().filter(|permission| self.allows(*permission)).collect()
    }
}

/// A set of permissions. Reads and prints as scopes are written in OAuth 2.0: words parted by spaces (RFC 6749 §3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Permissions(u64);

impl Permissions {
    /// Whether `permission` is in it.
    pub fn allow(self, permission: Permission) -> bool {
        self.0 & permission.bit() != 0
    }

    /// Those of it that an API key may have.
    #[must_use]
    pub fn for_keys(self) -> Self {
        self.iter().filter(|permission| permission.is_for_keys()).collect()
    }

    /// Whether everything of it is in `other` too.
    pub fn is_within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Them, in the order of the table.
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.iter().copied().filter(move |permission| self.allow(*permission))
    }
}

impl FromIterator<Permission> for Permissions {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        Self(permissions.into_iter().fold(0, |bits, permission| bits | permission.bit()))
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Permission {
    type Err = PermissionUnknown;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .iter()
            .copied()
            .find(|permission| permission.as_str() == text)
            .ok_or_else(|| PermissionUnknown(text.chars().take(32).collect()))
    }
}

impl fmt::Display for Permissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, permission) in self.iter().enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            f.write_str(permission.as_str())?;
        }
        Ok(())
    }
}

impl FromStr for Permissions {
    type Err = PermissionUnknown;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.split_ascii_whitespace().map(str::parse).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table as people read it: who has what, in words.
    const TABLE: [(Role, &str); 4] = [
        (
            Role::Viewer,
            "sources:read streams:read playback:read plugins:read chat:read moderation:read apps:read team:read \
             billing:read organisation:read",
        ),
        (Role::Editor, "sources:write streams:control playback:write chat:write moderation:write"),
        (
            Role::Admin,
            "plugins:write payments:read payments:write publishing:read publishing:write apps:write team:write \
             keys:read keys:write audit:read data:export organisation:write",
        ),
        (Role::Owner, "billing:write organisation:delete"),
    ];

    #[test]
    fn each_role_has_what_the_table_says_and_all_of_the_roles_before_it() {
        let mut words: Vec<&str> = Vec::new();
        for (role, more) in TABLE {
            words.extend(more.split_whitespace());
            assert_eq!(role.permissions(), words.join(" ").parse().unwrap(), "{role}");
        }
        assert_eq!(words.len(), Permission::ALL.len(), "the table has every permission, once");
    }

    #[test]
    fn a_key_never_makes_keys_teams_money_or_an_end() {
        let never: Vec<_> =
            Permission::ALL.iter().filter(|one| !one.is_for_keys()).map(|one| one.as_str()).collect();
        let expected = [
            "team:write",
            "keys:write",
            "billing:write",
            "data:export",
            "organisation:write",
            "organisation:delete",
        ];
        assert_eq!(never, expected);
        assert!(Role::Owner.permissions().for_keys().iter().all(Permission::is_for_keys));
    }

    #[test]
    fn scopes_read_back_from_their_words() {
        for role in Role::ALL {
            assert_eq!(role.permissions().to_string().parse(), Ok(role.permissions()));
        }
        assert_eq!("sources:read  streams:read".parse::<Permissions>().unwrap().iter().count(), 2);
        let error = "sources:read root".parse::<Permissions>().unwrap_err();
        assert_eq!(error.to_string(), "`root` is not a scope");
        assert!("".parse::<Permissions>().unwrap().is_empty());
    }
}
