//! One outbound message as the provider keeps it, and its `WhatsappMessage` rendering.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::ids;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    Accepted,
    Sent,
    Delivered,
    Read,
    Failed,
}

#[derive(Clone, Serialize)]
pub(crate) struct Failure {
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) details: Option<String>,
}

#[derive(Clone)]
pub(crate) struct OutboundMessage {
    pub(crate) id: String,
    pub(crate) wamid: String,
    /// A queued message has no public wamid until it is `sent`.
    pub(crate) wamid_known: bool,
    pub(crate) waba_id: String,
    pub(crate) from: String,
    pub(crate) to: Option<String>,
    pub(crate) recipient: Option<String>,
    pub(crate) recipient_user_id: Option<String>,
    /// Who reads it on the phone page: the number when it is known, else the user id.
    pub(crate) customer: String,
    pub(crate) kind: String,
    pub(crate) content: Value,
    pub(crate) context: Option<Value>,
    pub(crate) external_id: Option<String>,
    pub(crate) endpoint: &'static str,
    pub(crate) status: Status,
    pub(crate) failure: Option<Failure>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) sent_at: Option<DateTime<Utc>>,
    pub(crate) delivered_at: Option<DateTime<Utc>>,
    pub(crate) read_at: Option<DateTime<Utc>>,
    /// Refused later by Meta because the service window is closed.
    pub(crate) outside_window: bool,
    pub(crate) read_requested: bool,
}

impl OutboundMessage {
    /// Statuses arrive in any order; the stored one only moves forward.
    pub(crate) fn observe(&mut self, status: Status, failure: Option<Failure>) {
        let now = Utc::now();
        match status {
            Status::Accepted => {}
            Status::Sent => {
                self.sent_at.get_or_insert(now);
                self.wamid_known = true;
            }
            Status::Delivered => {
                self.sent_at.get_or_insert(now);
                self.delivered_at.get_or_insert(now);
            }
            Status::Read => {
                self.sent_at.get_or_insert(now);
                self.read_at.get_or_insert(now);
            }
            Status::Failed => self.failure = failure,
        }
        if status != Status::Failed || self.status < Status::Delivered {
            self.status = self.status.max(status);
        }
    }

    /// The message as API answers and `whatsapp.message.updated` show it, in the given status.
    pub(crate) fn render(&self, status: Status) -> Value {
        let updated_at = [self.sent_at, self.delivered_at, self.read_at, Some(self.created_at)];
        let updated_at = updated_at.into_iter().flatten().max().unwrap_or(self.created_at);
        let mut message = Map::new();
        let mut put = |key: &str, value: Value| {
            if !value.is_null() {
                message.insert(key.to_owned(), value);
            }
        };
        put("id", json!(self.id));
        put("wamid", json!(self.wamid_known.then_some(&self.wamid)));
        put("wabaId", json!(self.waba_id));
        put("from", json!(self.from));
        put("to", json!(self.to));
        put("recipient", json!(self.recipient));
        put("recipientUserId", json!(self.recipient_user_id));
        put("toUserId", json!(self.recipient_user_id));
        put("type", json!(self.kind));
        put(&self.kind, self.content.clone());
        put("context", json!(self.context));
        put("externalId", json!(self.external_id));
        put("status", json!(status));
        put("bizType", json!("whatsapp"));
        put("createTime", json!(ids::time(self.created_at)));
        put("updateTime", json!(ids::time(updated_at)));
        put("regionCode", json!(self.recipient_user_id.as_deref().and_then(|id| id.get(..2))));
        put("currency", json!("USD"));
        put("totalPrice", json!(0.0));
        put("pricingCategory", json!(if self.kind == "template" { "utility" } else { "service" }));
        put("pricingModel", json!("PMP"));
        match status {
            Status::Accepted => {}
            Status::Failed => self.render_failure(&mut put),
            Status::Sent | Status::Delivered | Status::Read => {
                put("pricingType", json!("free_customer_service"));
                put("sendTime", json!(self.sent_at.map(ids::time)));
                put("conversation", self.conversation());
                if status >= Status::Delivered {
                    put("deliverTime", json!(self.delivered_at.map(ids::time)));
                }
                if status == Status::Read {
                    put("readTime", json!(self.read_at.map(ids::time)));
                }
            }
        }
        Value::Object(message)
    }

    fn render_failure(&self, put: &mut impl FnMut(&str, Value)) {
        let Some(failure) = &self.failure else { return };
        put("errorCode", json!(failure.code));
        put("errorMessage", json!(failure.message));
        // Numeric codes are Meta's; words are YCloud's own and carry no Meta error.
        if failure.code.bytes().all(|byte| byte.is_ascii_digit()) {
            let mut error = json!({ "message": failure.message, "code": failure.code });
            if let (Some(details), Some(error)) = (&failure.details, error.as_object_mut()) {
                error.insert("error_data".into(), json!({ "details": details }));
            }
            put("whatsappApiError", error);
        }
    }

    fn conversation(&self) -> Value {
        json!({
            "id": format!("c0nv{}", self.id),
            "type": "REGULAR",
            "originType": if self.kind == "template" { "utility" } else { "service" },
            "expireTime": ids::time(self.created_at + chrono::Duration::hours(24)),
        })
    }
}
