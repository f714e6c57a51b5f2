//! Identifiers in the shapes seen today; receivers must treat all of them as opaque.

use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

pub(crate) fn hex24() -> String {
    hex::encode(rand::random::<[u8; 12]>())
}

pub(crate) fn event() -> String {
    format!("evt_{}", hex::encode(rand::random::<[u8; 8]>()))
}

pub(crate) fn request() -> String {
    format!("req_{}", hex::encode(rand::random::<[u8; 10]>()))
}

pub(crate) fn wamid() -> String {
    format!("wamid.HBgN{}", STANDARD.encode(rand::random::<[u8; 38]>()))
}

/// The business-scoped user id a person keeps with one business: derived, so that it is stable.
pub(crate) fn user_id(waba_id: &str, phone: &str) -> String {
    const COUNTRIES: [(&str, &str); 8] =
        [("+54", "AR"), ("+55", "BR"), ("+52", "MX"), ("+56", "CL"), ("+57", "CO"), ("+598", "UY"), ("+34", "ES"), ("+1", "US")];
    let country = COUNTRIES.iter().find(|(prefix, _)| phone.starts_with(prefix)).map_or("US", |(_, code)| code);
    let digest = Sha256::digest(format!("{waba_id}/{phone}"));
    let number = digest.iter().take(8).fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
    format!("{country}.77{:018}", number % 1_000_000_000_000_000_000)
}

/// RFC 3339 in UTC with milliseconds and `Z`, the only time format of the API.
pub(crate) fn time(at: chrono::DateTime<chrono::Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}
