//! A service account with a real key.

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

pub const ACCOUNT: &str = "agenda@demo.iam.gserviceaccount.com";

pub struct ServiceAccount {
    pair: KeyPair,
    /// The key file, whose token address is a trap.
    pub file: String,
}

impl ServiceAccount {
    pub fn new() -> Self {
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let der: Pkcs8V1Der<'static> = pair.as_der().unwrap();
        let lines: Vec<String> =
            STANDARD.encode(der.as_ref()).as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line).into_owned()).collect();
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines.join("\n"));
        let file = json!({ "type": "service_account", "client_email": ACCOUNT, "private_key": pem,
            "token_uri": "http://127.0.0.1:1/stolen" });
        Self { pair, file: file.to_string() }
    }

    /// The claims of an assertion that this account has signed.
    pub fn claims(&self, form: &[u8]) -> Value {
        let form = String::from_utf8(form.to_vec()).unwrap();
        let assertion = form.split('&').find_map(|pair| pair.strip_prefix("assertion=")).unwrap();
        let (signed, signature) = assertion.rsplit_once('.').unwrap();
        let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, self.pair.public_key().as_ref());
        key.verify(signed.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(signed.split_once('.').unwrap().1).unwrap()).unwrap()
    }
}
