//! Who calls, and in whose name. Made by the guard of a route (`admin::guard`), never by a handler.

use nexus_core::ids::TenantId;

use super::ids::{ApiTokenId, SessionId, UserId};
use super::permission::{Permission, Role};

/// Who makes a request.
#[derive(Clone, Debug)]
pub enum Caller {
    /// A person with a session.
    User(SignedIn),
    /// A program with a key to one tenant.
    Token {
        /// Which key.
        id: ApiTokenId,
        /// The tenant it opens.
        tenant: TenantId,
        /// What it may do there.
        scopes: Vec<Permission>,
    },
    /// Whoever holds `ADMIN_TOKEN`: the operator's own scripts.
    AdminKey,
}

/// A person with a session.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Who.
    pub user: UserId,
    /// On which device; `None` when a trusted proxy vouches for them.
    pub session: Option<SessionId>,
    /// Whether they run the installation.
    pub is_superadmin: bool,
}

impl Caller {
    /// Whether they may do everything.
    #[must_use]
    pub const fn is_superadmin(&self) -> bool {
        matches!(self, Self::AdminKey | Self::User(SignedIn { is_superadmin: true, .. }))
    }

    /// The person, if it is one.
    #[must_use]
    pub const fn user(&self) -> Option<UserId> {
        match self {
            Self::User(signed_in) => Some(signed_in.user),
            Self::Token { .. } | Self::AdminKey => None,
        }
    }
}

/// A caller who may do what the route needs, in the tenant of the path.
#[derive(Clone, Debug)]
pub struct TenantCaller {
    /// The tenant of the path.
    pub tenant: TenantId,
    /// Who calls.
    pub caller: Caller,
    /// Their role there; `None` for superadmins and programs.
    pub role: Option<Role>,
}

impl TenantCaller {
    /// Whether they may also do something else, for answers that depend on it.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        match (&self.caller, self.role) {
            (Caller::Token { scopes, .. }, _) => scopes.contains(&permission),
            (caller, _) if caller.is_superadmin() => true,
            (_, role) => role.is_some_and(|role| role.allows(permission)),
        }
    }
}
