//! The one table of who may do what. A route names the permission it needs (`admin::router`), a role grants it here,
//! and the scopes of an API token are the same names.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a member of a tenant is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Role {
    /// Sets the business up and manages its people.
    Administrator,
    /// Leads the agents: sees everything that is said, changes no settings.
    Supervisor,
    /// Answers customers.
    Agent,
    /// Reads.
    Viewer,
}

impl Role {
    /// Every role, from the most to the least powerful.
    pub const ALL: [Self; 4] = [Self::Administrator, Self::Supervisor, Self::Agent, Self::Viewer];
}

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident = $text:tt: $($role:ident)|+;)+) => {
        /// One thing that may be allowed within a tenant.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
        pub enum Permission {$(
            $(#[$doc])*
            #[serde(rename = $text)]
            $name,
        )+}

        impl Permission {
            /// Every permission.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The name in the API document and in the scopes of API tokens.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }
        }

        impl Role {
            /// Whether the role grants the permission.
            #[must_use]
            pub const fn allows(self, permission: Permission) -> bool {
                match permission { $(Permission::$name => matches!(self, $(Self::$role)|+)),+ }
            }
        }
    };
}

permissions! {
    /// See how the business is set up.
    SettingsRead = "settings.read": Administrator | Supervisor | Agent | Viewer;
    /// Change how the business is set up.
    SettingsWrite = "settings.write": Administrator;
    /// See the inbox and what is said.
    ConversationsRead = "conversations.read": Administrator | Supervisor | Agent | Viewer;
    /// Take, return, assign, label, resolve and snooze conversations.
    ConversationsWrite = "conversations.write": Administrator | Supervisor | Agent;
    /// Write to customers.
    MessagesSend = "messages.send": Administrator | Supervisor | Agent;
    /// See contacts.
    ContactsRead = "contacts.read": Administrator | Supervisor | Agent | Viewer;
    /// Change contacts.
    ContactsWrite = "contacts.write": Administrator | Supervisor | Agent;
    /// Export and erase what is kept about a contact.
    ContactsErase = "contacts.erase": Administrator;
    /// See who works here.
    MembersRead = "members.read": Administrator | Supervisor | Agent | Viewer;
    /// Invite people, change roles, remove people.
    MembersWrite = "members.write": Administrator;
    /// See which programs have a key.
    ApiTokensRead = "api_tokens.read": Administrator;
    /// Give keys to programs and take them back.
    ApiTokensWrite = "api_tokens.write": Administrator;
    /// See the channels and how they are.
    ChannelsRead = "channels.read": Administrator | Supervisor | Agent | Viewer;
    /// Connect, change and disconnect channels.
    ChannelsWrite = "channels.write": Administrator;
    /// See which outside systems are set up and how they are.
    IntegrationsRead = "integrations.read": Administrator | Supervisor;
    /// Set up outside systems and test them.
    IntegrationsWrite = "integrations.write": Administrator;
    /// See who changed what.
    AuditRead = "audit.read": Administrator | Supervisor;
    /// See what went wrong.
    SystemEventsRead = "system_events.read": Administrator | Supervisor;
}

impl Permission {
    /// What a role may do, in the order of the table.
    #[must_use]
    pub fn of(role: Role) -> Vec<Self> {
        Self::ALL.iter().copied().filter(|permission| role.allows(*permission)).collect()
    }

    /// Whether an API token may carry it: a key must not be able to make keys or let people in.
    #[must_use]
    pub const fn is_for_tokens(self) -> bool {
        !matches!(self, Self::ApiTokensRead | Self::ApiTokensWrite | Self::MembersWrite)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_may_do_what_the_next_one_may() {
        for pair in Role::ALL.windows(2) {
            for permission in Permission::of(pair[1]) {
                assert!(pair[0].allows(permission), "{:?} lacks {}", pair[0], permission.as_str());
            }
        }
        assert_eq!(Permission::of(Role::Administrator).len(), Permission::ALL.len());
    }

    #[test]
    fn names_are_the_same_everywhere() {
        for permission in Permission::ALL {
            assert_eq!(serde_json::to_value(permission).unwrap(), permission.as_str());
        }
    }
}
