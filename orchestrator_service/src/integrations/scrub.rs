//! Keeps secrets out of what the other side said. A server that refuses a password may repeat it, as it is or encoded.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use nexus_core::text::truncated;
use secrecy::{ExposeSecret as _, SecretString};

const LONGEST: usize = 300;
/// So many characters of a secret in a row are a part of it and no coincidence.
const GIVEAWAY: usize = 6;

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent).with_decode_allow_trailing_bits(true);
const BASE64: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const BASE64_URL: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// What the other side said, on one line and not too long; nothing at all when it repeats a secret in any spelling.
#[must_use]
pub fn without_secrets(said: &str, secrets: &[&SecretString]) -> String {
    if secrets.iter().any(|secret| repeats(said, secret.expose_secret())) {
        return String::new();
    }
    let line: String = said.chars().map(|character| if character.is_control() { ' ' } else { character }).collect();
    let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
    truncated(&line, LONGEST).to_owned()
}

/// Whether a text holds a good part of a secret: as it is, or inside of base64, hex or a percent-encoding.
fn repeats(said: &str, secret: &str) -> bool {
    let holds = |text: &[u8]| has_part_of(text, secret.as_bytes());
    if holds(said.as_bytes()) || holds(&percent_decoded(said)) {
        return true;
    }
    let is_code = |character: char| character.is_ascii_alphanumeric() || "+/-_=".contains(character);
    said.split(|character| !is_code(character)).filter(|token| token.len() >= GIVEAWAY).any(|token| {
        let token = token.trim_matches('=');
        let decoded = [BASE64.decode(token).ok(), BASE64_URL.decode(token).ok(), hex::decode(token).ok()];
        decoded.into_iter().flatten().any(|bytes| holds(&bytes))
    })
}

fn has_part_of(text: &[u8], secret: &[u8]) -> bool {
    if secret.is_empty() {
        return false;
    }
    let length = secret.len().min(GIVEAWAY);
    secret.windows(length).any(|part| text.windows(length).any(|window| window == part))
}

fn percent_decoded(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut position = 0;
    while let Some(byte) = bytes.get(position) {
        let code = (*byte == b'%').then(|| bytes.get(position + 1..position + 3)).flatten();
        match code.and_then(|code| hex::decode(code).ok()) {
            Some(value) => {
                decoded.extend(value);
                position += 3;
            }
            None => {
                decoded.push(*byte);
                position += 1;
            }
        }
    }
    decoded
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::STANDARD;

    #[test]
    fn a_secret_is_found_in_every_spelling() {
        let secret = SecretString::from("p4ss/w0rd+Ünique");
        let plain = secret.expose_secret();
        let said = [
            format!("535 wrong password {plain}"),
            format!("535 {}", STANDARD.encode(plain)),
            // AUTH PLAIN as it was sent.
            format!("535 what is AHZ {}?", STANDARD.encode(format!("\0user@example.com\0{plain}"))),
            format!("535 <{}>", hex::encode(plain)),
            "535 p4ss%2Fw0rd%2B%C3%9Cnique".to_owned(),
            "535 starts with p4ss/w".to_owned(),
        ];
        for said in said {
            assert_eq!(without_secrets(&said, &[&secret]), "", "{said}");
        }
        let harmless = "535-5.7.8 Username and Password not accepted.\r\n535 5.7.8 gsmtp";
        let shown = without_secrets(harmless, &[&secret]);
        assert_eq!(shown, "535-5.7.8 Username and Password not accepted. 535 5.7.8 gsmtp");
        assert_eq!(without_secrets(&"x".repeat(1000), &[&secret]).len(), LONGEST);
    }
}
