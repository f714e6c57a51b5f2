//! What every route has in common in the document: who may call it, and each way it can refuse.
//!
//! A handler names its own answers; what it inherits from the guard, the extractors and the layers stands here once, so
//! that a route cannot answer a status its description does not know.

use std::collections::BTreeMap;

use utoipa::Modify;
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::schema::{Array, ArrayItems};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    Content, KnownFormat, ObjectBuilder, OpenApi, Ref, RefOr, Required, Response, ResponseBuilder, Schema, SchemaFormat, Type,
};

use super::idempotency::LONGEST_KEY;

const BEARER: &str = "bearer";
const COOKIE: &str = "session";

/// The ways to refuse: status, name in the document, meaning, and a header that comes with it.
const REFUSALS: &[(&str, &str, &str, Option<&str>)] = &[
    ("400", "NotReadable", "The body is not JSON, or the Idempotency-Key is missing or too long.", None),
    ("401", "NotSignedIn", "Nobody is signed in, or the proof is not good.", None),
    ("403", "NotAllowed", "The role or the token does not allow it, or the header X-Requested-With is missing.", None),
    ("404", "NotFound", "There is no such object here.", None),
    ("409", "Conflict", "Something stands in the way; `code` says what.", None),
    ("410", "Gone", "A link from a mail is used up, too old, or was never made.", None),
    ("412", "Outdated", "Somebody was faster; `current` is the newer version.", Some("ETag")),
    ("413", "TooLarge", "The body is too large.", None),
    ("415", "NotJson", "The body is not sent as application/json.", None),
    ("422", "Invalid", "Some fields are not right; `errors` names them.", None),
    ("424", "OutsideFailed", "A system outside did not do what it was asked; `detail` says why.", None),
    ("428", "VersionMissing", "If-Match is missing.", None),
    ("429", "TooManyTries", "Too many tries.", Some("Retry-After")),
    ("500", "Failed", "A fault of ours; the log has it under `request_id`.", None),
    ("503", "Unavailable", "The database does not answer; try again.", Some("Retry-After")),
];

/// Routes that ask a system outside before they answer.
const CALLS_OUTSIDE: [&str; 3] = ["/channels", "/templates", "/template-syncs"];

/// What callers prove themselves with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Callers {
    /// Nothing.
    Everybody,
    /// The session cookie.
    People,
    /// The session cookie or a token.
    PeopleAndPrograms,
}

/// What the guard knows about a route.
#[derive(Clone, Copy, Debug)]
pub(super) struct Guarded {
    /// As it stands in `x-permission`.
    pub access: &'static str,
    /// What they prove themselves with.
    pub is_open_to: Callers,
    /// Whether `{tenant_id}` is taken by the guard, so that no handler describes it.
    pub takes_tenant: bool,
}

/// Adds what every route has in common to the operations of one path.
pub(super) fn describe(path: &str, item: &mut PathItem, guarded: Guarded, schemas: &[(String, RefOr<Schema>)]) {
    let PathItem { get, put, post, patch, delete, .. } = item;
    let changing = [put, post, patch, delete].map(|operation| (operation, true));
    for (operation, is_changing) in [(get, false)].into_iter().chain(changing) {
        let Some(operation) = operation else { continue };
        allow(operation, guarded);
        if guarded.takes_tenant && path.contains("{tenant_id}") {
            add_tenant(operation);
        }
        operation.parameters.iter_mut().flatten().for_each(bound_header);
        let may_be_left_out = body_may_be_left_out(operation, schemas);
        if let Some(RefOr::T(body)) = &mut operation.request_body {
            body.required = Some(if may_be_left_out { Required::False } else { Required::True });
        }
        for status in refusals(path, operation, guarded.is_open_to, is_changing) {
            refuse(operation, status);
        }
    }
}

fn allow(operation: &mut Operation, guarded: Guarded) {
    let permission = ExtensionsBuilder::new().add("x-permission", guarded.access).build();
    operation.extensions.get_or_insert_default().merge(permission);
    let none: [&str; 0] = [];
    let proof = |name: &str| SecurityRequirement::new(name, none);
    operation.security = Some(match guarded.is_open_to {
        Callers::Everybody => Vec::new(),
        Callers::People => vec![proof(COOKIE)],
        Callers::PeopleAndPrograms => vec![proof(BEARER), proof(COOKIE)],
    });
}

fn add_tenant(operation: &mut Operation) {
    let id = ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)));
    let parameter = ParameterBuilder::new()
        .name("tenant_id")
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some("The business."))
        .schema(Some(id));
    let parameters = operation.parameters.get_or_insert_default();
    parameters.retain(|known| !matches!(known, RefOr::T(known) if known.name == "tenant_id"));
    parameters.insert(0, RefOr::T(parameter.build()));
}

/// Says of the headers that several routes share what may stand in them.
fn bound_header(parameter: &mut RefOr<Parameter>) {
    let RefOr::T(parameter) = parameter else { return };
    let text = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1));
    let schema = match parameter.name.as_str() {
        "Idempotency-Key" => text.max_length(Some(LONGEST_KEY)).pattern(Some("^[!-~]+$")),
        "If-Match" => text.description(Some("The ETag of the answer that was edited.")),
        _ => return,
    };
    parameter.schema = Some(schema.into());
}

/// An empty body counts as `{}` ([`super::extract::Json`]), so it is only needed where a field is.
fn body_may_be_left_out(operation: &Operation, schemas: &[(String, RefOr<Schema>)]) -> bool {
    let Some(RefOr::T(body)) = &operation.request_body else { return false };
    let mut found = body.content.values().filter_map(|content| match content {
        RefOr::T(Content { schema: Some(RefOr::Ref(reference)), .. }) => reference.ref_location.rsplit('/').next(),
        _ => None,
    });
    found.next().is_some_and(|name| {
        let schema = schemas.iter().find(|(known, _)| known == name);
        matches!(schema, Some((_, RefOr::T(Schema::Object(object)))) if object.required.is_empty())
    })
}

fn refusals(path: &str, operation: &Operation, callers: Callers, is_changing: bool) -> Vec<&'static str> {
    let takes = |wanted: ParameterIn, name: Option<&str>| {
        let known = operation.parameters.iter().flatten();
        known.into_iter().any(|known| {
            matches!(known, RefOr::T(known) if known.parameter_in == wanted && name.is_none_or(|name| known.name == name))
        })
    };
    let has_body = operation.request_body.is_some();
    let has_key = takes(ParameterIn::Header, Some("Idempotency-Key"));
    let edits_a_version = takes(ParameterIn::Header, Some("If-Match"));
    let is_open = callers == Callers::Everybody;
    // Whatever asks for a password or mails a link is limited.
    let is_limited = is_changing && callers != Callers::PeopleAndPrograms;
    let rules = [
        ("400", has_body || has_key),
        ("401", !is_open),
        ("403", !is_open || is_changing),
        ("404", path.contains('{')),
        ("409", is_changing && !is_open),
        ("412", edits_a_version),
        ("413", has_body),
        ("415", has_body),
        ("422", has_body || has_key || takes(ParameterIn::Query, None)),
        ("424", is_changing && CALLS_OUTSIDE.iter().any(|part| path.contains(part))),
        ("428", edits_a_version),
        ("429", is_limited),
        ("500", true),
        ("503", true),
    ];
    rules.into_iter().filter(|(_, applies)| *applies).map(|(status, _)| status).collect()
}

/// Adds a refusal, unless the handler has said more about it.
fn refuse(operation: &mut Operation, status: &str) {
    if let Some((_, name, ..)) = REFUSALS.iter().find(|(known, ..)| *known == status) {
        let reference = RefOr::Ref(Ref::new(format!("#/components/responses/{name}")));
        operation.responses.responses.entry(status.to_owned()).or_insert(reference);
    }
}

/// Adds what the routes refer to: the refusals, and the ways to prove who one is.
pub(super) struct Common;

impl Modify for Common {
    fn modify(&self, document: &mut OpenApi) {
        let components = document.components.get_or_insert_default();
        components.security_schemes.insert(BEARER.to_owned(), RefOr::T(SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer))));
        let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(super::cookie::SESSION.name())));
        components.security_schemes.insert(COOKIE.to_owned(), RefOr::T(cookie));
        components.responses.extend(REFUSALS.iter().map(|refusal| (refusal.1.to_owned(), RefOr::T(response(*refusal)))));
    }
}

/// Lets parts that refuse other fields be put together: each part would refuse the fields of the others. What an answer
/// is made of by `#[serde(flatten)]` is described as such parts.
pub(super) fn open_composed(document: &mut OpenApi) {
    let Some(components) = &mut document.components else { return };
    let known = components.schemas.clone();
    components.schemas.values_mut().for_each(|schema| open_parts(schema, &known));
}

fn open_parts(schema: &mut RefOr<Schema>, known: &BTreeMap<String, RefOr<Schema>>) {
    match schema {
        RefOr::T(Schema::AllOf(composed)) => composed.items.iter_mut().for_each(|part| open_part(part, known)),
        RefOr::T(Schema::Object(object)) => object.properties.values_mut().for_each(|field| open_parts(field, known)),
        RefOr::T(Schema::Array(Array { items: ArrayItems::RefOrSchema(items), .. })) => open_parts(items, known),
        _ => {}
    }
}

fn open_part(part: &mut RefOr<Schema>, known: &BTreeMap<String, RefOr<Schema>>) {
    let name = if let RefOr::Ref(part) = part { part.ref_location.rsplit('/').next() } else { None };
    if let Some(RefOr::T(Schema::Object(object))) = name.and_then(|name| known.get(name)) {
        *part = RefOr::T(Schema::Object(object.clone()));
    }
    if let RefOr::T(Schema::Object(object)) = part {
        object.additional_properties = None;
    }
}

fn response((_, _, meaning, header, ..): (&str, &str, &str, Option<&str>)) -> Response {
    let problem = Content::new(Some(Ref::from_schema_name("Problem")));
    let response = ResponseBuilder::new().description(meaning).content("application/problem+json", problem);
    let text = || ObjectBuilder::new().schema_type(Type::String);
    match header {
        Some(name) => response.header(name, HeaderBuilder::new().schema(Some(text())).build()).build(),
        None => response.build(),
    }
}
