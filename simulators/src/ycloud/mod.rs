//! The YCloud API v2 as its documents describe it: routes, key check and request ids.
//! `send` accepts messages, `statuses` lets them live, `webhooks` tells the outside.

mod api;
mod check;
pub(crate) mod deliveries;
mod endpoints;
pub(crate) mod error;
pub(crate) mod events;
pub(crate) mod ids;
pub(crate) mod media;
pub(crate) mod message;
mod send;
mod signature;
pub(crate) mod statuses;
pub(crate) mod store;
pub(crate) mod templates;
pub(crate) mod webhooks;

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{get, post},
};

use self::{deliveries::Deliveries, error::ApiFailure, store::Store, templates::Templates};
use crate::{
    faults::{Target, layer::inject},
    state::{Sim, lock},
};

pub(crate) struct YCloud {
    pub(crate) store: Mutex<Store>,
    pub(crate) deliveries: Mutex<Deliveries>,
    pub(crate) templates: Mutex<Templates>,
}

impl YCloud {
    pub(crate) fn new() -> Self {
        Self { store: Mutex::new(Store::new()), deliveries: Mutex::new(Deliveries::new()), templates: Mutex::default() }
    }

    pub(crate) fn clear(&self) {
        lock(&self.store).clear();
        lock(&self.deliveries).clear();
        lock(&self.templates).clear();
    }
}

pub(crate) fn router(sim: &Arc<Sim>) -> Router<Arc<Sim>> {
    let fault = |target: Target| from_fn_with_state((Arc::clone(sim), target), inject);
    let authenticated = Router::new()
        .route(
            "/whatsapp/messages",
            post(send::queue).layer(fault(Target::YCloudSend)).merge(get(api::list).layer(fault(Target::YCloudList))),
        )
        .route("/whatsapp/messages/sendDirectly", post(send::direct).layer(fault(Target::YCloudSend)))
        .route("/whatsapp/messages/{id}", get(api::retrieve).layer(fault(Target::YCloudGet)))
        .route("/whatsapp/inboundMessages/{id}/markAsRead", post(api::mark_as_read).layer(fault(Target::YCloudRead)))
        .route("/whatsapp/inboundMessages/{id}/typing", post(api::typing).layer(fault(Target::YCloudRead)))
        .route("/whatsapp/inboundMessages/{id}/typingIndicator", post(api::typing_indicator).layer(fault(Target::YCloudRead)))
        .route("/whatsapp/phoneNumbers", get(api::phone_numbers))
        .route("/whatsapp/templates", get(templates::list).post(templates::create).layer(fault(Target::YCloudTemplates)))
        .route(
            "/whatsapp/templates/{account}/{name}/{language}",
            get(templates::retrieve).patch(templates::update).delete(templates::delete).layer(fault(Target::YCloudTemplates)),
        )
        .route("/balance", get(api::balance))
        .route("/webhookEndpoints", get(endpoints::list).post(endpoints::create))
        .route("/webhookEndpoints/{id}", get(endpoints::retrieve).patch(endpoints::update).delete(endpoints::delete))
        .route("/webhookEndpoints/{id}/rotateSecret", post(endpoints::rotate))
        .route_layer(from_fn_with_state(Arc::clone(sim), require_key));
    // Media links work without a key for a few minutes, so this route judges the key itself.
    let media = Router::new().route("/whatsapp/media/download/{id}", get(media::download).layer(fault(Target::YCloudMedia)));
    authenticated.merge(media).fallback(unknown_route).layer(axum::middleware::from_fn(stamp_request_id))
}

async fn require_key(State(sim): State<Arc<Sim>>, request: Request, next: Next) -> Response {
    if has_key(&sim, request.headers()) {
        return next.run(request).await;
    }
    unauthorized().into_response()
}

fn unauthorized() -> ApiFailure {
    ApiFailure::new(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", "Authentication failed.")
}

fn has_key(sim: &Sim, headers: &HeaderMap) -> bool {
    match &sim.config().api_key {
        None => true,
        Some(key) => headers.get("X-API-Key").is_some_and(|given| given.as_bytes() == key.as_bytes()),
    }
}

async fn unknown_route() -> Response {
    ApiFailure::not_found("The route").into_response()
}

async fn stamp_request_id(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if !response.headers().contains_key(error::REQUEST_ID)
        && let Ok(id) = HeaderValue::from_str(&ids::request())
    {
        response.headers_mut().insert(error::REQUEST_ID, id);
    }
    response
}
