//! What the inbox refuses, as answers of the API.

use super::api_error::{ApiError, FieldCode, ProblemCode};
use super::extract::FieldErrors;
use crate::inbox::InboxError;

impl From<InboxError> for ApiError {
    fn from(error: InboxError) -> Self {
        match error {
            InboxError::NotFound(what) => Self::NotFound(what),
            InboxError::WindowClosed => Self::Conflict(
                ProblemCode::ServiceWindowClosed,
                "more than 24 hours since the contact last wrote; only an approved template may be sent",
            ),
            InboxError::OptedOut => Self::Conflict(ProblemCode::OptedOut, "the contact does not want messages, or is blocked"),
            InboxError::WrongState(why) => Self::Conflict(ProblemCode::WrongState, why),
            InboxError::Invalid(field, why) => Self::field(field, FieldCode::Invalid, why),
            InboxError::InvalidFields(fields) => {
                let mut found = FieldErrors::default();
                fields.iter().for_each(|(field, why)| found.add(field, FieldCode::Invalid, *why));
                found.into_result().err().unwrap_or(Self::NotFound("object"))
            }
            InboxError::Database(error) => of_constraint(error),
        }
    }
}

/// Constraints of the inbox by name; the others as everywhere.
fn of_constraint(error: sqlx::Error) -> ApiError {
    match error.as_database_error().and_then(|error| error.constraint()) {
        Some(
            "labels_name_unique"
            | "teams_name_unique"
            | "canned_replies_shortcut_unique"
            | "saved_views_name_unique"
            | "message_templates_once",
        ) => ApiError::Conflict(ProblemCode::AlreadyExists, "there is one of this name already"),
        Some("conversation_drafts_member_exists" | "saved_views_member_exists") => {
            ApiError::Conflict(ProblemCode::WrongState, "only members of the business have a desk here")
        }
        Some("chat_messages_resent_once") => ApiError::Conflict(ProblemCode::WrongState, "it has been sent again already"),
        Some("labels_color_known") => ApiError::field("color", FieldCode::Invalid, "is not one of the colours"),
        Some("canned_replies_shortcut_plain") => {
            ApiError::field("shortcut", FieldCode::Invalid, "small letters, digits, - and _; at most 40")
        }
        Some("canned_replies_language_known") => ApiError::field("language", FieldCode::Invalid, "must be es, pt or en"),
        _ => error.into(),
    }
}
