//! What somebody typed into a search box, as the words that are looked up. Nothing of it ever becomes a pattern.

use nexus_core::phone::PhoneNumber;
use nexus_core::tenancy::TenantTx;
use nexus_core::text;

const MOST_CHARS: usize = 200;
const MOST_WORDS: i64 = 6;
/// Above every character, so that `from <= term < to` finds what begins with a word.
const AFTER_EVERYTHING: char = '\u{10FFFF}';

/// Words that must all be there, each as the beginning of one that is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// The words themselves.
    pub from: Vec<String>,
    /// Where what begins with them ends.
    pub to: Vec<String>,
}

impl Words {
    fn new(words: Vec<String>) -> Self {
        let to = words.iter().map(|word| format!("{word}{AFTER_EVERYTHING}")).collect();
        Self { from: words, to }
    }

    /// Reads a search box. What holds no word at all finds nothing.
    pub async fn read(tx: &mut TenantTx, typed: &str) -> Result<Self, sqlx::Error> {
        let typed = text::truncated(typed, MOST_CHARS);
        if let Some(digits) = phone_digits(typed) {
            return Ok(Self::new(vec![digits]));
        }
        let typed = text::without_nul(typed);
        let words = sqlx::query_scalar("SELECT word FROM nexus_terms($1) AS t (word) ORDER BY length(word) DESC, word LIMIT $2");
        Ok(Self::new(words.bind(typed).bind(MOST_WORDS).fetch_all(&mut **tx).await?))
    }
}

/// A number or a part of one, by its digits only and in the spelling under which contacts are kept.
fn phone_digits(typed: &str) -> Option<String> {
    let is_phone = typed.chars().all(|character| character.is_ascii_digit() || " +-().\u{a0}".contains(character));
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    if !is_phone || digits.len() < 3 {
        return None;
    }
    let whole = PhoneNumber::parse(typed).map(|number| number.matching_key().trim_start_matches('+').to_owned());
    Some(whole.unwrap_or_else(|| digits.trim_start_matches('0').to_owned()))
}

#[cfg(test)]
mod tests {
    use super::phone_digits;

    #[test]
    fn numbers_are_searched_by_their_digits() {
        assert_eq!(phone_digits("+54 381 555-0142").as_deref(), Some("5493815550142"));
        assert_eq!(phone_digits("(381) 555-0142").as_deref(), Some("3815550142"));
        assert_eq!(phone_digits("142").as_deref(), Some("142"));
        assert_eq!(phone_digits("Ana 142"), None);
        assert_eq!(phone_digits("%_'"), None);
    }
}
