//! Fills the variables of a canned reply in.

use nexus_core::ids::ConversationId;
use nexus_core::tenancy::TenantTx;
use serde::Serialize;
use utoipa::ToSchema;

use crate::inbox::InboxError;

/// A canned reply with its variables filled in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Filled {
    /// The text; a variable without a value stays as it is.
    pub text: String,
    /// Variables without a value.
    pub missing: Vec<String>,
}

/// What variables stand for.
#[derive(Clone, Debug, Default, sqlx::FromRow)]
pub struct Values {
    contact_name: Option<String>,
    contact_phone: Option<String>,
    business_name: Option<String>,
    channel_name: Option<String>,
    #[sqlx(skip)]
    agent_name: Option<String>,
}

impl Values {
    /// Of a conversation, and of the person who says it.
    pub async fn read(tx: &mut TenantTx, conversation: ConversationId, agent: Option<String>) -> Result<Self, InboxError> {
        let tenant = tx.tenant();
        let found: Option<Self> = sqlx::query_as(
            "SELECT coalesce(nullif(p.custom_name, ''), p.display_name) AS contact_name, t.name AS business_name,
                    h.display_name AS channel_name,
                    (SELECT i.address FROM contact_identities i
                     WHERE i.tenant_id = c.tenant_id AND i.contact_id = c.contact_id AND i.kind = 'phone'
                     ORDER BY i.channel_id = c.channel_id DESC LIMIT 1) AS contact_phone
             FROM chat_conversations c
             JOIN tenants t ON t.id = c.tenant_id
             JOIN channels h ON h.tenant_id = c.tenant_id AND h.id = c.channel_id
             JOIN contacts p ON p.tenant_id = c.tenant_id AND p.id = c.contact_id
             WHERE c.tenant_id = $1 AND c.id = $2",
        )
        .bind(tenant)
        .bind(conversation)
        .fetch_optional(&mut **tx)
        .await?;
        let values = found.ok_or(InboxError::NotFound("conversation"))?;
        Ok(Self { agent_name: agent, ..values })
    }

    fn of(&self, variable: &str) -> Option<&str> {
        let value = match variable {
            "contact.name" => &self.contact_name,
            "contact.phone" => &self.contact_phone,
            "business.name" => &self.business_name,
            "channel.name" => &self.channel_name,
            "agent.name" => &self.agent_name,
            _ => &None,
        };
        value.as_deref().map(str::trim).filter(|value| !value.is_empty())
    }
}

/// Fills them in. What a value holds is text: braces in a contact's name mean nothing.
#[must_use]
pub fn fill(body: &str, values: &Values) -> Filled {
    let mut filled = Filled { text: String::with_capacity(body.len()), missing: Vec::new() };
    let mut rest = body;
    while let Some((before, after)) = rest.split_once("{{") {
        filled.text.push_str(before);
        let Some((variable, behind)) = after.split_once("}}") else {
            filled.text.push_str("{{");
            rest = after;
            continue;
        };
        match values.of(variable.trim()) {
            Some(value) => filled.text.push_str(value),
            None => {
                filled.text.push_str(&format!("{{{{{variable}}}}}"));
                filled.missing.push(variable.trim().to_owned());
            }
        }
        rest = behind;
    }
    filled.text.push_str(rest);
    filled.missing.sort();
    filled.missing.dedup();
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_text_and_what_has_none_is_named() {
        let values =
            Values { contact_name: Some("{{agent.name}}".to_owned()), agent_name: Some("Sol".to_owned()), ..Values::default() };
        let filled = fill("Hola {{ contact.name }}, soy {{agent.name}} de {{business.name}}. {{", &values);
        assert_eq!(filled.text, "Hola {{agent.name}}, soy Sol de {{business.name}}. {{");
        assert_eq!(filled.missing, ["business.name"]);
    }
}
