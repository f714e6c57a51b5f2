//! Cuts an answer into the bubbles a person would send: at paragraphs and sentences near 400 characters, never inside a
//! link, a price or a list item. Pure.

use nexus_core::message::{MAX_TEXT_CHARS, OutboundContent};

/// What reads well on a phone.
const TARGET_CHARS: usize = 400;
/// An answer this short stays whole, rather than leaving a stub behind.
const WHOLE_CHARS: usize = 500;
/// A long answer gets longer bubbles instead of a flood of them.
const MOST_BUBBLES: usize = 8;

/// The bubbles of an answer, in order. None for a blank answer.
#[must_use]
pub fn bubbles(answer: &str) -> Vec<OutboundContent> {
    split(answer).into_iter().map(|body| OutboundContent::Text { body }).collect()
}

fn split(answer: &str) -> Vec<String> {
    let answer = answer.replace("\r\n", "\n");
    let answer = answer.trim();
    let length = chars(answer);
    if length <= WHOLE_CHARS {
        return if answer.is_empty() { Vec::new() } else { vec![answer.to_owned()] };
    }
    let target = TARGET_CHARS.max(length / MOST_BUBBLES).min(MAX_TEXT_CHARS);
    let mut packer = Packer { target, done: Vec::new(), current: String::new() };
    for paragraph in paragraphs(answer) {
        packer.paragraph(&paragraph);
    }
    packer.finish()
}

/// Fills bubbles up to the target, one atom at a time.
struct Packer {
    target: usize,
    done: Vec<String>,
    current: String,
}

impl Packer {
    fn paragraph(&mut self, paragraph: &str) {
        if self.fits("\n\n", paragraph) {
            return self.join("\n\n", paragraph);
        }
        self.close();
        if chars(paragraph) <= self.target {
            return self.join("", paragraph);
        }
        for (separator, atom) in atoms(paragraph) {
            for piece in within_limit(atom) {
                if !self.fits(separator, piece) {
                    self.close();
                }
                self.join(separator, piece);
            }
        }
    }

    fn fits(&self, separator: &str, text: &str) -> bool {
        self.current.is_empty() && chars(text) <= self.target
            || !self.current.is_empty() && chars(&self.current) + separator.len() + chars(text) <= self.target
    }

    fn join(&mut self, separator: &str, text: &str) {
        if !self.current.is_empty() {
            self.current.push_str(separator);
        }
        self.current.push_str(text);
    }

    fn close(&mut self) {
        let closed = std::mem::take(&mut self.current);
        let closed = closed.trim();
        if !closed.is_empty() {
            self.done.push(closed.to_owned());
        }
    }

    fn finish(mut self) -> Vec<String> {
        self.close();
        self.done
    }
}

fn chars(text: &str) -> usize {
    text.chars().count()
}

/// Blocks between blank lines.
fn paragraphs(text: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    for line in text.lines() {
        let line = line.trim_end();
        if line.trim().is_empty() {
            found.push(String::new());
        } else if let Some(last) = found.last_mut() {
            if !last.is_empty() {
                last.push('\n');
            }
            last.push_str(line);
        }
    }
    found.retain(|paragraph| !paragraph.is_empty());
    found
}

/// What is never cut: list items whole, other lines by sentence. Each comes with what joins it to the one before.
fn atoms(paragraph: &str) -> Vec<(&'static str, &str)> {
    let mut found = Vec::new();
    for line in paragraph.lines() {
        let pieces = if is_list_item(line) { vec![line] } else { sentences(line) };
        for (index, piece) in pieces.into_iter().enumerate() {
            found.push((if index == 0 { "\n" } else { " " }, piece));
        }
    }
    found
}

fn is_list_item(line: &str) -> bool {
    let line = line.trim_start();
    let after_number = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_numbered = after_number.len() < line.len() && after_number.starts_with(['.', ')']);
    is_numbered || line.starts_with(['-', '*', '•', '–', '·', '✅', '▪'])
}

/// A sentence ends with its mark, whatever closes it, and a space: so neither in `$1.500` nor in a link.
fn sentences(line: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut may_end = false;
    for (at, character) in line.char_indices() {
        match character {
            '.' | '!' | '?' | '…' | ';' => may_end = true,
            '"' | '\'' | ')' | ']' | '»' | '”' => {}
            space if space.is_whitespace() && may_end => {
                found.push(line[start..at].trim());
                start = at;
                may_end = false;
            }
            _ => may_end = false,
        }
    }
    found.push(line[start..].trim());
    found.retain(|sentence| !sentence.is_empty());
    found
}

/// WhatsApp's limit is hard: only a text beyond it is cut between words, and a word beyond it anywhere.
fn within_limit(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((end, _)) = rest.char_indices().nth(MAX_TEXT_CHARS) {
        let cut = rest[..end].rfind(char::is_whitespace).filter(|cut| *cut > 0).unwrap_or(end);
        pieces.push(rest[..cut].trim());
        rest = rest[cut..].trim_start();
    }
    pieces.push(rest);
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_short_answer_stays_whole_and_a_blank_one_is_nothing() {
        assert_eq!(split(" Hola, ¿cómo estás? "), ["Hola, ¿cómo estás?"]);
        assert!(split(" \n ").is_empty());
    }

    #[test]
    fn paragraphs_come_first_then_sentences() {
        let first = "Primera frase larga. ".repeat(15);
        let second = "Segunda frase, también larga. ".repeat(12);
        let parts = split(&format!("{first}\n\n{second}"));
        assert_eq!(parts.len(), 2);
        assert!(parts[1].starts_with("Segunda"));
        let sentences = split(&"Una frase de tamaño normal que dice algo. ".repeat(30));
        assert!(sentences.iter().all(|part| part.ends_with('.') && chars(part) <= 400), "{sentences:?}");
    }

    #[test]
    fn links_prices_and_list_items_stay_whole() {
        let link = format!("https://example.com/{}", "a.b?c!d/".repeat(80));
        let item = "- Limpieza dental. Incluye control. Sale $ 20.000, en efectivo.";
        let text =
            format!("Mirá acá: {link} y contame. {}\n{}", "El precio es $ 1.500,50 por mes. ".repeat(20), [item; 12].join("\n"));
        let parts = split(&text);
        assert!(parts.iter().any(|part| part.contains(&link)));
        let items: usize = parts.iter().map(|part| part.matches(item).count()).sum();
        assert_eq!(items, 12);
        let prices: usize = parts.iter().map(|part| part.matches("$ 1.500,50").count()).sum();
        assert_eq!(prices, 20);
    }

    #[test]
    fn a_very_long_answer_is_few_bubbles_within_the_limit() {
        let parts = split(&"palabra ".repeat(3_000));
        assert!(parts.len() <= 2 * MOST_BUBBLES);
        assert!(parts.iter().all(|part| chars(part) <= MAX_TEXT_CHARS));
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_every_bubble_can_be_sent(text in "([a-zñ.!?$,0-9]{1,30}[ \n]{1,3}){0,200}|\\PC{0,900}") {
            let parts = split(&text);
            let squeezed = |text: &str| text.split_whitespace().collect::<String>();
            prop_assert_eq!(squeezed(&parts.concat()), squeezed(&text));
            for part in &parts {
                prop_assert!(!part.trim().is_empty() && chars(part) <= MAX_TEXT_CHARS);
            }
        }
    }
}
