//! Who is signed in, where they belong, what they may do there.

use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use nexus_core::ids::TenantId;
use nexus_core::tenancy::Db;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::admin::api_error::{ApiError, FieldCode};
use crate::admin::audit::{self, Change};
use crate::admin::etag::{ETag, IfMatch, Versioned};
use crate::admin::extract::{FieldErrors, Json, Validate};
use crate::admin::guard::Awake;
use crate::admin::session::limit;
use crate::auth::throttle::Limit;
use crate::auth::users::{self, Belonging};
use crate::auth::{Caller, Permission, Role, SessionId, SignedIn, UserId, password, session};
use crate::routes::AppState;

/// Who is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::admin) struct Me {
    /// Who.
    id: UserId,
    /// What they sign in with.
    email: String,
    /// Their name.
    display_name: String,
    /// `es`, `pt` or `en`.
    language: String,
    /// Whether they run the installation.
    is_superadmin: bool,
    /// Whether signing in needs a code.
    has_second_factor: bool,
    /// How many backup codes are left.
    backup_codes_left: i32,
    /// This device; null behind a proxy that signs people in.
    session_id: Option<SessionId>,
    /// Where they belong.
    tenants: Vec<MyTenant>,
    /// When the account was last changed.
    updated_at: DateTime<Utc>,
}

impl Me {
    /// Whether they are a member there.
    pub(super) fn belongs_to(&self, tenant: TenantId) -> bool {
        self.tenants.iter().any(|known| known.id == tenant)
    }

    /// The first business of theirs, by name.
    pub(super) fn first_tenant(&self) -> Option<TenantId> {
        self.tenants.first().map(|tenant| tenant.id)
    }

    fn versioned(self) -> Versioned<Self> {
        Versioned(ETag::of_time(self.updated_at), self)
    }
}

/// A business one belongs to.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::admin) struct MyTenant {
    /// Which.
    #[schema(value_type = Uuid)]
    id: TenantId,
    /// What it is called.
    name: String,
    /// What one is there.
    role: Role,
    /// What that allows.
    permissions: Vec<Permission>,
    /// Whether the operator has suspended it.
    is_suspended: bool,
}

impl From<Belonging> for MyTenant {
    fn from(belonging: Belonging) -> Self {
        let Belonging { tenant_id, name, role, suspended_at } = belonging;
        Self { id: tenant_id, name, role, permissions: Permission::of(role), is_suspended: suspended_at.is_some() }
    }
}

/// Describes a user to themselves.
pub(in crate::admin) async fn describe(db: &Db, user: UserId, session_id: Option<SessionId>) -> Result<Me, ApiError> {
    let mut conn = db.pool().acquire().await?;
    let user = users::by_id(&mut conn, user).await?.ok_or(ApiError::NotSignedIn)?;
    drop(conn);
    let tenants = users::belongings(db, user.id).await?.into_iter().map(MyTenant::from).collect();
    Ok(Me {
        id: user.id,
        email: user.email,
        display_name: user.display_name,
        language: user.language,
        is_superadmin: user.is_superadmin,
        has_second_factor: user.totp_confirmed_at.is_some(),
        backup_codes_left: user.backup_codes_left,
        session_id,
        tenants,
        updated_at: user.updated_at,
    })
}

/// Who I am, where I belong, what I may do
#[utoipa::path(get, path = "/me", tag = "me", operation_id = "me_read",
    responses((status = 200, body = Me, headers(("ETag" = String)))))]
pub(super) async fn read(Awake(brain): Awake, me: SignedIn) -> Result<Versioned<Me>, ApiError> {
    describe(&brain.db, me.user, me.session).await.map(Me::versioned)
}

/// The fields to change.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::admin) struct MeChange {
    /// My name.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    display_name: Option<String>,
    /// `es`, `pt` or `en`.
    #[schema(pattern = "^(es|pt|en)$")]
    language: Option<String>,
}

impl Validate for MeChange {
    fn validate(&self, found: &mut FieldErrors) {
        if let Some(name) = &self.display_name {
            found.text("display_name", name, 200);
        }
        let is_language = self.language.as_deref().is_none_or(|language| matches!(language, "es" | "pt" | "en"));
        found.expect(is_language, "language", FieldCode::Invalid, "must be es, pt or en");
    }
}

/// Change my name or language
#[utoipa::path(patch, path = "/me", tag = "me", operation_id = "me_change", params(("If-Match" = String, Header)),
    request_body = MeChange, responses((status = 200, body = Me, headers(("ETag" = String)))))]
pub(super) async fn change(
    Awake(brain): Awake,
    me: SignedIn,
    if_match: IfMatch,
    Json(change): Json<MeChange>,
) -> Result<Versioned<Me>, ApiError> {
    let before = describe(&brain.db, me.user, me.session).await?.versioned();
    if_match.check(&before)?;
    // Whoever was faster has moved the time, and nothing is changed.
    let changed = sqlx::query(
        "UPDATE users SET display_name = coalesce($3, display_name), language = coalesce($4, language),
                updated_at = greatest(now(), updated_at + interval '1 microsecond')
         WHERE id = $1 AND updated_at = $2",
    )
    .bind(me.user)
    .bind(before.1.updated_at)
    .bind(change.display_name.as_deref().map(str::trim))
    .bind(&change.language)
    .execute(brain.db.pool())
    .await?;
    let now = describe(&brain.db, me.user, me.session).await?.versioned();
    if changed.rows_affected() == 0 {
        return Err(now.outdated());
    }
    Ok(now)
}

/// Old and new password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::admin) struct PasswordChange {
    /// The password so far.
    #[schema(value_type = String, format = Password, max_length = 200)]
    current: SecretString,
    /// At least 10 characters.
    #[schema(value_type = String, format = Password, min_length = 10, max_length = 200)]
    new: SecretString,
}

impl Validate for PasswordChange {
    fn validate(&self, found: &mut FieldErrors) {
        found.longest("current", secrecy::ExposeSecret::expose_secret(&self.current), password::LONGEST);
    }
}

/// Change my password
///
/// Signs every other device out.
#[utoipa::path(put, path = "/me/password", tag = "me", operation_id = "me_password", request_body = PasswordChange,
    responses((status = 204)))]
pub(super) async fn change_password(
    State(state): State<AppState>,
    Awake(brain): Awake,
    me: SignedIn,
    Json(change): Json<PasswordChange>,
) -> Result<StatusCode, ApiError> {
    let mut conn = brain.db.pool().acquire().await?;
    let user = users::by_id(&mut conn, me.user).await?.ok_or(ApiError::NotSignedIn)?;
    drop(conn);
    limit(brain.db.pool(), Limit::Account, &user.email).await?;
    let passwords = &state.access.passwords;
    if !passwords.verify(&change.current, user.password_hash).await.map_err(ApiError::internal)? {
        return Err(ApiError::field("current", FieldCode::Invalid, "is not your password"));
    }
    if let Some(weakness) = password::weakness(&change.new, &user.email) {
        return Err(ApiError::field("new", FieldCode::Invalid, weakness));
    }
    let hash = passwords.hash(&change.new).await.map_err(ApiError::internal)?;
    let mut tx = brain.db.system().await?;
    users::set_password(&mut tx, me.user, &hash).await?;
    session::revoke_all(&mut tx, me.user, me.session).await?;
    let changed = Change { action: "user.password_changed", object_kind: "user", object_id: Some(me.user.0) };
    audit::record(&mut tx, None, &Caller::User(me), changed, (audit::NOTHING, audit::NOTHING)).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
