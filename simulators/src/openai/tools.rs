//! Picks one of the offered tools for an intent and fills its arguments from its own schema.

use chrono::{Duration, Local};
use serde_json::{Map, Value, json};

use super::{answer::ToolCall, language::fold};

/// The offered function whose name contains one of the fragments, best fragment first.
pub(crate) fn offered<'a>(body: &'a Value, fragments: &[&str]) -> Option<&'a Value> {
    if body["tool_choice"] == "none" {
        return None;
    }
    let tools = body["tools"].as_array()?;
    fragments.iter().find_map(|fragment| {
        let functions = tools.iter().map(|tool| &tool["function"]);
        functions
            .into_iter()
            .find(|function| function["name"].as_str().is_some_and(|name| name.to_lowercase().contains(fragment)))
    })
}

pub(crate) fn call(function: &Value, message: &str) -> ToolCall {
    let schema = &function["parameters"];
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut arguments = Map::new();
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let value = argument(name, property, message);
        if required.contains(&name.as_str()) || (!value.is_null() && is_telling(name)) {
            arguments.insert(name.clone(), value);
        }
    }
    ToolCall::new(None, function["name"].as_str().unwrap_or_default(), Value::Object(arguments).to_string())
}

/// Optional arguments worth giving because the message says them.
fn is_telling(name: &str) -> bool {
    ["query", "reason", "motivo", "search", "resumen", "summary"].iter().any(|word| name.contains(word))
}

fn argument(name: &str, property: &Value, message: &str) -> Value {
    let name = name.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    let kinds: Vec<&str> = match &property["type"] {
        Value::String(kind) => vec![kind.as_str()],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => vec!["string"],
    };
    if let Some(choices) = property["enum"].as_array() {
        let folded = fold(message);
        let said = choices.iter().find(|choice| choice.as_str().is_some_and(|text| folded.contains(&fold(text))));
        return said.or_else(|| choices.first()).cloned().unwrap_or(Value::Null);
    }
    if kinds.contains(&"integer") || kinds.contains(&"number") {
        let number = number_in(message);
        return match number {
            Some(number) => json!(number),
            None if kinds.contains(&"null") => Value::Null,
            None => property["minimum"].as_i64().map_or(json!(3), |minimum| json!(minimum.max(1))),
        };
    }
    if kinds.contains(&"boolean") {
        return json!(false);
    }
    if kinds.contains(&"array") {
        return json!([]);
    }
    if kinds.contains(&"object") {
        return json!({});
    }
    if has(&["date", "fecha", "day", "dia", "from", "desde"]) {
        return json!(date_in(message));
    }
    if has(&["reason", "motivo", "summary", "resumen", "message", "mensaje", "text"]) {
        return json!(shorten(message, 200));
    }
    if has(&["query", "search", "service", "servicio", "product", "name", "nombre", "topic"]) {
        return json!(keywords(message));
    }
    if kinds.contains(&"null") { Value::Null } else { json!(keywords(message)) }
}

/// The few words that carry a search; what every question has in common is left out.
pub(crate) fn keywords(message: &str) -> String {
    const COMMON: [&str; 64] = [
        "hola", "buenas", "que", "como", "cuando", "cuanto", "cuesta", "sale", "precio", "precios", "tienen", "tenes", "hay",
        "para", "por", "favor", "quiero", "quisiera", "necesito", "con", "los", "las", "una", "uno", "unos", "del", "the",
        "what", "how", "much", "does", "have", "you", "want", "need", "price", "cost", "please", "hello", "and", "are", "any",
        "quanto", "custa", "tem", "voces", "quero", "preciso", "preco", "uma", "ola", "saber", "venden", "sell", "vendem",
        "buscando", "busco", "looking", "for", "gracias", "algun", "alguna", "some", "can",
    ];
    let folded_away = |word: &&str| {
        let folded = fold(word);
        folded.chars().count() > 2 && !COMMON.contains(&folded.as_str())
    };
    let words: Vec<&str> =
        message.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).filter(folded_away).take(5).collect();
    if words.is_empty() { shorten(message, 40) } else { words.join(" ").to_lowercase() }
}

fn number_in(message: &str) -> Option<u64> {
    message.split(|c: char| !c.is_ascii_digit()).find(|digits| (1..=9).contains(&digits.len()))?.parse().ok()
}

fn date_in(message: &str) -> String {
    let folded = fold(message);
    let days = if folded.contains("pasado manana") {
        2
    } else if ["manana", "tomorrow", "amanha"].iter().any(|word| folded.contains(word)) {
        1
    } else {
        0
    };
    (Local::now() + Duration::days(days)).format("%Y-%m-%d").to_string()
}

fn shorten(text: &str, most: usize) -> String {
    text.trim().chars().take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_follow_the_schema() {
        let function = json!({ "name": "search_products", "parameters": {
            "properties": {
                "query": { "type": "string" },
                "category": { "type": ["string", "null"] },
                "limit": { "type": "integer", "enum": [3, 5] },
            },
            "required": ["query", "category", "limit"],
        }});
        let call = call(&function, "Hola, ¿tienen mates de calabaza?");
        let arguments: Value = serde_json::from_str(&call.arguments).unwrap();
        assert_eq!(arguments, json!({ "query": "mates calabaza", "category": null, "limit": 3 }));
    }
}
