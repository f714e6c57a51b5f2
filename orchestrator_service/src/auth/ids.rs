//! Ids of people and of what they sign in with.

use utoipa::ToSchema;

nexus_core::typed_ids! {
    /// Somebody who signs in.
    #[derive(ToSchema)]
    UserId,
    /// One signed-in device.
    #[derive(ToSchema)]
    SessionId,
    /// A way into a tenant that was mailed to somebody.
    #[derive(ToSchema)]
    InvitationId,
    /// A program's key to one tenant.
    #[derive(ToSchema)]
    ApiTokenId,
}
