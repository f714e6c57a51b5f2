//! Media of customers: small real files behind links that work without a key for a few minutes.
//! The id itself says which sample it is and when it was made, so nothing has to be remembered.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::{HeaderMap, HeaderName, header},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::Utc;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{error::ApiFailure, has_key, unauthorized};
use crate::state::Sim;

struct Sample {
    types: &'static [&'static str],
    mime_type: &'static str,
    bytes: &'static [u8],
}

const SAMPLES: [Sample; 3] = [
    Sample { types: &["image", "sticker"], mime_type: "image/png", bytes: include_bytes!("media/sample.png") },
    Sample { types: &["audio", "voice"], mime_type: "audio/ogg; codecs=opus", bytes: include_bytes!("media/sample.ogg") },
    Sample { types: &["document", "video"], mime_type: "application/pdf", bytes: include_bytes!("media/sample.pdf") },
];

const PREFIX: &str = "40";
/// Files are kept for about one month.
const KEPT_SECS: i64 = 30 * 24 * 3600;

/// Fills in what a test left out of a media object: id, link, type and digest.
pub(crate) fn complete(base_url: &str, kind: &str, content: &mut Value) {
    let Some(position) = SAMPLES.iter().position(|sample| sample.types.contains(&kind)) else { return };
    let (Some(sample), Some(content)) = (SAMPLES.get(position), content.as_object_mut()) else { return };
    let id = content
        .get("id")
        .and_then(Value::as_str)
        .map(str::to_owned)
        .unwrap_or_else(|| format!("{PREFIX}{position}{}{:05}", Utc::now().timestamp(), rand::random_range(0..100_000)));
    content.entry("id").or_insert_with(|| json!(id));
    content.entry("mime_type").or_insert_with(|| json!(sample.mime_type));
    content.entry("sha256").or_insert_with(|| json!(STANDARD.encode(Sha256::digest(sample.bytes))));
    content.entry("link").or_insert_with(|| json!(link(base_url, &id)));
    if kind == "document" {
        content.entry("filename").or_insert_with(|| json!("documento.pdf"));
    }
}

fn link(base_url: &str, id: &str) -> String {
    let signature = hex::encode(Sha256::digest(id.as_bytes()));
    let payload = STANDARD.encode(json!({ "id": id }).to_string()).replace('=', "%3D").replace('+', "%2B");
    let sig = format!("t%3D{}%2Cs%3D{signature}", Utc::now().timestamp());
    format!("{base_url}/ycloud/v2/whatsapp/media/download/{id}?sig={sig}&payload={payload}")
}

pub(super) async fn download(
    State(sim): State<Arc<Sim>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<([(HeaderName, &'static str); 1], &'static [u8]), ApiFailure> {
    let (sample, made_at) = parse(&id).ok_or_else(|| ApiFailure::not_found("The media"))?;
    let age = Utc::now().timestamp() - made_at;
    if age > KEPT_SECS {
        return Err(ApiFailure::not_found("The media"));
    }
    let open_secs = i64::try_from(sim.config().media_open_secs).unwrap_or(i64::MAX);
    let keyed = headers.contains_key("X-API-Key");
    // A wrong key is refused even while the link is open.
    if (keyed && !has_key(&sim, &headers)) || (!keyed && age >= open_secs) {
        return Err(unauthorized());
    }
    Ok(([(header::CONTENT_TYPE, sample.mime_type)], sample.bytes))
}

fn parse(id: &str) -> Option<(&'static Sample, i64)> {
    let rest = id.strip_prefix(PREFIX)?;
    let sample = SAMPLES.get(rest.get(..1)?.parse::<usize>().ok()?)?;
    Some((sample, rest.get(1..11)?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_completed_object_points_to_a_file_with_that_digest() {
        let mut content = json!({ "caption": "hola" });
        complete("http://127.0.0.1:1", "image", &mut content);
        let (sample, _) = parse(content["id"].as_str().unwrap()).unwrap();
        assert_eq!(content["mime_type"], "image/png");
        assert_eq!(content["sha256"], STANDARD.encode(Sha256::digest(sample.bytes)));
        assert!(content["link"].as_str().unwrap().contains("/media/download/40"));
    }
}
