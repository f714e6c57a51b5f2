//! The language a reader wants: `Accept-Language`, or Spanish.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;

use crate::phrases::Language;

/// The first language of `Accept-Language` that we speak.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reads(pub Language);

impl<S: Send + Sync> FromRequestParts<S> for Reads {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let listed = parts.headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        Ok(Self(first_spoken(listed)))
    }
}

fn first_spoken(listed: &str) -> Language {
    let codes = listed.split(',').filter_map(|part| part.trim().get(..2)).map(str::to_ascii_lowercase);
    let spoken = codes.into_iter().find(|code| matches!(code.as_str(), "es" | "pt" | "en"));
    Language::of_code(spoken.as_deref().unwrap_or("es"))
}

#[cfg(test)]
mod tests {
    use super::first_spoken;
    use crate::phrases::Language;

    #[test]
    fn the_first_language_we_speak_is_taken() {
        assert_eq!(first_spoken("de-DE, pt-BR;q=0.9, en;q=0.8"), Language::Portuguese);
        assert_eq!(first_spoken(""), Language::Spanish);
        assert_eq!(first_spoken("é,x"), Language::Spanish);
    }
}
