//! The provider's own validation of a send request, refused with its own error codes.

use serde_json::{Map, Value};

use super::error::ApiFailure;

const LONGEST_TEXT: usize = 4096;
const LONGEST_CAPTION: usize = 1024;
const LONGEST_BUTTON: usize = 20;
const SENDABLE: [&str; 11] =
    ["text", "image", "video", "audio", "document", "sticker", "location", "contacts", "interactive", "template", "reaction"];

/// The parts of a valid request that everything after works with.
pub(crate) struct SendRequest {
    pub(crate) from: String,
    pub(crate) to: Option<String>,
    pub(crate) recipient: Option<String>,
    pub(crate) kind: String,
    pub(crate) content: Value,
    pub(crate) context: Option<Value>,
    pub(crate) external_id: Option<String>,
}

pub(crate) fn send_request(body: &Value) -> Result<SendRequest, ApiFailure> {
    let Some(body) = body.as_object() else { return Err(ApiFailure::invalid("body")) };
    let from = required(body, "from")?;
    let kind = required(body, "type")?;
    let to = optional(body, "to")?;
    // With both present the number wins and the user id is ignored.
    let recipient = if to.is_some() { None } else { optional(body, "recipient")? };
    if to.is_none() && recipient.is_none() {
        return Err(ApiFailure::missing("to"));
    }
    if let Some(bad) = [Some(&from), to.as_ref()].into_iter().flatten().find(|phone| !is_phone(phone)) {
        return Err(ApiFailure::invalid(if *bad == from { "from" } else { "to" }));
    }
    if to.as_ref() == Some(&from) {
        return Err(ApiFailure::invalid("to"));
    }
    if !SENDABLE.contains(&kind.as_str()) {
        return Err(ApiFailure::invalid("type"));
    }
    let content = body.get(&kind).filter(|content| !content.is_null());
    let content = content.ok_or_else(|| ApiFailure::missing(&kind))?.clone();
    check_content(&kind, &content)?;
    Ok(SendRequest {
        from,
        to,
        recipient,
        kind,
        content,
        context: body.get("context").filter(|context| !context.is_null()).cloned(),
        external_id: optional(body, "externalId")?,
    })
}

fn check_content(kind: &str, content: &Value) -> Result<(), ApiFailure> {
    match kind {
        "text" => check_text("text.body", &content["body"], LONGEST_TEXT),
        "image" | "video" | "audio" | "document" | "sticker" => {
            if content["id"].as_str().is_none() && content["link"].as_str().is_none() {
                return Err(ApiFailure::missing(&format!("{kind}.link")));
            }
            match &content["caption"] {
                Value::Null => Ok(()),
                caption => check_text(&format!("{kind}.caption"), caption, LONGEST_CAPTION),
            }
        }
        "location" => {
            if content["latitude"].is_number() && content["longitude"].is_number() {
                return Ok(());
            }
            Err(ApiFailure::invalid("location"))
        }
        "template" => {
            check_text("template.name", &content["name"], 512)?;
            check_text("template.language.code", &content["language"]["code"], 20)
        }
        "reaction" => check_text("reaction.message_id", &content["message_id"], 255),
        "interactive" => check_interactive(content),
        _ => Ok(()),
    }
}

fn check_interactive(content: &Value) -> Result<(), ApiFailure> {
    let action = &content["action"];
    match content["type"].as_str() {
        Some("button") => {
            check_text("interactive.body.text", &content["body"]["text"], 1024)?;
            let buttons = action["buttons"].as_array().map(Vec::as_slice).unwrap_or_default();
            if buttons.is_empty() || buttons.len() > 3 {
                return Err(ApiFailure::invalid("interactive.action.buttons"));
            }
            let mut titles = Vec::new();
            for button in buttons {
                let title = &button["reply"]["title"];
                check_text("interactive.action.buttons.reply.title", title, LONGEST_BUTTON)?;
                check_text("interactive.action.buttons.reply.id", &button["reply"]["id"], 256)?;
                if titles.contains(&title) {
                    return Err(ApiFailure::invalid("interactive.action.buttons.reply.title"));
                }
                titles.push(title);
            }
            Ok(())
        }
        Some("list") => {
            check_text("interactive.body.text", &content["body"]["text"], LONGEST_TEXT)?;
            check_text("interactive.action.button", &action["button"], LONGEST_BUTTON)?;
            let sections = action["sections"].as_array().map(Vec::as_slice).unwrap_or_default();
            let rows: Vec<&Value> = sections.iter().filter_map(|section| section["rows"].as_array()).flatten().collect();
            if rows.is_empty() || rows.len() > 10 {
                return Err(ApiFailure::invalid("interactive.action.sections.rows"));
            }
            rows.iter().try_for_each(|row| {
                check_text("interactive.action.sections.rows.id", &row["id"], 200)?;
                check_text("interactive.action.sections.rows.title", &row["title"], 24)
            })
        }
        Some(_) => Ok(()),
        None => Err(ApiFailure::missing("interactive.type")),
    }
}

fn check_text(parameter: &str, value: &Value, limit: usize) -> Result<(), ApiFailure> {
    match value.as_str() {
        None | Some("") => Err(ApiFailure::missing(parameter)),
        Some(text) if text.chars().count() > limit => Err(ApiFailure::too_long(parameter, limit)),
        Some(_) => Ok(()),
    }
}

fn required(body: &Map<String, Value>, name: &str) -> Result<String, ApiFailure> {
    optional(body, name)?.ok_or_else(|| ApiFailure::missing(name))
}

fn optional(body: &Map<String, Value>, name: &str) -> Result<Option<String>, ApiFailure> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.is_empty() => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(ApiFailure::invalid(name)),
    }
}

fn is_phone(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or_default();
    (7..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn text(body: &str) -> Value {
        json!({ "from": "+5493815550100", "to": "+5493815550142", "type": "text", "text": { "body": body } })
    }

    #[test]
    fn accepts_a_text_and_counts_characters_not_bytes() {
        assert!(send_request(&text("hola")).is_ok());
        assert!(send_request(&text(&"ñ".repeat(LONGEST_TEXT))).is_ok());
        assert!(send_request(&text(&"ñ".repeat(LONGEST_TEXT + 1))).is_err());
    }

    #[test]
    fn refuses_what_the_provider_refuses() {
        for (key, value) in [
            ("from", Value::Null),
            ("from", json!("5493815550100")),
            ("to", Value::Null),
            ("type", json!("hologram")),
            ("text", Value::Null),
            ("text", json!({ "body": "" })),
        ] {
            let mut body = text("hola");
            body[key] = value;
            assert!(send_request(&body).is_err(), "{body}");
        }
    }

    #[test]
    fn the_number_wins_over_the_user_id() {
        let mut body = text("hola");
        body["recipient"] = json!("AR.77120000000000000142");
        let request = send_request(&body).ok().unwrap();
        assert_eq!((request.to.is_some(), request.recipient), (true, None));
    }
}
