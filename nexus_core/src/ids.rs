//! Every id is its own type, so one cannot be passed where another belongs. All are UUIDv7: they sort by time of birth.

use uuid::Uuid;

/// Makes id types, here and in the services. Attributes given to a name, such as a further derive, stand before ours.
#[macro_export]
macro_rules! typed_ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, sqlx::Type)]
        #[serde(transparent)]
        #[sqlx(transparent)]
        pub struct $name(pub uuid::Uuid);

        impl $name {
            /// A new id, later than every id made before it on this machine.
            #[must_use]
            #[expect(clippy::new_without_default, reason = "a default id would hide that each is different")]
            pub fn new() -> Self {
                Self(uuid::Uuid::now_v7())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

typed_ids! {
    /// The paying organization.
    TenantId,
    /// One WhatsApp number of a tenant.
    ChannelId,
    /// The person who writes.
    ContactId,
    /// The thread of a contact on a channel.
    ConversationId,
    /// One message, inbound or outbound.
    MessageId,
    /// One run of the assistant over new inbound messages.
    TurnId,
    /// One outbound message that is not settled yet.
    OutboxId,
    /// One piece of durable work.
    JobId,
    /// The right to work on something until a time.
    LeaseToken,
}

impl OutboxId {
    /// The opaque `externalId` under which the provider reports this send back to us.
    #[must_use]
    pub fn external_id(self) -> String {
        format!("nx_{}", self.0.simple())
    }

    /// Recognises an `externalId` of ours; anybody else's is `None`.
    #[must_use]
    pub fn from_external_id(text: &str) -> Option<Self> {
        let hex = text.strip_prefix("nx_")?;
        Uuid::try_parse(hex).ok().filter(|_| hex.len() == 32).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::OutboxId;

    #[test]
    fn external_ids_come_back_and_foreign_ones_do_not() {
        let id = OutboxId::new();
        assert_eq!(OutboxId::from_external_id(&id.external_id()), Some(id));
        for foreign in ["", "nx_", "nx_zz", "msg_01J9Z8Q7WJ5N2V4K6T8Y0B1C2D", &format!("nx_{}", id.0)] {
            assert_eq!(OutboxId::from_external_id(foreign), None, "{foreign}");
        }
    }
}
