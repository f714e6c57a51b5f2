//! Text from outside, made safe to store.

/// Postgres text and jsonb cannot hold NUL; U+FFFD stands where one was.
#[must_use]
pub fn without_nul(text: &str) -> std::borrow::Cow<'_, str> {
    if text.contains('\0') { text.replace('\0', "\u{fffd}").into() } else { text.into() }
}

/// The first `most` characters, cut at a character.
#[must_use]
pub fn truncated(text: &str, most: usize) -> &str {
    text.char_indices().nth(most).map_or(text, |(end, _)| &text[..end])
}

/// Replaces NUL in every string and key of a JSON value, however deep.
#[must_use]
pub fn json_without_nul(value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match value {
        Value::String(text) => Value::String(without_nul(&text).into_owned()),
        Value::Array(items) => items.into_iter().map(json_without_nul).collect(),
        Value::Object(fields) => {
            fields.into_iter().map(|(key, value)| (without_nul(&key).into_owned(), json_without_nul(value))).collect()
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nul_is_replaced_everywhere() {
        let value = serde_json::json!({"a\u{0}": ["x\u{0}y", 1, null]});
        assert_eq!(json_without_nul(value), serde_json::json!({"a\u{fffd}": ["x\u{fffd}y", 1, null]}));
    }

    #[test]
    fn truncation_respects_characters() {
        assert_eq!(truncated("añb", 2), "añ");
        assert_eq!(truncated("añb", 9), "añb");
    }
}
