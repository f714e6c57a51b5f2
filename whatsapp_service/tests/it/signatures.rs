//! Signature vectors: what the provider signs, and what only looks like it.

use base64::Engine as _;
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;
use serde::Deserialize;
use whatsapp_service::providers::ycloud::signature::{Signature, SignatureError};

use crate::fixtures::payload;

#[derive(Deserialize)]
struct Vectors {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    body_file: Option<String>,
    body_base64: Option<String>,
    secret: String,
    #[serde(default)]
    other_secrets: Vec<String>,
    timestamp: i64,
    header: String,
    expect: String,
}

impl Case {
    fn body(&self) -> Vec<u8> {
        match (&self.body_file, &self.body_base64) {
            (Some(file), _) => payload(&format!("ycloud/{file}")),
            (None, Some(text)) => base64::engine::general_purpose::STANDARD.decode(text).unwrap(),
            (None, None) => panic!("{} has no body", self.name),
        }
    }

    fn verify(&self, body: &[u8], now: DateTime<Utc>) -> Result<(), SignatureError> {
        let secrets: Vec<SecretString> =
            std::iter::once(&self.secret).chain(&self.other_secrets).map(|secret| SecretString::from(secret.as_str())).collect();
        Signature::parse(&self.header)?.verify(body, &secrets, now)
    }

    fn signed_at(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(self.timestamp, 0).unwrap()
    }
}

fn vectors() -> Vec<Case> {
    serde_json::from_slice::<Vectors>(&payload("ycloud-signature/vectors.json")).unwrap().cases
}

#[test]
fn all_15_signature_vectors() {
    let cases = vectors();
    assert_eq!(cases.len(), 15);
    for case in cases {
        let verdict = match case.verify(&case.body(), case.signed_at()) {
            Ok(()) => "valid",
            Err(SignatureError::Malformed) => "malformed",
            Err(SignatureError::Mismatch | SignatureError::OutOfRange) => "invalid",
        };
        assert_eq!(verdict, case.expect, "{}", case.name);
    }
}

#[test]
fn a_retry_with_the_first_timestamp_is_accepted_and_an_ancient_one_is_not() {
    let case = vectors().into_iter().find(|case| case.expect == "valid").unwrap();
    let body = case.body();
    // The provider's last retry comes 5 h 35 min 40 s after the first try.
    for minutes in [0, 30, 336, 389] {
        assert_eq!(case.verify(&body, case.signed_at() + TimeDelta::minutes(minutes)), Ok(()), "{minutes} minutes");
    }
    assert_eq!(case.verify(&body, case.signed_at() + TimeDelta::minutes(391)), Err(SignatureError::OutOfRange));
    assert_eq!(case.verify(&body, case.signed_at() - TimeDelta::minutes(391)), Err(SignatureError::OutOfRange));
}

#[test]
fn one_changed_byte_is_enough_to_refuse() {
    let case = vectors().into_iter().find(|case| case.expect == "valid").unwrap();
    let body = case.body();
    for position in (0..body.len()).step_by(37) {
        let mut forged = body.clone();
        forged[position] ^= 1;
        assert_eq!(case.verify(&forged, case.signed_at()), Err(SignatureError::Mismatch));
    }
}

#[test]
fn headers_that_are_not_signatures_are_malformed() {
    let hex = "a".repeat(64);
    let bad = [
        String::new(),
        "t=,s=".into(),
        format!("t=1,t=2,s={hex}"),
        format!("t=-1,s={hex}"),
        format!("t=1,s={}", &hex[1..]),
        format!("t=99999999999999,s={hex}"),
    ];
    for header in bad {
        assert!(matches!(Signature::parse(&header), Err(SignatureError::Malformed)), "{header}");
    }
}
