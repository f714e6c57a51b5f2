//! The model provider: is the key valid, is the model there, is there credit. Only an answer proves credit, so one is
//! asked for that is as short as possible.

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use super::Surroundings;
use crate::integrations::finding::{Finding, StepName};
use crate::integrations::http::{Answered, ask, guarded};
use crate::integrations::probe::Probe;
use crate::integrations::settings::OpenAiSettings;
use crate::model::{ModelError, OPENAI_URL};

/// The least that models with hidden reasoning accept.
const FEW_TOKENS: u32 = 16;

pub(super) async fn check(probe: &mut Probe, settings: &OpenAiSettings, key: &SecretString, surroundings: Surroundings<'_>) {
    let base = settings.base_url.as_deref().unwrap_or(OPENAI_URL).trim_end_matches('/');
    let model = settings.model.as_deref().unwrap_or(surroundings.default_model);
    let http = match guarded(surroundings.targets()) {
        Ok(http) => http,
        Err(finding) => return probe.note(StepName::Settings, finding),
    };
    let listing = async {
        let answer = ask(http.get(format!("{base}/models")).bearer_auth(key.expose_secret())).await?;
        models(&answer).map(|models| (Finding::KeyAccepted, models))
    };
    let Some(models) = probe.step(StepName::SignIn, listing).await else { return };
    if let Some(models) = models {
        let is_there = models.iter().any(|known| known == model);
        let model = model.to_owned();
        probe.note(StepName::Model, if is_there { Finding::ModelThere { model } } else { Finding::ModelMissing { model } });
        if !is_there {
            return;
        }
    }
    let answering = async {
        let request =
            json!({ "model": model, "messages": [{ "role": "user", "content": "ping" }], "max_completion_tokens": FEW_TOKENS });
        let url = format!("{base}/chat/completions");
        let answer = ask(http.post(url).bearer_auth(key.expose_secret()).json(&request)).await?;
        match answer.status.is_success() && answer.body["choices"].is_array() {
            true => Ok((Finding::ModelAnswers { model: model.to_owned() }, ())),
            false => Err(of_error(&answer, model)),
        }
    };
    probe.step(StepName::Account, answering).await;
}

/// The models of the key; `None` where a compatible server has no such list.
fn models(answer: &Answered) -> Result<Option<Vec<String>>, Finding> {
    let listed = answer.body["data"].as_array();
    match (answer.status.as_u16(), listed) {
        (200, Some(listed)) => Ok(Some(listed.iter().filter_map(|model| model["id"].as_str()).map(str::to_owned).collect())),
        (404 | 405 | 501, _) if !answer.body.is_null() => Ok(None),
        _ => Err(of_error(answer, "")),
    }
}

fn of_error(answer: &Answered, model: &str) -> Finding {
    let status = answer.status.as_u16();
    // Some compatible servers put the error inside of a 200.
    let is_error = !answer.status.is_success() || answer.body["error"].is_object();
    if !is_error || answer.status.is_redirection() {
        return Finding::NotTheApi;
    }
    match ModelError::of_error(status, &answer.body, None) {
        ModelError::BadKey => Finding::KeyRefused,
        ModelError::QuotaExhausted => Finding::NoCredit,
        ModelError::RateLimited { .. } => Finding::RateLimited,
        ModelError::Refused { code } if code.as_deref() == Some("model_not_found") => {
            Finding::ModelMissing { model: model.to_owned() }
        }
        _ if matches!(answer.body, Value::Null) && status < 500 => Finding::NotTheApi,
        _ => answer.failure(),
    }
}
