//! Every documented webhook body, translated: `payloads/ycloud.expected.txt` has one line for each.

use std::fmt::Write as _;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use whatsapp_service::providers::ycloud::envelope;
use whatsapp_service::providers::ycloud::translate::translate;
use whatsapp_service::providers::{InboundMessage, Translated};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/payloads")
}

/// The exact bytes of a fixture.
pub fn payload(path: &str) -> Vec<u8> {
    std::fs::read(folder().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn names() -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder().join("ycloud"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn now() -> DateTime<Utc> {
    "2026-12-01T00:00:00Z".parse().unwrap()
}

fn summary(translated: &Translated) -> String {
    match translated {
        Translated::Message(message) => describe(message),
        Translated::Status(report) => {
            let code = report.error_code.as_deref().map(|code| format!(" {code}")).unwrap_or_default();
            let ours = report.external_id.is_some();
            format!(
                "status {:?}{code} at {} correlated={ours} | {}",
                report.status,
                report.occurred_at.to_rfc3339(),
                describe(&report.message)
            )
        }
        Translated::Template(report) => format!(
            "template {} {} of {} status={:?} category={:?} quality={:?} reason={:?} at {}",
            report.name,
            report.language,
            report.account,
            report.status,
            report.category,
            report.quality,
            report.reason,
            report.reported_at.to_rfc3339()
        ),
        Translated::Ignored(reason) => format!("ignored: {reason}"),
        Translated::Parked(reason) => format!("parked: {reason}"),
    }
}

fn describe(message: &InboundMessage) -> String {
    let contact = [
        message.contact.phone.as_ref().map(|phone| phone.as_str().to_owned()),
        message.contact.user_id.clone(),
        message.contact.group.clone(),
    ];
    let contact = contact.into_iter().flatten().collect::<Vec<_>>().join("+");
    let reply = if message.reply_to.is_some() { " quoting" } else { "" };
    format!("{:?} {} ⇄ {contact}{reply} {}: {}", message.origin, message.business_number, message.kind, message.body)
}

#[test]
fn all_67_ycloud_fixtures_translate_as_documented() {
    let names = names();
    assert_eq!(names.len(), 67);
    let mut translations = String::new();
    for name in names {
        let translated = translate(&payload(&format!("ycloud/{name}")), now());
        writeln!(translations, "{name}\t{}", summary(&translated)).unwrap();
    }
    let path = folder().join("ycloud.expected.txt");
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        std::fs::write(&path, &translations).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    for (line, wanted) in translations.lines().zip(expected.lines()) {
        assert_eq!(line, wanted);
    }
    assert_eq!(translations.lines().count(), expected.lines().count());
}

#[test]
fn every_fixture_has_its_own_event_id_and_the_number_it_is_about() {
    for name in names() {
        let body = bytes::Bytes::from(payload(&format!("ycloud/{name}")));
        let events = envelope::split(&body);
        assert_eq!(events.len(), 1, "{name}");
        assert!(events[0].event_id.starts_with("evt_"), "{name}");
        assert_eq!(events[0].bytes, body, "{name}");
        let translated = translate(&body, now());
        if let Translated::Message(message) = translated {
            assert_eq!(events[0].business_number(), Some(message.business_number), "{name}");
        }
    }
}

/// Takes a documented body apart at random: whatever is missing or of another type, nothing panics.
#[test]
fn mutilated_fixtures_are_still_understood_or_parked() {
    for name in names() {
        let original: serde_json::Value = serde_json::from_slice(&payload(&format!("ycloud/{name}"))).unwrap();
        for pointer in pointers(&original, String::new()) {
            for replacement in
                [serde_json::Value::Null, 7.into(), "\u{0}text".into(), serde_json::json!([]), serde_json::json!({})]
            {
                let mut event = original.clone();
                *event.pointer_mut(&pointer).unwrap() = replacement;
                let body = serde_json::to_vec(&event).unwrap();
                let _ = envelope::split(&bytes::Bytes::from(body.clone()));
                match translate(&body, now()) {
                    Translated::Message(message) => assert!(!message.body.contains('\0') && message.sent_at <= now()),
                    Translated::Status(_) | Translated::Ignored(_) => {}
                    Translated::Template(report) => {
                        assert!(!report.account.is_empty() && !report.name.is_empty() && report.reported_at <= now());
                    }
                    Translated::Parked(reason) => assert!(!reason.is_empty()),
                }
            }
        }
    }
}

fn pointers(value: &serde_json::Value, at: String) -> Vec<String> {
    let children: Vec<(String, &serde_json::Value)> = match value {
        serde_json::Value::Object(fields) => {
            fields.iter().map(|(key, value)| (key.replace('~', "~0").replace('/', "~1"), value)).collect()
        }
        serde_json::Value::Array(items) => items.iter().enumerate().map(|(index, value)| (index.to_string(), value)).collect(),
        _ => Vec::new(),
    };
    let mut found: Vec<String> = children.iter().flat_map(|(key, value)| pointers(value, format!("{at}/{key}"))).collect();
    found.push(at);
    found
}
