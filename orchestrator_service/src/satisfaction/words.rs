//! The question in the three languages, as a list to choose from or as numbered text.

use nexus_core::message::{ListRow, OutboundContent};
use nexus_core::seam::survey::ROW_PREFIX;

use crate::phrases::Language;

/// Best first: that is how people read a scale on a phone.
const SCORES: [u8; 5] = [5, 4, 3, 2, 1];

const fn question(language: Language) -> &'static str {
    match language {
        Language::Spanish => "¿Cómo fue nuestra atención?",
        Language::Portuguese => "Como foi o nosso atendimento?",
        Language::English => "How was our service?",
    }
}

const fn button(language: Language) -> &'static str {
    match language {
        Language::Spanish => "Calificar",
        Language::Portuguese => "Avaliar",
        Language::English => "Rate",
    }
}

const fn reply_with_a_number(language: Language) -> &'static str {
    match language {
        Language::Spanish => "Respondé con un número:",
        Language::Portuguese => "Responda com um número:",
        Language::English => "Reply with a number:",
    }
}

const fn label(language: Language, score: u8) -> &'static str {
    match (language, score) {
        (Language::Spanish, 5) => "Excelente",
        (Language::Spanish, 4) => "Buena",
        (Language::Spanish, 3) => "Regular",
        (Language::Spanish, 2) => "Mala",
        (Language::Spanish, _) => "Muy mala",
        (Language::Portuguese, 5) => "Excelente",
        (Language::Portuguese, 4) => "Bom",
        (Language::Portuguese, 3) => "Regular",
        (Language::Portuguese, 2) => "Ruim",
        (Language::Portuguese, _) => "Muito ruim",
        (Language::English, 5) => "Excellent",
        (Language::English, 4) => "Good",
        (Language::English, 3) => "Fair",
        (Language::English, 2) => "Poor",
        (Language::English, _) => "Very poor",
    }
}

/// What is sent. `own` are the words of the business.
pub(super) fn compose(language: Language, own: Option<&str>, has_lists: bool) -> OutboundContent {
    let body = own.unwrap_or_else(|| question(language)).to_owned();
    let rows = SCORES.iter().map(|score| (*score, format!("{score} · {}", label(language, *score))));
    if has_lists {
        let rows = rows.map(|(score, title)| ListRow { id: format!("{ROW_PREFIX}{score}"), title }).collect();
        return OutboundContent::List { body, button: button(language).to_owned(), rows };
    }
    let lines: Vec<String> = rows.map(|(_, line)| line).collect();
    OutboundContent::Text { body: format!("{body}\n\n{}\n{}", reply_with_a_number(language), lines.join("\n")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_fits_whatsapps_limits() {
        for language in [Language::Spanish, Language::Portuguese, Language::English] {
            let OutboundContent::List { body, button, rows } = compose(language, None, true) else { panic!("a list") };
            assert!(!body.is_empty() && button.chars().count() <= 20 && rows.len() == 5);
            assert!(rows.iter().all(|row| row.title.chars().count() <= 24), "{rows:?}");
            let OutboundContent::Text { body } = compose(language, Some("¿Y?"), false) else { panic!("a text") };
            assert!(body.starts_with("¿Y?\n\n") && body.lines().count() == 8, "{body}");
        }
    }
}
