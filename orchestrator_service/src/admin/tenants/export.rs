//! Everything a business has, as one file to keep before it is erased.

use std::io::{BufWriter, Seek as _};

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use tokio::fs::File;
use tokio::io::AsyncReadExt as _;

use super::TenantPath;
use crate::admin::api_error::ApiError;
use crate::admin::audit::{self, Change};
use crate::admin::extract::Path;
use crate::admin::guard::Awake;
use crate::auth::Caller;
use crate::auth::token::NewToken;
use crate::tenants::{export, lifecycle};

const CHUNK: usize = 64 * 1024;

/// Everything a business has
///
/// One JSON object a line: `{"table": …, "row": {…}}`. Keys and other secrets are not in it. A business of many gigabytes is
/// exported with the command line instead: `tenant export`.
#[utoipa::path(get, path = "/tenants/{tenant_id}/export", tag = "tenants", operation_id = "tenants_export",
    params(("tenant_id" = Uuid, Path)),
    responses((status = 200, body = String, content_type = "application/x-ndjson", headers(("Content-Disposition" = String)))))]
pub(super) async fn export_tenant(
    Awake(brain): Awake,
    caller: Caller,
    Path(path): Path<TenantPath>,
) -> Result<Response, ApiError> {
    let tenant = path.tenant_id;
    let mut tx = brain.db.tenant(tenant).await?;
    lifecycle::find(&mut tx).await?.ok_or(ApiError::NotFound("tenant"))?;
    let exported = Change { action: "tenant.exported", object_kind: "tenant", object_id: Some(tenant.0) };
    audit::record(&mut tx, Some(tenant), &caller, exported, (audit::NOTHING, audit::NOTHING)).await?;
    tx.commit().await?;
    // To disk first: a slow reader must not hold a transaction open.
    let mut file = unnamed_file().map_err(ApiError::internal)?;
    let mut tx = brain.db.tenant(tenant).await?;
    export::export(&mut tx, &mut BufWriter::new(&mut file)).await.map_err(ApiError::internal)?;
    tx.commit().await?;
    file.rewind().map_err(ApiError::internal)?;
    let length = file.metadata().map_err(ApiError::internal)?.len();
    let name = format!("attachment; filename=\"nexus-{tenant}.ndjson\"");
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson")),
        (header::CONTENT_LENGTH, HeaderValue::from(length)),
        (header::CONTENT_DISPOSITION, HeaderValue::from_str(&name).map_err(ApiError::internal)?),
    ];
    Ok((headers, Body::from_stream(chunks(File::from_std(file)))).into_response())
}

/// A file that is gone when it is closed, whatever ends us.
fn unnamed_file() -> std::io::Result<std::fs::File> {
    let name = hex::encode(&NewToken::mint("").hash[..16]);
    let path = std::env::temp_dir().join(format!("nexus-export-{name}"));
    let file = std::fs::File::options().read(true).write(true).create_new(true).open(&path)?;
    std::fs::remove_file(&path)?;
    Ok(file)
}

fn chunks(file: File) -> impl futures_util::Stream<Item = std::io::Result<Vec<u8>>> {
    stream::try_unfold(file, |mut file| async {
        let mut chunk = vec![0; CHUNK];
        let read = file.read(&mut chunk).await?;
        chunk.truncate(read);
        Ok((read > 0).then_some((chunk, file)))
    })
}
