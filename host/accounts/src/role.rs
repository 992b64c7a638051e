//! What a person is: on the platform, and in an organisation.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Who runs the platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PlatformRole {
    /// Runs the platform: sees what runs for every organisation. The account of the first set-up.
    Admin,
    /// Acts for the own organisations.
    Member,
}

/// What a person is in an organisation. Each role may do all that the one before it may; what, is told by
/// [`Permission::least_role`](crate::Permission::least_role).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Sees what runs.
    Viewer,
    /// Makes sources and runs streams.
    Editor,
    /// Runs the organisation: plugins, money, team, keys.
    Admin,
    /// Answers for it: plan, deletion, and who else owns it. There is always one.
    Owner,
}

/// A role's word that this version does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a role: expected {expected}")]
pub struct RoleUnknown {
    text: String,
    expected: &'static str,
}

impl PlatformRole {
    /// The word as stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Member => "member",
        }
    }
}

impl Role {
    /// From the least to the most.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Editor, Self::Admin, Self::Owner];

    /// The word as stored and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Editor => "editor",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }

    /// Whether this role may give `role` to somebody, or take it away. Besides, it must be allowed
    /// [`Permission::TeamWrite`](crate::Permission::TeamWrite).
    pub fn may_assign(self, role: Self) -> bool {
        self == Self::Owner || role != Self::Owner
    }
}

impl FromStr for PlatformRole {
    type Err = RoleUnknown;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Admin, Self::Member]
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| RoleUnknown::new(text, "`admin` or `member`"))
    }
}

impl FromStr for Role {
    type Err = RoleUnknown;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| RoleUnknown::new(text, "`viewer`, `editor`, `admin` or `owner`"))
    }
}

impl RoleUnknown {
    fn new(text: &str, expected: &'static str) -> Self {
        Self { text: text.chars().take(32).collect(), expected }
    }
}

impl fmt::Display for PlatformRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_reads_back_from_its_word() {
        for role in [PlatformRole::Admin, PlatformRole::Member] {
            assert_eq!(role.as_str().parse(), Ok(role));
        }
        for role in Role::ALL {
            assert_eq!(role.as_str().parse(), Ok(role));
        }
    }

    #[test]
    fn an_unknown_role_says_what_was_expected() {
        let error = "root".parse::<Role>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "`root` is not a role: expected `viewer`, `editor`, `admin` or `owner`"
        );
        assert!("owner".parse::<PlatformRole>().is_err());
    }

    #[test]
    fn only_owners_make_and_unmake_owners() {
        for role in Role::ALL {
            assert_eq!(role.may_assign(Role::Owner), role == Role::Owner);
            assert!(role.may_assign(Role::Admin));
        }
    }
}
