//! What a template says and what has to be filled in. Read loosely, because WhatsApp adds kinds of components; checked
//! strictly before a new one is submitted.

use serde_json::Value;

/// The limits of WhatsApp for what is submitted.
const MOST_BODY: usize = 1_024;
const MOST_LINE: usize = 60;
const MOST_BUTTON: usize = 25;
const MOST_BUTTONS: usize = 10;

/// What stands above the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Header {
    /// A line of text.
    Text(String),
    /// A picture, film or file: its kind, as a parameter names it.
    Media(&'static str),
    /// Something that cannot be filled in from here.
    Other(String),
}

/// What stands below the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Button {
    /// quick_reply, url, copy_code, phone_number, …
    pub kind: String,
    /// What it says.
    pub text: String,
    /// Where it leads; may hold a placeholder at its end.
    pub url: Option<String>,
}

/// A template as it is filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Definition {
    /// Above the text.
    pub header: Option<Header>,
    /// The text with its placeholders.
    pub body: String,
    /// Below the text.
    pub footer: Option<String>,
    /// What can be pressed.
    pub buttons: Vec<Button>,
    /// Components that cannot be sent from here.
    pub unsupported: Vec<String>,
}

impl Definition {
    /// Reads the provider's components. What cannot be read is unsupported, never an error.
    #[must_use]
    pub fn read(components: &Value) -> Self {
        let mut definition = Self::default();
        for component in components.as_array().into_iter().flatten() {
            match text(component, "type").to_uppercase().as_str() {
                "HEADER" => definition.header = Some(header(component)),
                "BODY" => definition.body = text(component, "text").to_owned(),
                "FOOTER" => definition.footer = Some(text(component, "text").to_owned()),
                "BUTTONS" => {
                    definition.buttons = component["buttons"].as_array().into_iter().flatten().map(button).collect();
                }
                other => definition.unsupported.push(other.to_lowercase()),
            }
        }
        definition
    }
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn header(component: &Value) -> Header {
    match text(component, "format").to_uppercase().as_str() {
        "" | "TEXT" => Header::Text(text(component, "text").to_owned()),
        "IMAGE" => Header::Media("image"),
        "VIDEO" => Header::Media("video"),
        "DOCUMENT" => Header::Media("document"),
        other => Header::Other(other.to_lowercase()),
    }
}

fn button(button: &Value) -> Button {
    Button {
        kind: text(button, "type").to_lowercase(),
        text: text(button, "text").to_owned(),
        url: button.get("url").and_then(Value::as_str).map(str::to_owned),
    }
}

/// The names between double braces, each once, in the order of the text: numbers, or words in newer templates.
#[must_use]
pub fn placeholders(text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    for rest in text.split("{{").skip(1) {
        let Some((name, _)) = rest.split_once("}}") else { continue };
        if !names.contains(&name.trim()) {
            names.push(name.trim());
        }
    }
    // {{2}} may stand before {{1}}: parameters follow the numbers.
    if names.iter().all(|name| name.parse::<u32>().is_ok()) {
        names.sort_by_key(|name| name.parse::<u32>().unwrap_or_default());
    }
    names
}

/// What keeps a definition from being submitted, by field.
#[must_use]
pub fn mistakes(components: &[Value]) -> Vec<(String, &'static str)> {
    let mut found = Vec::new();
    let mut bodies = 0;
    for (index, component) in components.iter().enumerate() {
        let at = |field: &str| format!("components[{index}].{field}");
        let said = text(component, "text");
        match text(component, "type") {
            "BODY" => {
                bodies += 1;
                let length = said.chars().count();
                if length == 0 || length > MOST_BODY {
                    found.push((at("text"), "1 to 1024 characters"));
                }
                if !is_numbered(said) {
                    found.push((at("text"), "placeholders must be {{1}}, {{2}} and so on, without a gap"));
                }
                if said.trim_start().starts_with("{{") || said.trim_end().ends_with("}}") {
                    found.push((at("text"), "must not begin or end with a placeholder"));
                }
                let examples = component.pointer("/example/body_text/0").and_then(Value::as_array).map_or(0, Vec::len);
                if examples != placeholders(said).len() {
                    found.push((at("example.body_text"), "needs one example for each placeholder"));
                }
            }
            "HEADER" => match header(component) {
                Header::Text(line) if line.is_empty() || line.chars().count() > MOST_LINE => {
                    found.push((at("text"), "1 to 60 characters"));
                }
                Header::Text(line) if placeholders(&line).len() > 1 => found.push((at("text"), "at most one placeholder")),
                Header::Text(_) => {}
                Header::Media(_) if component.pointer("/example/header_url/0").is_none() => {
                    found.push((at("example.header_url"), "needs an example"));
                }
                Header::Media(_) => {}
                Header::Other(_) => found.push((at("format"), "must be TEXT, IMAGE, VIDEO or DOCUMENT")),
            },
            "FOOTER" if said.is_empty() || said.chars().count() > MOST_LINE || said.contains("{{") => {
                found.push((at("text"), "1 to 60 characters without placeholders"));
            }
            "FOOTER" => {}
            "BUTTONS" => buttons_mistakes(component, &at("buttons"), &mut found),
            _ => found.push((at("type"), "must be HEADER, BODY, FOOTER or BUTTONS")),
        }
    }
    if bodies != 1 {
        found.push(("components".to_owned(), "must hold exactly one BODY"));
    }
    found
}

fn buttons_mistakes(component: &Value, at: &str, found: &mut Vec<(String, &'static str)>) {
    let buttons: Vec<Button> = component["buttons"].as_array().into_iter().flatten().map(button).collect();
    if buttons.is_empty() || buttons.len() > MOST_BUTTONS {
        found.push((at.to_owned(), "1 to 10 buttons"));
    }
    for (index, button) in buttons.iter().enumerate() {
        let length = button.text.chars().count();
        if button.kind != "copy_code" && (length == 0 || length > MOST_BUTTON) {
            found.push((format!("{at}[{index}].text"), "1 to 25 characters"));
        }
        let is_known = matches!(button.kind.as_str(), "quick_reply" | "url" | "phone_number" | "copy_code");
        if !is_known {
            found.push((format!("{at}[{index}].type"), "must be QUICK_REPLY, URL, PHONE_NUMBER or COPY_CODE"));
        }
        if button.kind == "url" && !button.url.as_deref().is_some_and(|url| url.starts_with("https://")) {
            found.push((format!("{at}[{index}].url"), "must begin with https://"));
        }
    }
}

fn is_numbered(text: &str) -> bool {
    placeholders(text).iter().enumerate().all(|(index, name)| *name == (index + 1).to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn placeholders_come_in_the_order_of_their_numbers_and_once() {
        assert_eq!(placeholders("{{2}} y {{1}}, {{2}}"), ["1", "2"]);
        assert_eq!(placeholders("{{ nombre }} {{turno}}"), ["nombre", "turno"]);
        assert!(placeholders("nada {{ abierto").is_empty());
    }

    #[test]
    fn a_definition_is_read_whatever_is_in_it() {
        let components = json!([
            {"type": "HEADER", "format": "IMAGE"}, {"type": "BODY", "text": "Hola {{1}}"}, {"type": "CAROUSEL"}, 7,
            {"type": "BUTTONS", "buttons": [{"type": "URL", "text": "Ver", "url": "https://a.example/{{1}}"}]},
        ]);
        let definition = Definition::read(&components);
        assert_eq!(definition.header, Some(Header::Media("image")));
        assert_eq!((definition.body.as_str(), definition.buttons[0].kind.as_str()), ("Hola {{1}}", "url"));
        assert_eq!(definition.unsupported, ["carousel", ""]);
        assert_eq!(Definition::read(&json!("x")), Definition::default());
    }

    #[test]
    fn every_mistake_of_a_new_one_names_its_field() {
        let fields = |components: Value| {
            let found = mistakes(components.as_array().unwrap());
            found.into_iter().map(|(field, _)| field).collect::<Vec<_>>()
        };
        let good = json!([{"type": "BODY", "text": "Hola {{1}}, te esperamos.", "example": {"body_text": [["Ana"]]}}]);
        assert!(fields(good).is_empty());
        assert_eq!(fields(json!([])), ["components"]);
        assert_eq!(fields(json!([{"type": "BODY", "text": "Hola {{1}} y chau"}])), ["components[0].example.body_text"]);
        assert_eq!(
            fields(json!([{"type": "BODY", "text": "Hola {{2}} x", "example": {"body_text": [["a"]]}}])),
            ["components[0].text"]
        );
        let buttons = json!([{"type": "BODY", "text": "x"}, {"type": "BUTTONS", "buttons": [{"type": "URL", "text": "a", "url": "ftp://x"}]}]);
        assert_eq!(fields(buttons), ["components[1].buttons[0].url"]);
        assert_eq!(fields(json!([{"type": "BODY", "text": "x"}, {"type": "LOCATION"}])), ["components[1].type"]);
    }
}
