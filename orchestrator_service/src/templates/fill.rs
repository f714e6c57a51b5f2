//! Fills a template in: the components that the provider takes, and what the contact will read. What does not match the
//! definition is refused with its field, before anything is sent.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::definition::{Definition, Header, placeholders};

/// WhatsApp takes no longer value.
const MOST_VALUE: usize = 1_024;

/// What is filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Parameters {
    /// The value of the header's placeholder, or an https link to its picture, film or file.
    pub header: Option<String>,
    /// One value for each placeholder of the text, in their order.
    #[schema(max_items = 50)]
    pub body: Vec<String>,
    /// Values of buttons that need one.
    #[schema(max_items = 10)]
    pub buttons: Vec<ButtonParameter>,
}

/// The value of one button.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ButtonParameter {
    /// Which button, counted from 0.
    pub index: u32,
    /// The end of its link, its code, or what comes back when it is pressed.
    pub value: String,
}

/// A template with its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filled {
    /// What the provider takes.
    pub components: Value,
    /// What the contact reads.
    pub preview: Preview,
}

/// What the contact reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Preview {
    /// The line or the link above the text.
    pub header: Option<String>,
    /// The text.
    pub body: String,
    /// The line below it.
    pub footer: Option<String>,
    /// What the buttons say.
    pub buttons: Vec<String>,
}

/// Fields that do not match, with the reason.
pub type Mistakes = Vec<(String, &'static str)>;

/// Fills it in, or names every field that does not match.
pub fn fill(definition: &Definition, parameters: &Parameters) -> Result<Filled, Mistakes> {
    let mut mistakes = Mistakes::new();
    if !definition.unsupported.is_empty() {
        mistakes.push(("template_id".to_owned(), "this template has a part that cannot be sent from here"));
    }
    let mut components = Vec::new();
    let header = fill_header(definition.header.as_ref(), parameters.header.as_deref(), &mut components, &mut mistakes);
    let body = fill_body(&definition.body, &parameters.body, &mut components, &mut mistakes);
    fill_buttons(definition, &parameters.buttons, &mut components, &mut mistakes);
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    let buttons = definition.buttons.iter().map(|button| button.text.clone()).collect();
    let preview = Preview { header, body, footer: definition.footer.clone(), buttons };
    Ok(Filled { components: Value::Array(components), preview })
}

fn fill_header(
    header: Option<&Header>,
    value: Option<&str>,
    components: &mut Vec<Value>,
    mistakes: &mut Mistakes,
) -> Option<String> {
    let mut wrong = |why| mistakes.push(("parameters.header".to_owned(), why));
    match (header, value) {
        (Some(Header::Text(line)), value) => {
            let names = placeholders(line);
            match (names.first(), value) {
                (None, None) => Some(line.clone()),
                (None, Some(_)) => {
                    wrong("the header has no placeholder");
                    None
                }
                (Some(_), None) => {
                    wrong("the header needs a value");
                    None
                }
                (Some(name), Some(value)) => {
                    if let Some(why) = refusal(value) {
                        wrong(why);
                    }
                    components.push(json!({ "type": "header", "parameters": [text_parameter(name, value)] }));
                    Some(replaced(line, &[(*name, value)]))
                }
            }
        }
        (Some(Header::Media(kind)), Some(link)) if link.starts_with("https://") && link.len() <= 2_000 => {
            components.push(json!({ "type": "header", "parameters": [{ "type": kind, *kind: { "link": link } }] }));
            Some(link.to_owned())
        }
        (Some(Header::Media(_)), _) => {
            wrong("the header needs a link that begins with https://");
            None
        }
        (Some(Header::Other(_)), _) => {
            wrong("this kind of header cannot be sent from here");
            None
        }
        (None, Some(_)) => {
            wrong("the template has no header");
            None
        }
        (None, None) => None,
    }
}

fn fill_body(body: &str, values: &[String], components: &mut Vec<Value>, mistakes: &mut Mistakes) -> String {
    let names = placeholders(body);
    if names.len() != values.len() {
        mistakes.push(("parameters.body".to_owned(), "must have one value for each placeholder of the text"));
        return String::new();
    }
    for (index, value) in values.iter().enumerate() {
        if let Some(why) = refusal(value) {
            mistakes.push((format!("parameters.body[{index}]"), why));
        }
    }
    let pairs: Vec<(&str, &str)> = names.into_iter().zip(values.iter().map(String::as_str)).collect();
    if !pairs.is_empty() {
        let parameters: Vec<Value> = pairs.iter().map(|(name, value)| text_parameter(name, value)).collect();
        components.push(json!({ "type": "body", "parameters": parameters }));
    }
    replaced(body, &pairs)
}

fn fill_buttons(definition: &Definition, values: &[ButtonParameter], components: &mut Vec<Value>, mistakes: &mut Mistakes) {
    for (place, given) in values.iter().enumerate() {
        let is_there = usize::try_from(given.index).is_ok_and(|index| index < definition.buttons.len());
        let is_twice = values.iter().filter(|other| other.index == given.index).count() > 1;
        if !is_there || is_twice {
            mistakes.push((format!("parameters.buttons[{place}].index"), "must name a button of the template, once"));
        }
    }
    for (index, button) in definition.buttons.iter().enumerate() {
        let place = values.iter().position(|given| usize::try_from(given.index).is_ok_and(|given| given == index));
        let value = place.and_then(|place| values.get(place)).map(|given| given.value.as_str());
        let needs_value = match button.kind.as_str() {
            "url" => button.url.as_deref().is_some_and(|url| url.contains("{{")),
            "copy_code" | "otp" => true,
            _ => false,
        };
        let takes_value = needs_value || button.kind == "quick_reply";
        match (value, place) {
            (None, _) if needs_value => {
                mistakes.push(("parameters.buttons".to_owned(), "a button of this template needs a value"));
            }
            (Some(value), Some(place)) if takes_value => {
                if let Some(why) = refusal(value) {
                    mistakes.push((format!("parameters.buttons[{place}].value"), why));
                }
                components.push(button_component(&button.kind, index, value));
            }
            (Some(_), Some(place)) => mistakes.push((format!("parameters.buttons[{place}]"), "this button takes no value")),
            _ => {}
        }
    }
}

fn button_component(kind: &str, index: usize, value: &str) -> Value {
    let (sub_type, parameter) = match kind {
        "quick_reply" => ("quick_reply", json!({ "type": "payload", "payload": value })),
        "copy_code" => ("copy_code", json!({ "type": "coupon_code", "coupon_code": value })),
        _ => ("url", json!({ "type": "text", "text": value })),
    };
    json!({ "type": "button", "sub_type": sub_type, "index": index, "parameters": [parameter] })
}

/// Newer templates have names in place of numbers, and want them with the value.
fn text_parameter(name: &str, value: &str) -> Value {
    if name.parse::<u32>().is_ok() {
        json!({ "type": "text", "text": value })
    } else {
        json!({ "type": "text", "parameter_name": name, "text": value })
    }
}

/// Why WhatsApp would not take a value.
fn refusal(value: &str) -> Option<&'static str> {
    if value.trim().is_empty() {
        return Some("must not be blank");
    }
    if value.chars().count() > MOST_VALUE {
        return Some("at most 1024 characters");
    }
    if value.contains(['\n', '\r', '\t']) || value.contains("     ") {
        return Some("must not hold line breaks, tabs or more than four spaces in a row");
    }
    None
}

/// The text with values in place of names. A value that looks like a placeholder stays what it is.
fn replaced(text: &str, values: &[(&str, &str)]) -> String {
    let mut pieces = text.split("{{");
    let mut filled = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        match piece.split_once("}}") {
            Some((name, rest)) => {
                let value = values.iter().find(|(known, _)| *known == name.trim()).map_or("", |(_, value)| *value);
                filled.push_str(value);
                filled.push_str(rest);
            }
            None => {
                filled.push_str("{{");
                filled.push_str(piece);
            }
        }
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reminder() -> Definition {
        Definition::read(&json!([
            {"type": "HEADER", "format": "IMAGE"},
            {"type": "BODY", "text": "Hola {{1}}, tu turno: {{2}}. Chau {{1}}"},
            {"type": "BUTTONS", "buttons": [
                {"type": "QUICK_REPLY", "text": "Confirmo"}, {"type": "URL", "text": "Ver", "url": "https://a.example/{{1}}"},
                {"type": "PHONE_NUMBER", "text": "Llamar"}]},
        ]))
    }

    fn parameters(body: &[&str], buttons: &[(u32, &str)]) -> Parameters {
        Parameters {
            header: Some("https://a.example/b.jpg".to_owned()),
            body: body.iter().map(|value| (*value).to_owned()).collect(),
            buttons: buttons.iter().map(|(index, value)| ButtonParameter { index: *index, value: (*value).to_owned() }).collect(),
        }
    }

    #[test]
    fn what_matches_is_what_the_provider_takes() {
        let filled = fill(&reminder(), &parameters(&["{{2}}", "lunes"], &[(1, "abc"), (0, "OK")])).unwrap();
        assert_eq!(filled.preview.body, "Hola {{2}}, tu turno: lunes. Chau {{2}}", "a value is never a placeholder");
        assert_eq!(
            filled.components,
            json!([
                {"type": "header", "parameters": [{"type": "image", "image": {"link": "https://a.example/b.jpg"}}]},
                {"type": "body", "parameters": [{"type": "text", "text": "{{2}}"}, {"type": "text", "text": "lunes"}]},
                {"type": "button", "sub_type": "quick_reply", "index": 0, "parameters": [{"type": "payload", "payload": "OK"}]},
                {"type": "button", "sub_type": "url", "index": 1, "parameters": [{"type": "text", "text": "abc"}]},
            ])
        );
    }

    #[test]
    fn what_does_not_match_is_named() {
        let fields = |parameters: &Parameters| {
            fill(&reminder(), parameters).unwrap_err().into_iter().map(|(field, _)| field).collect::<Vec<_>>()
        };
        assert_eq!(fields(&parameters(&["a"], &[(1, "x")])), ["parameters.body"]);
        assert_eq!(fields(&parameters(&["a", "b\nc"], &[(1, "x")])), ["parameters.body[1]"]);
        assert_eq!(fields(&parameters(&["a", "b"], &[])), ["parameters.buttons"]);
        assert_eq!(fields(&parameters(&["a", "b"], &[(1, "x"), (2, "y")])), ["parameters.buttons[1]"]);
        assert_eq!(fields(&parameters(&["a", "b"], &[(1, "x"), (9, "y")])), ["parameters.buttons[1].index"]);
        let plain = Parameters { header: Some("http://a.example".to_owned()), ..parameters(&["a", "b"], &[(1, "x")]) };
        assert_eq!(fields(&plain), ["parameters.header"]);
        let carousel = Definition::read(&json!([{"type": "BODY", "text": "x"}, {"type": "CAROUSEL"}]));
        assert_eq!(fill(&carousel, &Parameters::default()).unwrap_err()[0].0, "template_id");
    }

    #[test]
    fn named_placeholders_carry_their_names() {
        let definition = Definition::read(&json!([{"type": "BODY", "text": "Hola {{nombre}}!"}]));
        let filled = fill(&definition, &Parameters { body: vec!["Ana".to_owned()], ..Parameters::default() }).unwrap();
        assert_eq!(filled.preview.body, "Hola Ana!");
        assert_eq!(filled.components[0]["parameters"][0]["parameter_name"], "nombre");
    }
}
