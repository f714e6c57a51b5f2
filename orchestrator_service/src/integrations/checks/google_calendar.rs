//! The calendar: does Google accept the account of the key file, and may it change the calendar that was named.
//!
//! Nothing is written to a calendar for the test: a list of events says which access the account has.

use chrono::Utc;
use reqwest::{Client, Url};
use secrecy::{ExposeSecret as _, SecretString};

use super::Surroundings;
use crate::integrations::finding::{Finding, StepName};
use crate::integrations::google_key::GoogleKey;
use crate::integrations::http::{Answered, ask, trusted};
use crate::integrations::probe::Probe;

const SCOPE: &str = "https://www.googleapis.com/auth/calendar";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

pub(super) async fn check(probe: &mut Probe, key: &SecretString, surroundings: Surroundings<'_>) {
    let Ok(key) = GoogleKey::read(key.expose_secret()) else {
        return probe.note(StepName::Settings, Finding::KeyFileUnusable);
    };
    let http = match trusted() {
        Ok(http) => http,
        Err(finding) => return probe.note(StepName::Settings, finding),
    };
    let email = key.client_email.clone();
    let signing_in = async {
        let token = token(&http, &key, &surroundings.outside.google_token_url).await?;
        Ok((Finding::GoogleSignedIn { email: email.clone() }, token))
    };
    let Some(token) = probe.step(StepName::SignIn, signing_in).await else { return };
    let api = &surroundings.outside.google_api_url;
    match surroundings.calendar {
        Some(calendar) => {
            let access = async { access(&http, api, &token, calendar, &email).await.map(|finding| (finding, ())) };
            probe.step(StepName::Calendar, access).await;
        }
        None => {
            let listing = async {
                let url = format!("{api}/calendar/v3/users/me/calendarList?maxResults=1");
                let answer = ask(http.get(url).bearer_auth(token.expose_secret())).await?;
                match answer.status.as_u16() {
                    200 if answer.body.is_object() => Ok((Finding::ShareCalendars { email: email.clone() }, ())),
                    200 => Err(Finding::NotTheApi),
                    _ => Err(of_error(&answer, "", &email)),
                }
            };
            probe.step(StepName::Calendar, listing).await;
        }
    }
}

/// Exchanges a signed assertion for an access token.
async fn token(http: &Client, key: &GoogleKey, token_url: &str) -> Result<SecretString, Finding> {
    let assertion = key.assertion(SCOPE, token_url, Utc::now()).ok_or(Finding::KeyFileUnusable)?;
    // Neither value needs escaping beyond the colons of the grant, which a form may carry as they are.
    let form = format!("grant_type={GRANT}&assertion={assertion}");
    let request = http.post(token_url).header("content-type", "application/x-www-form-urlencoded").body(form);
    let answer = ask(request).await?;
    if let Some(token) = answer.body["access_token"].as_str().filter(|_| answer.status.is_success()) {
        return Ok(SecretString::from(token));
    }
    let description = answer.body["error_description"].as_str().unwrap_or_default();
    Err(match answer.body["error"].as_str() {
        Some("invalid_grant") if description.contains("iat") || description.contains("short-lived") => Finding::ClockWrong,
        Some("invalid_grant" | "unauthorized_client" | "invalid_client") => {
            Finding::GoogleAccountGone { email: key.client_email.clone() }
        }
        Some("invalid_scope") => Finding::ScopeMissing,
        _ if answer.status.is_success() => Finding::NotTheApi,
        _ => answer.failure(),
    })
}

/// What the account may do with one calendar.
async fn access(http: &Client, api: &str, token: &SecretString, calendar: &str, email: &str) -> Result<Finding, Finding> {
    let mut url = Url::parse(&format!("{api}/calendar/v3/calendars")).map_err(|_| Finding::NotTheApi)?;
    // As segments, because ids hold # and could hold /.
    url.path_segments_mut().map_err(|()| Finding::NotTheApi)?.extend([calendar, "events"]);
    url.set_query(Some("maxResults=1&fields=accessRole"));
    let answer = ask(http.get(url).bearer_auth(token.expose_secret())).await?;
    let calendar = calendar.to_owned();
    match (answer.status.as_u16(), answer.body["accessRole"].as_str()) {
        (200, Some("owner" | "writer")) => Ok(Finding::CalendarShared { calendar }),
        (200, Some("freeBusyReader" | "reader")) => Err(Finding::CalendarReadOnly { calendar, email: email.to_owned() }),
        (200, _) => Err(Finding::NotTheApi),
        _ => Err(of_error(&answer, &calendar, email)),
    }
}

fn of_error(answer: &Answered, calendar: &str, email: &str) -> Finding {
    let error = &answer.body["error"];
    let reason = error["errors"].as_array().and_then(|errors| errors.first()).and_then(|error| error["reason"].as_str());
    let is_disabled = || {
        let details = error["details"].as_array().map(Vec::as_slice).unwrap_or_default();
        details.iter().any(|detail| detail["reason"] == "SERVICE_DISABLED")
    };
    let (calendar, email) = (calendar.to_owned(), email.to_owned());
    match (answer.status.as_u16(), reason) {
        (403, Some("accessNotConfigured")) => Finding::CalendarApiDisabled,
        (403, _) if is_disabled() => Finding::CalendarApiDisabled,
        (403, Some("rateLimitExceeded" | "userRateLimitExceeded" | "quotaExceeded")) => Finding::RateLimited,
        (403, Some("insufficientPermissions")) => Finding::ScopeMissing,
        (403, _) if !calendar.is_empty() => Finding::CalendarReadOnly { calendar, email },
        (404, Some(_)) if !calendar.is_empty() => Finding::CalendarNotShared { calendar, email },
        _ => answer.failure(),
    }
}
