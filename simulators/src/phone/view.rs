//! A message as a chat bubble: who says it, what it says, what can be tapped.

use serde_json::{Value, json};

use crate::ycloud::{
    ids,
    message::OutboundMessage,
    store::{Echo, InboundMessage},
};

pub(crate) fn outbound(message: &OutboundMessage) -> Value {
    let mut bubble = bubble(&message.wamid, "business", &message.kind, &message.content);
    bubble["at"] = json!(ids::time(message.created_at));
    bubble["quoted"] = message.context.as_ref().map_or(Value::Null, |context| context["message_id"].clone());
    bubble
}

pub(crate) fn inbound(message: &InboundMessage) -> Value {
    let mut bubble = bubble(&message.wamid, "customer", &message.kind, &message.content);
    bubble["at"] = json!(ids::time(message.at));
    bubble["tick"] = json!(message.tick);
    bubble
}

pub(crate) fn echo(echo: &Echo) -> Value {
    let kind = echo.content["type"].as_str().unwrap_or("text");
    let mut bubble = bubble(&echo.wamid, "owner", kind, &echo.content[kind]);
    bubble["at"] = json!(ids::time(echo.at));
    bubble
}

fn bubble(id: &str, side: &str, kind: &str, content: &Value) -> Value {
    json!({
        "id": id,
        "side": side,
        "kind": kind,
        "text": text(kind, content),
        "image": (kind == "image" || kind == "sticker").then(|| content["link"].clone()),
        "options": options(content),
    })
}

fn text(kind: &str, content: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    match kind {
        "text" => text(&content["body"]),
        "image" | "video" | "sticker" => text(&content["caption"]),
        "document" => text(&content["filename"]),
        "reaction" => text(&content["emoji"]),
        "location" => text(&content["name"]),
        "template" => format!("[{}]", text(&content["name"])),
        "interactive" => match content["type"].as_str() {
            Some("button_reply") => text(&content["button_reply"]["title"]),
            Some("list_reply") => text(&content["list_reply"]["title"]),
            _ => text(&content["body"]["text"]),
        },
        _ => String::new(),
    }
}

/// Buttons and list rows a customer can tap.
fn options(content: &Value) -> Vec<Value> {
    let action = &content["action"];
    let buttons = action["buttons"].as_array().into_iter().flatten().map(|button| ("button_reply", &button["reply"]));
    let sections = action["sections"].as_array().into_iter().flatten();
    let rows = sections.flat_map(|section| section["rows"].as_array().into_iter().flatten());
    let rows = rows.map(|row| ("list_reply", row));
    buttons.chain(rows).map(|(kind, reply)| json!({ "kind": kind, "id": reply["id"], "title": reply["title"] })).collect()
}
