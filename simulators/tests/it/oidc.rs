//! The identity provider: a code for a person, a token for a code, once.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::{Client, Response, redirect::Policy};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::harness::Sim;

const VERIFIER: &str = "a-verifier-of-at-least-forty-three-characters-0123";
const BACK: &str = "http://127.0.0.1:9/back";

/// A browser that shows where it is sent instead of going there.
async fn authorize(sim: &Sim) -> String {
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
    let query = [
        ("response_type", "code"),
        ("client_id", "nexus"),
        ("redirect_uri", BACK),
        ("scope", "openid email"),
        ("state", "s"),
        ("nonce", "n"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    let browser = Client::builder().redirect(Policy::none()).build().unwrap();
    let answer = browser.get(format!("{}/oidc/authorize", sim.base)).query(&query).send().await.unwrap();
    answer.headers()["location"].to_str().unwrap().to_owned()
}

fn code_of(location: &str) -> String {
    let url = reqwest::Url::parse(location).unwrap();
    url.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned()
}

async fn exchange(sim: &Sim, code: &str, verifier: &str) -> Response {
    let form = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", BACK), ("code_verifier", verifier)];
    let request = sim.client.post(format!("{}/oidc/token", sim.base)).basic_auth("nexus", Some("secret"));
    let body = reqwest::Url::parse_with_params("http://form", form).unwrap().query().unwrap().to_owned();
    request.header("content-type", "application/x-www-form-urlencoded").body(body).send().await.unwrap()
}

fn claims_of(answer: &Value) -> Value {
    let payload = answer["id_token"].as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

#[tokio::test]
async fn a_code_is_exchanged_once_and_only_with_its_verifier() {
    let sim = Sim::start(None);
    let code = code_of(&authorize(&sim).await);
    assert_eq!(exchange(&sim, &code, "another verifier").await.status(), 400);
    let answer: Value = exchange(&sim, &code, VERIFIER).await.json().await.unwrap();
    let claims = claims_of(&answer);
    assert_eq!((&claims["nonce"], &claims["aud"], &claims["email_verified"]), (&json!("n"), &json!(["nexus"]), &json!(true)));
    let again = exchange(&sim, &code, VERIFIER).await;
    assert_eq!(again.json::<Value>().await.unwrap()["error"], "invalid_grant");
    let url = format!("{}/oidc/.well-known/openid-configuration", sim.base);
    let published: Value = sim.client.get(url).send().await.unwrap().json().await.unwrap();
    assert_eq!(published["issuer"], claims["iss"]);
}

#[tokio::test]
async fn what_is_wrong_with_the_tokens_is_chosen() {
    let sim = Sim::start(None);
    sim.control("oidc/config", json!({ "person": { "sub": "p-2", "email": "eva@example.com" }, "flaw": "wrong_nonce" })).await;
    let answer: Value = exchange(&sim, &code_of(&authorize(&sim).await), VERIFIER).await.json().await.unwrap();
    assert_eq!((&claims_of(&answer)["sub"], &claims_of(&answer)["nonce"]), (&json!("p-2"), &json!("another-nonce")));
    sim.control("oidc/config", json!({ "flaw": "denied" })).await;
    assert!(authorize(&sim).await.contains("error=access_denied"));
}
