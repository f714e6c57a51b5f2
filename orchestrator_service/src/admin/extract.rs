//! Reads bodies, paths and queries, and answers problems that name the field.
//!
//! Request types derive `Deserialize` with `#[serde(deny_unknown_fields)]` and implement [`Validate`].

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::api_error::{ApiError, FieldCode, FieldError};

/// How JSON spells the character that Postgres cannot store.
const NUL: &[u8] = br"\u0000";

/// What a request type knows about its own fields beyond their types.
pub trait Validate {
    /// Adds everything that is not right.
    fn validate(&self, found: &mut FieldErrors) {
        let _ = found;
    }
}

/// Collects what is not right.
#[derive(Debug, Default)]
pub struct FieldErrors(Vec<FieldError>);

impl FieldErrors {
    /// Something is wrong with a field.
    pub fn add(&mut self, field: &str, code: FieldCode, detail: impl Into<String>) {
        self.0.push(FieldError { field: field.to_owned(), code, detail: detail.into() });
    }

    /// The field must hold `holds`.
    pub fn expect(&mut self, holds: bool, field: &str, code: FieldCode, detail: &str) {
        if !holds {
            self.add(field, code, detail);
        }
    }

    /// A text that is neither blank nor longer than `most` characters.
    pub fn text(&mut self, field: &str, text: &str, most: usize) {
        self.expect(!text.trim().is_empty(), field, FieldCode::Blank, "must not be blank");
        self.longest(field, text, most);
    }

    /// A text of at most `most` characters.
    pub fn longest(&mut self, field: &str, text: &str, most: usize) {
        if text.chars().count() > most {
            self.add(field, FieldCode::TooLong, format!("must have at most {most} characters"));
        }
    }

    /// A number within a range, or nothing.
    pub fn range(&mut self, field: &str, value: Option<i32>, range: std::ops::RangeInclusive<i32>) {
        if value.is_some_and(|value| !range.contains(&value)) {
            self.add(field, FieldCode::OutOfRange, format!("must lie between {} and {}", range.start(), range.end()));
        }
    }

    /// An e-mail address.
    pub fn email(&mut self, field: &str, email: &str) {
        let is_address = email.len() <= 254 && email.parse::<lettre::Address>().is_ok();
        self.expect(is_address, field, FieldCode::Invalid, "must be an e-mail address");
    }

    /// All of them as one answer, or none.
    pub fn into_result(self) -> Result<(), ApiError> {
        if self.0.is_empty() { Ok(()) } else { Err(ApiError::Invalid(self.0)) }
    }
}

/// A JSON body that has been validated. An empty body counts as `{}`.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned + Validate, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let is_json = is_json(request.headers());
        let body = Bytes::from_request(request, state).await.map_err(|_| ApiError::BodyTooLarge)?;
        read(is_json, &body).map(Self)
    }
}

/// Whether a body is sent as JSON. Forms of other sites can only send what is not.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    media_type.eq_ignore_ascii_case("application/json")
}

/// Reads and validates a body.
pub(super) fn read<T: DeserializeOwned + Validate>(is_json: bool, body: &[u8]) -> Result<T, ApiError> {
    if !is_json && !body.is_empty() {
        return Err(ApiError::WrongMediaType);
    }
    let body = if body.is_empty() { b"{}" } else { body };
    refuse_what_serde_would_take(body)?;
    let mut json = serde_json::Deserializer::from_slice(body);
    let value: T = serde_path_to_error::deserialize(&mut json).map_err(|error| explain(&error))?;
    json.end().map_err(|error| ApiError::NotJson(error.to_string()))?;
    let mut found = FieldErrors::default();
    value.validate(&mut found);
    found.into_result()?;
    Ok(value)
}

/// serde reads a list as the fields in their order, and Postgres stores no NUL character.
fn refuse_what_serde_would_take(body: &[u8]) -> Result<(), ApiError> {
    if body.trim_ascii_start().starts_with(b"[") {
        return Err(ApiError::field("", FieldCode::WrongType, "must be an object"));
    }
    if !body.windows(NUL.len()).any(|part| part == NUL) {
        return Ok(());
    }
    let value: Value = serde_json::from_slice(body).map_err(|error| ApiError::NotJson(error.to_string()))?;
    match path_of_nul(&value) {
        Some(path) => Err(ApiError::field(path.trim_start_matches('.'), FieldCode::Invalid, "must not hold the character NUL")),
        None => Ok(()),
    }
}

fn path_of_nul(value: &Value) -> Option<String> {
    let below = |name: String, value: &Value| path_of_nul(value).map(|rest| format!("{name}{rest}"));
    match value {
        Value::String(text) => text.contains('\0').then(String::new),
        Value::Array(items) => items.iter().enumerate().find_map(|(index, item)| below(format!("[{index}]"), item)),
        Value::Object(fields) => fields
            .iter()
            .find_map(|(name, field)| if name.contains('\0') { Some(String::new()) } else { below(format!(".{name}"), field) }),
        _ => None,
    }
}

/// What is wrong with a part of a body that is read by itself, with the path of the part before that of the field.
pub(super) fn explain_within(part: &str, error: &serde_path_to_error::Error<serde_json::Error>) -> ApiError {
    match explain(error) {
        ApiError::Invalid(mut errors) => {
            for error in &mut errors {
                error.field = if error.field.is_empty() { part.to_owned() } else { format!("{part}.{}", error.field) };
            }
            ApiError::Invalid(errors)
        }
        other => other,
    }
}

/// serde repeats the value that it did not expect, and that may be a secret in the wrong field.
fn without_value(words: &str) -> String {
    match words.rsplit_once(", expected ") {
        Some((_, expected)) => format!("must be {expected}"),
        None => words.to_owned(),
    }
}

/// serde tells what is wrong in words only, so the words are read.
fn explain(error: &serde_path_to_error::Error<serde_json::Error>) -> ApiError {
    let cause = error.inner();
    if !cause.is_data() {
        return ApiError::NotJson(cause.to_string());
    }
    let words = cause.to_string();
    // "… at line 1 column 2" helps nobody who sent one line.
    let words = words.split(" at line ").next().unwrap_or_default();
    let path = match error.path().to_string() {
        root if root == "." => String::new(),
        path => path,
    };
    let named = words.split('`').nth(1).unwrap_or_default();
    // The path may or may not end in the name that the words give.
    let with_name = match path.as_str() {
        "" => named.to_owned(),
        path if path == named || path.ends_with(&format!(".{named}")) => path.to_owned(),
        path => format!("{path}.{named}"),
    };
    if words.starts_with("unknown field") {
        ApiError::field(&with_name, FieldCode::Unknown, "is not a field of this request")
    } else if words.starts_with("missing field") {
        ApiError::field(&with_name, FieldCode::Missing, "must be there")
    } else if words.starts_with("unknown variant") {
        ApiError::field(&path, FieldCode::Invalid, &without_value(words))
    } else {
        ApiError::field(&path, FieldCode::WrongType, &without_value(words))
    }
}

/// For fields of a change where null is a value: `Some(None)` is null, `None` is absent. Needs `#[serde(default)]`.
pub fn present<'de, T: serde::Deserialize<'de>, D: serde::Deserializer<'de>>(field: D) -> Result<Option<Option<T>>, D::Error> {
    serde::Deserialize::deserialize(field).map(Some)
}

/// Parts of the path by name, e.g. `Path<ConversationPath>`. What cannot be an id is an object that does not exist.
#[derive(Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let path = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        path.map(|axum::extract::Path(path)| Self(path)).map_err(|_| ApiError::NotFound("object"))
    }
}

/// The query. With [`super::page::Paging`] beside it, unknown parameters must be allowed.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned + Validate, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let query = axum::extract::Query::<T>::try_from_uri(&parts.uri);
        let axum::extract::Query(query) = query.map_err(|error| {
            let words = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
            let before_colon = words.split(':').next().unwrap_or_default();
            let is_missing = before_colon.starts_with("missing field");
            let field = if is_missing { before_colon.split('`').nth(1).unwrap_or_default() } else { before_colon }.to_owned();
            ApiError::field(&field, FieldCode::Invalid, &words)
        })?;
        let mut found = FieldErrors::default();
        query.validate(&mut found);
        found.into_result()?;
        Ok(Self(query))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its reading is tested")]
    struct Outer {
        name: String,
        inner: Option<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its reading is tested")]
    struct Inner {
        number: i32,
    }

    impl Validate for Outer {
        fn validate(&self, found: &mut FieldErrors) {
            found.text("name", &self.name, 5);
        }
    }

    fn mistake(body: &str) -> (String, FieldCode) {
        match read::<Outer>(true, body.as_bytes()).unwrap_err() {
            ApiError::Invalid(errors) => (errors[0].field.clone(), errors[0].code),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_mistake_names_its_field() {
        let cases = [
            (r#"{"name":"a","extra":1}"#, "extra", FieldCode::Unknown),
            (r#"{"name":"a","inner":{"number":1,"x":1}}"#, "inner.x", FieldCode::Unknown),
            (r#"{"name":"a","inner":{"number":"1"}}"#, "inner.number", FieldCode::WrongType),
            (r#"{"name":"a","inner":{}}"#, "inner.number", FieldCode::Missing),
            ("", "name", FieldCode::Missing),
            (r#"{"name":1}"#, "name", FieldCode::WrongType),
            (r#"{"name":" "}"#, "name", FieldCode::Blank),
            (r#"["a"]"#, "", FieldCode::WrongType),
            (r#"{"name":"a","inner":{"x":["\u0000"]}}"#, "inner.x[0]", FieldCode::Invalid),
            (r#"{"name":"abcdef"}"#, "name", FieldCode::TooLong),
        ];
        for (body, field, code) in cases {
            assert_eq!(mistake(body), (field.to_owned(), code), "{body}");
        }
        assert!(matches!(read::<Outer>(true, b"{").unwrap_err(), ApiError::NotJson(_)));
        assert!(matches!(read::<Outer>(true, br#"{"name":"a"} x"#).unwrap_err(), ApiError::NotJson(_)));
        assert!(matches!(read::<Outer>(false, br#"{"name":"a"}"#).unwrap_err(), ApiError::WrongMediaType));
    }
}
