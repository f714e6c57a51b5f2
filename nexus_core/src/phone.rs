//! Phone numbers. [`PhoneNumber`] is E.164; [`PhoneNumber::matching_key`] makes the spellings of one Argentine or
//! Brazilian mobile equal. Send to the number as the provider wrote it, match by the key.

use std::fmt;

/// A number in E.164, with the plus sign.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Reads a number in international form, with or without `+`, `00`, spaces, dashes and brackets.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > 40 {
            return None;
        }
        let mut digits = String::with_capacity(text.len());
        for (position, character) in text.trim().chars().enumerate() {
            match character {
                '0'..='9' => digits.push(character),
                '+' if position == 0 => {}
                ' ' | '-' | '.' | '(' | ')' | '\u{a0}' => {}
                _ => return None,
            }
        }
        let digits = digits.strip_prefix("00").unwrap_or(&digits);
        // ITU-T E.164: at most 15 digits, no country code starts with 0.
        ((7..=15).contains(&digits.len()) && !digits.starts_with('0')).then(|| Self(format!("+{digits}")))
    }

    /// The number with its plus sign.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The spelling under which the same mobile is always found: Argentina with the `9` and without the `15`,
    /// Brazil with the ninth digit. Other countries as they are.
    #[must_use]
    pub fn matching_key(&self) -> String {
        let digits = &self.0[1..];
        if let Some(national) = digits.strip_prefix("54") {
            return format!("+549{}", argentine_national(national));
        }
        if let Some(national) = digits.strip_prefix("55") {
            return format!("+55{}", brazilian_national(national));
        }
        self.0.clone()
    }
}

/// Area code and subscriber number, ten digits in all where the number is well formed.
fn argentine_national(national: &str) -> String {
    let national = match national.len() {
        11 => national.strip_prefix('9').or_else(|| national.strip_prefix('0')).unwrap_or(national),
        _ => national,
    };
    // Domestic mobiles carry 15 between the area code and the subscriber number. Only Buenos Aires (11) has an area
    // code of two digits; all others have three or four.
    let areas = if national.starts_with("11") { 2..=2 } else { 3..=4 };
    let domestic = areas.filter(|_| national.len() == 12).find(|&area| &national[area..area + 2] == "15");
    domestic.map_or_else(|| national.to_owned(), |area| format!("{}{}", &national[..area], &national[area + 2..]))
}

fn brazilian_national(national: &str) -> String {
    let is_old_mobile = national.len() == 10 && matches!(national.as_bytes()[2], b'6'..=b'9');
    if is_old_mobile { format!("{}9{}", &national[..2], &national[2..]) } else { national.to_owned() }
}

/// Shows the country and the last two digits only, because it ends up in logs.
impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}…{}", &self.0[..3], &self.0[self.0.len() - 2..])
    }
}

#[cfg(test)]
mod tests {
    use super::PhoneNumber;
    use proptest::prelude::*;

    fn key(text: &str) -> String {
        PhoneNumber::parse(text).unwrap().matching_key()
    }

    #[test]
    fn one_argentine_mobile_has_one_key() {
        for spelling in ["+5493815550142", "5493815550142", "+54 381 555-0142", "0054 381 15 555 0142", "+54 0381 5550142"] {
            assert_eq!(key(spelling), "+5493815550142", "{spelling}");
        }
        assert_eq!(key("+54 11 15 5555 0177"), "+5491155550177");
    }

    #[test]
    fn one_brazilian_mobile_has_one_key_and_a_landline_keeps_its_own() {
        assert_eq!(key("+55 11 98765-4321"), "+5511987654321");
        assert_eq!(key("+55 11 8765-4321"), "+5511987654321");
        assert_eq!(key("+55 11 3765-4321"), "+551137654321");
    }

    #[test]
    fn what_is_not_a_number_is_refused() {
        for text in
            ["", "+", "12", "abc", "+54 9 381 555 0142 ext 3", "0123456789", &"9".repeat(16), &"1".repeat(10_000), "٣٤٥٦٧٨٩١"]
        {
            assert_eq!(PhoneNumber::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_number_in_a_log_is_not_a_number_one_can_call() {
        assert_eq!(format!("{:?}", PhoneNumber::parse("+5493815550142").unwrap()), "+54…42");
    }

    proptest! {
        #[test]
        fn parsing_never_panics(text in "\\PC{0,60}") {
            if let Some(number) = PhoneNumber::parse(&text) {
                let _ = number.matching_key();
            }
        }

        #[test]
        fn every_spelling_of_an_argentine_mobile_has_one_key(area in "11|2[0-9]{2}|3[0-9]{2}|2[0-9]{3}|3[0-9]{3}", rest in "[2-9][0-9]{7}") {
            let subscriber = &rest[..10 - area.len()];
            let expected = format!("+549{area}{subscriber}");
            for spelling in [format!("549{area}{subscriber}"), format!("54{area}{subscriber}"), format!("54{area}15{subscriber}")] {
                prop_assert_eq!(PhoneNumber::parse(&spelling).map(|number| number.matching_key()), Some(expected.clone()));
            }
        }

        #[test]
        fn every_spelling_of_a_brazilian_mobile_has_one_key(area in "[1-9]{2}", rest in "[6-9][0-9]{7}") {
            let old = PhoneNumber::parse(&format!("55{area}{rest}")).map(|number| number.matching_key());
            let new = PhoneNumber::parse(&format!("55{area}9{rest}")).map(|number| number.matching_key());
            prop_assert_eq!(old, new);
        }
    }
}
