//! Webhook endpoints of the account: create, list, change, rotate the secret, delete. They are the same endpoints that the
//! control API shows and sets.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{error::ApiFailure, ids};
use crate::{
    config::{WebhookEndpoint, new_secret},
    state::Sim,
};

/// The documented fields; others are ignored, as there.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EndpointRequest {
    url: Option<String>,
    enabled_events: Option<Vec<String>>,
    status: Option<String>,
}

impl EndpointRequest {
    fn check(&self) -> Result<(), ApiFailure> {
        if self.url.as_ref().is_some_and(|url| !url.starts_with("http://") && !url.starts_with("https://")) {
            return Err(ApiFailure::invalid("url"));
        }
        if self.enabled_events.as_ref().is_some_and(Vec::is_empty) {
            return Err(ApiFailure::invalid("enabledEvents"));
        }
        match self.status.as_deref() {
            None | Some("active" | "disabled") => Ok(()),
            Some(_) => Err(ApiFailure::invalid("status")),
        }
    }
}

fn render(endpoint: &WebhookEndpoint) -> Value {
    let created = ids::time(DateTime::<Utc>::UNIX_EPOCH);
    json!({
        "id": endpoint.id,
        "url": endpoint.url,
        "enabledEvents": endpoint.enabled_events,
        "description": "",
        "status": endpoint.status,
        "secret": endpoint.secret,
        "createTime": created,
        "updateTime": created,
    })
}

pub(super) async fn list(State(sim): State<Arc<Sim>>) -> Json<Value> {
    let items: Vec<Value> = sim.config().endpoints.iter().map(render).collect();
    Json(json!({ "offset": 0, "limit": 100, "length": items.len(), "items": items }))
}

pub(super) async fn create(
    State(sim): State<Arc<Sim>>,
    Json(request): Json<EndpointRequest>,
) -> Result<(StatusCode, Json<Value>), ApiFailure> {
    request.check()?;
    let url = request.url.as_deref().ok_or_else(|| ApiFailure::missing("url"))?;
    let events = request.enabled_events.ok_or_else(|| ApiFailure::missing("enabledEvents"))?;
    let mut endpoint = WebhookEndpoint::new(url, events);
    if let Some(status) = request.status {
        endpoint.status = status;
    }
    let answer = render(&endpoint);
    sim.config().endpoints.push(endpoint);
    Ok((StatusCode::OK, Json(answer)))
}

pub(super) async fn retrieve(State(sim): State<Arc<Sim>>, Path(id): Path<String>) -> Result<Json<Value>, ApiFailure> {
    change(&sim, &id, |_| {})
}

pub(super) async fn update(
    State(sim): State<Arc<Sim>>,
    Path(id): Path<String>,
    Json(request): Json<EndpointRequest>,
) -> Result<Json<Value>, ApiFailure> {
    request.check()?;
    change(&sim, &id, |endpoint| {
        if let Some(url) = request.url {
            endpoint.url = url;
        }
        if let Some(events) = request.enabled_events {
            endpoint.enabled_events = events;
        }
        if let Some(status) = request.status {
            endpoint.status = status;
        }
    })
}

pub(super) async fn rotate(State(sim): State<Arc<Sim>>, Path(id): Path<String>) -> Result<Json<Value>, ApiFailure> {
    change(&sim, &id, |endpoint| endpoint.secret = new_secret())
}

pub(super) async fn delete(State(sim): State<Arc<Sim>>, Path(id): Path<String>) -> Result<Json<Value>, ApiFailure> {
    let mut config = sim.config();
    let position = config.endpoints.iter().position(|endpoint| endpoint.id == id);
    let position = position.ok_or_else(|| ApiFailure::not_found("The webhook endpoint"))?;
    Ok(Json(render(&config.endpoints.remove(position))))
}

fn change(sim: &Sim, id: &str, change: impl FnOnce(&mut WebhookEndpoint)) -> Result<Json<Value>, ApiFailure> {
    let mut config = sim.config();
    let endpoint = config.endpoints.iter_mut().find(|endpoint| endpoint.id == id);
    let endpoint = endpoint.ok_or_else(|| ApiFailure::not_found("The webhook endpoint"))?;
    change(endpoint);
    Ok(Json(render(endpoint)))
}
