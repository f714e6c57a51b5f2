//! Templates of the accounts: list, show, submit, replace, delete, and the reports about them. A submitted one waits for
//! review until the control API decides.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json,
    body::Bytes,
    extract::{Path, Query, State},
    http::StatusCode,
};
use chrono::Utc;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{error::ApiFailure, events, ids, webhooks};
use crate::state::{Sim, lock};

/// Account, name and language are the identity of a template.
type Key = (String, String, String);

/// What the provider knows of them.
#[derive(Default)]
pub(crate) struct Templates(BTreeMap<Key, Value>);

impl Templates {
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Puts one there, or replaces it, and answers it.
    pub(crate) fn put(&mut self, account: &str, mut template: Value) -> Option<Value> {
        let key = (account.to_owned(), template["name"].as_str()?.to_owned(), template["language"].as_str()?.to_owned());
        let now = json!(ids::time(Utc::now()));
        let usual = json!({
            "wabaId": account, "officialTemplateId": ids::hex24(), "category": "UTILITY", "status": "APPROVED",
            "qualityRating": "UNKNOWN", "components": [], "createTime": now, "updateTime": now,
        });
        let fields = template.as_object_mut()?;
        for (name, value) in usual.as_object()? {
            fields.entry(name.clone()).or_insert_with(|| value.clone());
        }
        self.0.insert(key, template.clone());
        Some(template)
    }

    /// Changes some fields of one; `None` when it is not there.
    pub(crate) fn change(&mut self, key: &Key, fields: &Value) -> Option<Value> {
        let template = self.0.get_mut(key)?;
        for (name, value) in fields.as_object()? {
            template[name.as_str()] = value.clone();
        }
        template["updateTime"] = json!(ids::time(Utc::now()));
        Some(template.clone())
    }

    /// Why a message with this template is refused; `None` when it goes.
    pub(super) fn refusal(&self, account: &str, content: &Value) -> Option<ApiFailure> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let key = (account.to_owned(), text(&content["name"]), text(&content["language"]["code"]));
        let is_approved = self.0.get(&key).is_some_and(|template| template["status"] == "APPROVED");
        let refused =
            || ApiFailure::new(StatusCode::FORBIDDEN, "WHATSAPP_TEMPLATE_UNAVAILABLE", "The template is not available.");
        (!is_approved).then(refused)
    }
}

#[derive(Deserialize)]
pub(super) struct ListQuery {
    page: Option<usize>,
    limit: Option<usize>,
    #[serde(rename = "filter.wabaId")]
    account: Option<String>,
    #[serde(rename = "filter.name")]
    name: Option<String>,
    #[serde(rename = "filter.language")]
    language: Option<String>,
    #[serde(rename = "filter.status")]
    status: Option<String>,
}

impl ListQuery {
    fn covers(&self, (account, name, language): &Key, template: &Value) -> bool {
        let same = |wanted: &Option<String>, is: &str| wanted.as_deref().is_none_or(|wanted| wanted == is);
        let status = template["status"].as_str().unwrap_or_default();
        let has_status = self.status.as_deref().is_none_or(|wanted| wanted.split(',').any(|wanted| wanted == status));
        same(&self.account, account) && same(&self.name, name) && same(&self.language, language) && has_status
    }
}

pub(super) async fn list(State(sim): State<Arc<Sim>>, Query(query): Query<ListQuery>) -> Result<Json<Value>, ApiFailure> {
    let (page, limit) = (query.page.unwrap_or(1), query.limit.unwrap_or(10));
    if page == 0 || !(1..=100).contains(&limit) {
        return Err(ApiFailure::invalid(if page == 0 { "page" } else { "limit" }));
    }
    let offset = (page - 1) * limit;
    let templates = lock(&sim.ycloud.templates);
    let matching = templates.0.iter().filter(|(key, template)| query.covers(key, template)).map(|(_, template)| template);
    let items: Vec<Value> = matching.skip(offset).take(limit).cloned().collect();
    Ok(Json(json!({ "offset": offset, "limit": limit, "length": items.len(), "items": items })))
}

pub(super) async fn create(State(sim): State<Arc<Sim>>, body: Bytes) -> Result<Json<Value>, ApiFailure> {
    let body: Value = serde_json::from_slice(&body).map_err(|_| ApiFailure::invalid("body"))?;
    let text = |key: &str| body[key].as_str().filter(|text| !text.is_empty()).ok_or_else(|| ApiFailure::missing(key));
    let (account, name, language) = (text("wabaId")?, text("name")?, text("language")?);
    text("category")?;
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if name.len() > 512 || !name.chars().all(is_plain) {
        return Err(ApiFailure::invalid("name"));
    }
    let has_body = body["components"].as_array().is_some_and(|all| all.iter().any(|component| component["type"] == "BODY"));
    if !has_body {
        return Err(ApiFailure::invalid("components"));
    }
    let mut templates = lock(&sim.ycloud.templates);
    let key = (account.to_owned(), name.to_owned(), language.to_owned());
    if templates.0.contains_key(&key) {
        return Err(ApiFailure::new(StatusCode::CONFLICT, "ALREADY_EXISTS", "The template exists already."));
    }
    let template = json!({
        "name": name, "language": language, "category": body["category"], "components": body["components"], "status": "PENDING",
    });
    let made = templates.put(account, template);
    made.map(Json).ok_or_else(|| ApiFailure::invalid("body"))
}

pub(super) async fn retrieve(State(sim): State<Arc<Sim>>, Path(key): Path<Key>) -> Result<Json<Value>, ApiFailure> {
    let found = lock(&sim.ycloud.templates).0.get(&key).cloned();
    found.map(Json).ok_or_else(|| ApiFailure::not_found("The template"))
}

/// Replaces all components and asks for another review.
pub(super) async fn update(
    State(sim): State<Arc<Sim>>,
    Path(key): Path<Key>,
    Json(body): Json<Value>,
) -> Result<Json<Value>, ApiFailure> {
    let components = body.get("components").cloned().ok_or_else(|| ApiFailure::missing("components"))?;
    let mut templates = lock(&sim.ycloud.templates);
    let is_archived = templates.0.get(&key).is_some_and(|template| template["status"] == "ARCHIVED");
    if is_archived {
        return Err(ApiFailure::new(StatusCode::FORBIDDEN, "WHATSAPP_TEMPLATE_UNEDITABLE", "The template cannot be edited."));
    }
    let changed = templates.change(&key, &json!({ "components": components, "status": "PENDING" }));
    changed.map(Json).ok_or_else(|| ApiFailure::not_found("The template"))
}

pub(super) async fn delete(State(sim): State<Arc<Sim>>, Path(key): Path<Key>) -> Result<Json<Value>, ApiFailure> {
    let gone = lock(&sim.ycloud.templates).0.remove(&key);
    gone.map(Json).ok_or_else(|| ApiFailure::not_found("The template"))
}

/// Changes fields of a template and reports it as the provider does: the fields of the change beside its identity.
pub(crate) fn report(sim: &Arc<Sim>, key: &Key, kind: &str, fields: &Value) -> Option<Value> {
    let template = lock(&sim.ycloud.templates).change(key, fields)?;
    let mut payload = template.clone();
    payload.as_object_mut()?.remove("components");
    if let Some(status) = fields.get("status") {
        payload["statusUpdateEvent"] = status.clone();
    }
    drop(webhooks::dispatch(sim, events::outgoing(kind, "whatsappTemplate", payload, None), 1));
    Some(template)
}
