//! Who may do what: the table of permissions, users, sessions, tokens, limits of tries. Knows nothing of HTTP.

mod caller;
mod ids;
pub mod links;
pub mod oidc;
pub mod password;
mod permission;
pub mod second_factor;
pub mod session;
pub mod superadmin;
pub mod throttle;
pub mod token;
pub mod users;

pub use caller::{Caller, SignedIn, TenantCaller};
pub use ids::{ApiTokenId, InvitationId, SessionId, UserId};
pub use password::Passwords;
pub use permission::{Permission, Role};
