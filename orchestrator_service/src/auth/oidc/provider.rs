//! The provider: where it is, how to leave for it, and what its answer proves.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::Utc;
use nexus_core::telemetry::error_chain;
use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreIdTokenClaims, CoreProviderMetadata, CoreTokenResponse};
use openidconnect::{
    AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest, IssuerUrl,
    Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope, TokenResponse as _,
};
use secrecy::ExposeSecret as _;
use tokio::sync::Mutex;

use super::{Flow, Refusal, exchange};
use crate::config::OidcSettings;

/// Where the provider sends people back to, below the address of the UI.
const CALLBACK: &str = "/api/v1/session/oidc/callback";
/// How long what the provider publishes is good. Keys change rarely, and a new one is asked for before a token is refused.
const KEPT: Duration = Duration::from_secs(10 * 60);
/// Not asked for anew more often than this, whatever tokens arrive.
const NOT_AGAIN_WITHIN: Duration = Duration::from_secs(30);
/// Everything one step asks of the provider, together.
const STEP: Duration = Duration::from_secs(10);

type Client = CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// Whom the provider has recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Who says so.
    pub issuer: String,
    /// Who it is there; never changes, unlike the e-mail.
    pub subject: String,
    /// An address that the provider has verified.
    pub email: String,
    /// What they are called, if the provider says.
    pub name: Option<String>,
}

/// The provider of this installation.
pub struct Provider {
    settings: OidcSettings,
    redirect_url: String,
    http: reqwest::Client,
    published: Mutex<Option<Published>>,
}

#[derive(Clone)]
struct Published {
    client: Arc<Client>,
    asked_at: Instant,
}

impl Provider {
    /// A provider that is asked nothing until somebody signs in.
    pub fn new(settings: OidcSettings, platform_url: &str) -> Result<Self, reqwest::Error> {
        let redirect_url = format!("{platform_url}{CALLBACK}");
        Ok(Self { settings, redirect_url, http: exchange::client()?, published: Mutex::default() })
    }

    /// What the button of the sign-in page says.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.settings.button_label
    }

    /// Begins a sign-in: the address to go to, and what to remember until the person is back.
    pub async fn begin(&self, return_to: String) -> Result<(String, Flow), Refusal> {
        let client = bounded(self.published(KEPT)).await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let way = CoreAuthenticationFlow::AuthorizationCode;
        let mut request = client.authorize_url(way, CsrfToken::new_random, Nonce::new_random).set_pkce_challenge(challenge);
        // `openid` is added by the crate.
        for scope in self.settings.scopes.iter().filter(|scope| *scope != "openid") {
            request = request.add_scope(Scope::new(scope.clone()));
        }
        let (url, state, nonce) = request.url();
        let flow = Flow {
            state: state.into_secret(),
            nonce: nonce.secret().clone(),
            verifier: verifier.into_secret(),
            return_to,
            begun_at: Utc::now(),
        };
        Ok((url.into(), flow))
    }

    /// Ends it: exchanges the code, and believes the token only if everything about it is right.
    pub async fn finish(&self, code: String, flow: Flow) -> Result<Identity, Refusal> {
        bounded(async {
            let client = self.published(KEPT).await?;
            let answer = self.exchange(&client, code, flow.verifier).await?;
            let nonce = Nonce::new(flow.nonce);
            if let Ok(claims) = verified(&client, &answer, &nonce) {
                return identity(claims);
            }
            // The key may be newer than what we know of the provider.
            let client = self.published(NOT_AGAIN_WITHIN).await?;
            let claims = verified(&client, &answer, &nonce).map_err(|error| {
                tracing::warn!(error = %error, "a token of the identity provider was refused");
                Refusal::Invalid
            })?;
            identity(claims)
        })
        .await
    }

    async fn exchange(&self, client: &Client, code: String, verifier: String) -> Result<CoreTokenResponse, Refusal> {
        let request = client.exchange_code(AuthorizationCode::new(code)).map_err(|_| Refusal::Unavailable)?;
        let send = |request: HttpRequest| exchange::send(self.http.clone(), request);
        let answer = request.set_pkce_verifier(PkceCodeVerifier::new(verifier)).request_async(&send).await;
        answer.map_err(|error| {
            tracing::warn!(error = error_chain(&error), "the identity provider did not take the code");
            match error {
                RequestTokenError::ServerResponse(_) => Refusal::Invalid,
                _ => Refusal::Unavailable,
            }
        })
    }

    /// The client for what the provider publishes, asked for when what is known is older than `most`.
    async fn published(&self, most: Duration) -> Result<Arc<Client>, Refusal> {
        // Held while asking: a hundred people at once ask once.
        let mut published = self.published.lock().await;
        if let Some(known) = published.as_ref().filter(|known| known.asked_at.elapsed() < most) {
            return Ok(Arc::clone(&known.client));
        }
        let client = Arc::new(self.discover().await?);
        *published = Some(Published { client: Arc::clone(&client), asked_at: Instant::now() });
        Ok(client)
    }

    async fn discover(&self) -> Result<Client, Refusal> {
        let unavailable = |error: &(dyn std::error::Error + 'static)| {
            tracing::warn!(error = error_chain(error), "the identity provider cannot be used");
            Refusal::Unavailable
        };
        let settings = &self.settings;
        let issuer = IssuerUrl::new(settings.issuer_url.clone()).map_err(|error| unavailable(&error))?;
        let send = |request: HttpRequest| exchange::send(self.http.clone(), request);
        let metadata = CoreProviderMetadata::discover_async(issuer, &send).await.map_err(|error| unavailable(&error))?;
        let secret = settings.client_secret.as_ref().map(|secret| ClientSecret::new(secret.expose_secret().to_owned()));
        let redirect = RedirectUrl::new(self.redirect_url.clone()).map_err(|error| unavailable(&error))?;
        let client = CoreClient::from_provider_metadata(metadata, ClientId::new(settings.client_id.clone()), secret);
        Ok(client.set_redirect_uri(redirect))
    }
}

/// Signature, issuer, audience, time and nonce.
fn verified<'a>(
    client: &Client,
    answer: &'a CoreTokenResponse,
    nonce: &Nonce,
) -> Result<&'a CoreIdTokenClaims, Box<dyn std::error::Error + Send + Sync>> {
    let token = answer.id_token().ok_or("there is no id token in the answer")?;
    Ok(token.claims(&client.id_token_verifier(), nonce)?)
}

fn identity(claims: &CoreIdTokenClaims) -> Result<Identity, Refusal> {
    let email = claims.email().filter(|_| claims.email_verified() == Some(true)).ok_or(Refusal::EmailUnverified)?;
    let name = claims.name().and_then(|names| names.get(None)).map(|name| name.to_string());
    Ok(Identity { issuer: claims.issuer().to_string(), subject: claims.subject().to_string(), email: email.to_string(), name })
}

async fn bounded<T>(step: impl Future<Output = Result<T, Refusal>>) -> Result<T, Refusal> {
    tokio::time::timeout(STEP, step).await.unwrap_or(Err(Refusal::Unavailable))
}
