//! Finds contacts.

use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::admin::api_error::{ApiError, FieldCode};
use crate::admin::extract::{FieldErrors, Query, Validate};
use crate::admin::guard::Awake;
use crate::admin::page::{Page, Paging};
use crate::auth::TenantCaller;
use crate::inbox::contacts::search::{ContactRow, search};
use crate::inbox::search::Words;

/// Whom to find.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ContactQuery {
    /// Words of the name, or digits of the number.
    q: Option<String>,
}

impl Validate for ContactQuery {
    fn validate(&self, found: &mut FieldErrors) {
        let length = self.q.as_ref().map_or(0, String::len);
        found.expect(length <= 20_000, "q", FieldCode::TooLong, "must have at most 20000 bytes");
    }
}

/// Contacts, newest first
#[utoipa::path(get, path = "/tenants/{tenant_id}/contacts", tag = "contacts", operation_id = "contacts_list",
    params(Paging, ContactQuery), responses((status = 200, body = Page<ContactRow>)))]
pub(super) async fn list(
    Awake(brain): Awake,
    caller: TenantCaller,
    paging: Paging,
    Query(query): Query<ContactQuery>,
) -> Result<axum::Json<Page<ContactRow>>, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let words = match query.q.as_deref().map(str::trim).filter(|typed| !typed.is_empty()) {
        Some(typed) => Some(Words::read(&mut tx, typed).await?),
        None => None,
    };
    let rows = search(&mut tx, words.as_ref(), paging.after::<Uuid>()?, paging.fetch()).await?;
    Ok(axum::Json(Page::cut(rows, &paging, |row| row.id.0)))
}
