//! The one line that stands for a message in prompts and previews, and whether the message deserves an answer.

use serde_json::Value;

/// What a message says, in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The text itself, or the kind in brackets with what is known about it.
    pub text: String,
    /// Whether the assistant should answer it.
    pub deserves_answer: bool,
}

/// Reads the content object of a message of the given type. Never fails: what is missing is left out.
#[must_use]
pub fn line(kind: &str, content: &Value) -> Line {
    let answer = |text: String| Line { text, deserves_answer: true };
    let quiet = |text: String| Line { text, deserves_answer: false };
    match kind {
        "text" => match string(content, "body") {
            Some(body) => answer(body.to_owned()),
            None => quiet("[text that could not be read]".to_owned()),
        },
        "image" | "video" | "sticker" => answer(bracketed(kind, string(content, "caption"))),
        // Voice notes arrive as audio; should the provider ever name them apart, they are the same to us.
        "audio" | "voice" => answer("[audio]".to_owned()),
        "document" => {
            let name = string(content, "filename").unwrap_or_default();
            answer(bracketed(format!("document {name}").trim_end(), string(content, "caption")))
        }
        "location" => answer(location(content)),
        "contacts" => answer(format!("[contact: {}]", contact_names(content))),
        "interactive" => answer(interactive(content)),
        "button" => answer(string(content, "text").unwrap_or("[button]").to_owned()),
        "order" => {
            let items = content.get("product_items").and_then(Value::as_array).map_or(0, Vec::len);
            answer(bracketed(&format!("order of {items} products"), string(content, "text")))
        }
        "reaction" => match string(content, "emoji").filter(|emoji| !emoji.is_empty()) {
            Some(emoji) => quiet(format!("[reaction {emoji}]")),
            None => quiet("[reaction removed]".to_owned()),
        },
        "edit" => quiet(format!("[edited] {}", edited_text(content))),
        "revoke" => quiet("[message deleted]".to_owned()),
        "request_welcome" => quiet("[opened the chat]".to_owned()),
        "template" => quiet(bracketed("template", string(content, "name"))),
        "system" => quiet(bracketed("system", string(content, "body"))),
        other => quiet(format!("[unsupported: {other}]")),
    }
}

fn string<'a>(content: &'a Value, key: &str) -> Option<&'a str> {
    content.get(key).and_then(Value::as_str)
}

fn bracketed(what: &str, caption: Option<&str>) -> String {
    match caption.filter(|caption| !caption.is_empty()) {
        Some(caption) => format!("[{what}] {caption}"),
        None => format!("[{what}]"),
    }
}

fn location(content: &Value) -> String {
    let words = ["name", "address"].iter().filter_map(|key| string(content, key)).collect::<Vec<_>>().join(", ");
    let coordinate = |key: &str| content.get(key).and_then(Value::as_f64);
    match (coordinate("latitude"), coordinate("longitude")) {
        (Some(latitude), Some(longitude)) if words.is_empty() => format!("[location {latitude}, {longitude}]"),
        (Some(latitude), Some(longitude)) => format!("[location {words} ({latitude}, {longitude})]"),
        _ => bracketed("location", Some(&words)),
    }
}

fn contact_names(content: &Value) -> String {
    let name = |contact: &Value| contact.pointer("/name/formatted_name").and_then(Value::as_str).map(str::to_owned);
    let names = content.as_array().into_iter().flatten().filter_map(name);
    names.collect::<Vec<_>>().join(", ")
}

fn interactive(content: &Value) -> String {
    let title = |path: &str| content.pointer(path).and_then(Value::as_str).map(str::to_owned);
    title("/button_reply/title")
        .or_else(|| title("/list_reply/title"))
        .or_else(|| title("/nfm_reply/body").map(|body| bracketed("form", Some(&body))))
        .or_else(|| title("/call_permission_reply/response").map(|answer| format!("[call permission: {answer}]")))
        .unwrap_or_else(|| "[interactive]".to_owned())
}

fn edited_text(content: &Value) -> &str {
    content.pointer("/message/text/body").and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::line;
    use serde_json::json;

    #[test]
    fn each_kind_has_its_line() {
        let cases = [
            ("text", json!({"body": "hola"}), "hola", true),
            ("text", json!({"body": 7}), "[text that could not be read]", false),
            ("image", json!({"caption": "mirá"}), "[image] mirá", true),
            ("audio", json!({}), "[audio]", true),
            ("document", json!({"filename": "a.pdf"}), "[document a.pdf]", true),
            ("location", json!({"latitude": 1.5, "longitude": 2, "name": "Casa"}), "[location Casa (1.5, 2)]", true),
            ("contacts", json!([{"name": {"formatted_name": "Ana"}}]), "[contact: Ana]", true),
            ("interactive", json!({"button_reply": {"title": "Sí"}}), "Sí", true),
            ("reaction", json!({"emoji": "❤️"}), "[reaction ❤️]", false),
            ("reaction", json!({}), "[reaction removed]", false),
            ("poll", json!(null), "[unsupported: poll]", false),
        ];
        for (kind, content, text, deserves_answer) in cases {
            let line = line(kind, &content);
            assert_eq!((line.text.as_str(), line.deserves_answer), (text, deserves_answer), "{kind}");
        }
    }
}
