//! Signing in through an identity provider: only the right token of the right person opens an account, and whatever goes
//! wrong ends on the sign-in page.

use std::time::{Duration, Instant};

use devstack::Stack;
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};

use crate::world::{builder, count, start};

/// A browser that is led step by step.
struct Browser<'a> {
    stack: &'a Stack,
    http: Client,
}

/// Where a sign-in ended.
struct Ended {
    location: String,
    session: Option<String>,
}

impl<'a> Browser<'a> {
    fn new(stack: &'a Stack) -> Self {
        let http = Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
        Self { stack, http }
    }

    async fn get(&self, url: &str, cookie: &str) -> Response {
        self.http.get(url).header(COOKIE, cookie).send().await.unwrap()
    }

    /// Presses the button; the address of the provider, and the cookie that comes back later.
    async fn leave(&self, query: &str) -> (String, String) {
        let answer = self.get(&format!("{}/api/v1/session/oidc{query}", self.stack.brain.url()), "").await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        (location(&answer), cookie(&answer, "nexus_oidc").unwrap_or_default())
    }

    /// From the button to wherever it ends.
    async fn sign_in(&self, query: &str) -> Ended {
        let (provider, flow) = self.leave(query).await;
        let sent_back = location(&self.get(&provider, "").await);
        self.come_back(&sent_back, &flow).await
    }

    async fn come_back(&self, address: &str, flow: &str) -> Ended {
        let answer = self.get(address, &format!("nexus_oidc={flow}")).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        Ended { location: location(&answer), session: cookie(&answer, "nexus_session") }
    }

    async fn me(&self, session: &str) -> Value {
        let url = format!("{}/api/v1/me", self.stack.brain.url());
        self.get(&url, &format!("nexus_session={session}")).await.json().await.unwrap()
    }
}

fn location(answer: &Response) -> String {
    answer.headers()[LOCATION].to_str().unwrap().to_owned()
}

/// The value of a cookie that the answer sets, unless it removes it.
fn cookie(answer: &Response, name: &str) -> Option<String> {
    let lines = answer.headers().get_all(SET_COOKIE).iter().filter_map(|line| line.to_str().ok());
    let value = lines.filter_map(|line| line.strip_prefix(name)?.strip_prefix('=')?.split(';').next()).next();
    value.filter(|value| !value.is_empty()).map(str::to_owned)
}

impl Ended {
    fn is_refused(&self, stack: &Stack, code: &str) {
        assert_eq!(self.location, format!("{}/login?error={code}", stack.brain.url()));
        assert_eq!(self.session, None, "{code}");
    }
}

async fn configure(stack: &Stack, settings: &Value) {
    let url = format!("{}/_sim/oidc/config", stack.urls().simulators);
    let answer = Client::new().post(url).json(settings).send().await.unwrap();
    assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
}

async fn fault(stack: &Stack, fault: &Value) {
    let url = format!("{}/_sim/faults", stack.urls().simulators);
    assert!(Client::new().post(url).json(fault).send().await.unwrap().status().is_success());
}

async fn run(stack: &Stack, sql: &'static str) {
    sqlx::query(sql).execute(stack.pool()).await.unwrap();
}

const ANA: &str = "INSERT INTO users (id, email) VALUES (gen_random_uuid(), 'Ana@example.com')";

#[tokio::test]
async fn somebody_known_signs_in_and_stays_the_same_when_their_address_changes() {
    let stack = start(builder("oidc_known")).await;
    let browser = Browser::new(&stack);
    let options: Value = browser.get(&format!("{}/api/v1/session/options", stack.brain.url()), "").await.json().await.unwrap();
    assert_eq!(options["oidc"], json!({ "label": "Sonrisas ID", "url": "/api/v1/session/oidc" }));
    run(&stack, ANA).await;
    let ended = browser.sign_in("?return_to=/inbox%3Fview=waiting").await;
    assert_eq!(ended.location, format!("{}/inbox?view=waiting", stack.brain.url()));
    assert_eq!(browser.me(&ended.session.unwrap()).await["email"], "Ana@example.com");
    let foreign = browser.sign_in("?return_to=https://evil.example").await;
    assert_eq!(foreign.location, format!("{}/", stack.brain.url()));

    configure(&stack, &json!({ "person": { "sub": "person-1", "email": "new@example.com", "email_verified": true } })).await;
    let ended = browser.sign_in("").await;
    assert_eq!(browser.me(&ended.session.unwrap()).await["email"], "Ana@example.com", "the subject is who they are");
    assert_eq!(count(&stack, "SELECT count(*) FROM user_identities").await, 1);
    assert_eq!(count(&stack, "SELECT count(*) FROM audit_log WHERE action = 'user.identity_linked'").await, 1);
    let opened = "SELECT count(*) FROM audit_log WHERE action = 'session.opened' AND after->>'by' = 'oidc'";
    assert_eq!(count(&stack, opened).await, 3);

    run(&stack, "UPDATE users SET disabled_at = now()").await;
    browser.sign_in("").await.is_refused(&stack, "oidc_no_account");
    stack.stop().await.unwrap();
}

#[tokio::test]
async fn nobody_becomes_a_member_by_an_identity_alone_but_an_invited_person_does() {
    let stack = start(builder("oidc_invited")).await;
    let browser = Browser::new(&stack);
    browser.sign_in("").await.is_refused(&stack, "oidc_no_account");
    assert_eq!(count(&stack, "SELECT count(*) FROM users").await, 0);
    run(
        &stack,
        "INSERT INTO invitations (tenant_id, id, email, role, token_hash, expires_at)
         SELECT id, gen_random_uuid(), 'ana@EXAMPLE.com', 'supervisor', 'x', now() + interval '1 day' FROM tenants",
    )
    .await;
    let unverified = json!({ "person": { "sub": "person-1", "email": "ana@example.com", "email_verified": false } });
    configure(&stack, &unverified).await;
    browser.sign_in("").await.is_refused(&stack, "oidc_email_unverified");
    configure(&stack, &json!({})).await;
    let ended = browser.sign_in("").await;
    let me = browser.me(&ended.session.unwrap()).await;
    assert_eq!((&me["display_name"], &me["tenants"][0]["role"]), (&json!("Ana Pérez"), &json!("supervisor")));
    assert_eq!(count(&stack, "SELECT count(*) FROM invitations WHERE accepted_at IS NOT NULL").await, 1);
    stack.stop().await.unwrap();
}

#[tokio::test]
async fn a_token_with_anything_wrong_in_it_opens_nothing() {
    let stack = start(builder("oidc_flaws")).await;
    let browser = Browser::new(&stack);
    run(&stack, ANA).await;
    let invalid = ["wrong_nonce", "expired", "wrong_audience", "wrong_issuer", "bad_signature", "unsigned", "no_token"];
    for (flaw, code) in invalid.map(|flaw| (flaw, "oidc_invalid")).into_iter().chain([("denied", "oidc_denied")]) {
        configure(&stack, &json!({ "flaw": flaw })).await;
        browser.sign_in("").await.is_refused(&stack, code);
    }
    configure(&stack, &json!({})).await;
    let (provider, flow) = browser.leave("").await;
    let sent_back = location(&browser.get(&provider, "").await);
    browser.come_back(&sent_back, "").await.is_refused(&stack, "oidc_expired");
    browser.come_back(&sent_back.replace("state=", "state=x"), &flow).await.is_refused(&stack, "oidc_expired");
    let (_, of_another) = browser.leave("").await;
    browser.come_back(&sent_back, &of_another).await.is_refused(&stack, "oidc_expired");
    assert!(browser.come_back(&sent_back, &flow).await.session.is_some(), "the control: this one is right");
    browser.come_back(&sent_back, &flow).await.is_refused(&stack, "oidc_invalid");
    assert_eq!(count(&stack, "SELECT count(*) FROM sessions").await, 1);
    stack.stop().await.unwrap();
}

#[tokio::test]
async fn a_provider_that_is_down_stops_nobody_but_those_who_come_from_it() {
    let stack = start(builder("oidc_down")).await;
    let browser = Browser::new(&stack);
    run(&stack, ANA).await;
    let down = |target: &str, kind: &str| json!({ "target": target, "kind": kind });
    for kind in ["reset_before", "server_error", "garbage", "hang"] {
        fault(&stack, &down("oidc.discovery", kind)).await;
        let started = Instant::now();
        let (location, _) = browser.leave("").await;
        assert_eq!(location, format!("{}/login?error=oidc_unavailable", stack.brain.url()), "{kind}");
        assert!(started.elapsed() < Duration::from_secs(15), "{kind} took {:?}", started.elapsed());
    }
    for kind in ["reset_before", "server_error", "hang"] {
        fault(&stack, &down("oidc.token", kind)).await;
        browser.sign_in("").await.is_refused(&stack, "oidc_unavailable");
    }
    assert!(browser.sign_in("").await.session.is_some(), "it is back");
    stack.stop().await.unwrap();
}
