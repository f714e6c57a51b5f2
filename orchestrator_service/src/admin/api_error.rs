//! The one error of the admin API. Answers are `application/problem+json` (RFC 9457) with a code from a closed list.
//!
//! Another tenant's object is [`ApiError::NotFound`], like one that never was. Causes of 5xx stay in the log.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use nexus_core::telemetry::error_chain;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// Why a request was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// Nobody is signed in.
    #[error("sign in, or send a token")]
    NotSignedIn,
    /// A page of another site may have sent this.
    #[error("requests that change something need the header X-Requested-With: nexus")]
    CsrfHeaderMissing,
    /// The role or the token does not allow it.
    #[error("this needs the permission {0}")]
    PermissionMissing(&'static str),
    /// The object does not exist, or is another tenant's.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// No route has this address.
    #[error("there is nothing at this address")]
    NoSuchRoute,
    /// The address exists, the method does not.
    #[error("this address does not know this method")]
    MethodNotAllowed,
    /// The body is no JSON.
    #[error("the body is not JSON: {0}")]
    NotJson(String),
    /// The body is sent as something else.
    #[error("send the body as application/json")]
    WrongMediaType,
    /// The body is too large.
    #[error("the body is too large")]
    BodyTooLarge,
    /// Fields of the request do not hold what they should.
    #[error("some fields are not right")]
    Invalid(Vec<FieldError>),
    /// Something else stands in the way.
    #[error("{1}")]
    Conflict(ProblemCode, &'static str),
    /// Nobody said which version was edited.
    #[error("say in If-Match which version you edited: the ETag of the answer you read it from")]
    VersionMissing,
    /// Somebody else was faster.
    #[error("somebody has changed this in the meantime; the newer version is in current")]
    VersionOutdated {
        /// The version there is now.
        etag: HeaderValue,
        /// What it looks like.
        current: Value,
    },
    /// The same `Idempotency-Key` came with another request.
    #[error("this Idempotency-Key was used for another request")]
    IdempotencyKeyReused,
    /// A write that reaches a customer came without an `Idempotency-Key`.
    #[error("send an Idempotency-Key of at most 200 characters, so that a repeated request does nothing twice")]
    IdempotencyKeyMissing,
    /// E-mail and password do not fit together; says no more than that.
    #[error("e-mail or password is not right")]
    WrongCredentials,
    /// The password is right and a code is needed too.
    #[error("send the code of the authenticator app, or a backup code")]
    SecondFactorNeeded,
    /// The code is not right.
    #[error("the code is not right, or was used before")]
    SecondFactorWrong,
    /// Too many tries.
    #[error("too many tries; try again in {0} seconds")]
    TooManyTries(u32),
    /// A link from a mail is used up, too old, or was never made.
    #[error("this link is not valid any more; ask for a new one")]
    LinkInvalid,
    /// An outside system refused or did not answer; the words are for a person.
    #[error("{0}")]
    Outside(String),
    /// The database is not ready yet.
    #[error("the service is starting; try again in a moment")]
    Starting,
    /// The database did not answer.
    #[error("the database did not answer; try again in a moment")]
    Unavailable(#[source] sqlx::Error),
    /// Anything that is not the caller's fault.
    #[error("something went wrong; the log has it under the request id")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$variant_doc])* $variant,)+ }

        impl $name {
            /// As it stands in the answer.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        #[cfg(test)]
        impl $name {
            const ALL: &'static [Self] = &[$(Self::$variant),+];
        }
    };
}

codes! {
    /// What a program may branch on. Codes are only ever added.
    ProblemCode {
        /// 401: nobody is signed in.
        NotSignedIn = "not_signed_in",
        /// 403: the header X-Requested-With is missing.
        CsrfHeaderMissing = "csrf_header_missing",
        /// 403: the role or the token does not allow it.
        PermissionMissing = "permission_missing",
        /// 404: no such object here.
        NotFound = "not_found",
        /// 404: no such address.
        NoSuchRoute = "no_such_route",
        /// 405: no such method.
        MethodNotAllowed = "method_not_allowed",
        /// 400: the body is no JSON.
        NotJson = "not_json",
        /// 415: the body is not sent as application/json.
        WrongMediaType = "wrong_media_type",
        /// 413: the body is too large.
        BodyTooLarge = "body_too_large",
        /// 422: see `errors`.
        Invalid = "invalid",
        /// 409: the first superadmin is there already.
        AlreadySetUp = "already_set_up",
        /// 409: somebody has this e-mail.
        EmailTaken = "email_taken",
        /// 409: an invitation for this e-mail is open.
        AlreadyInvited = "already_invited",
        /// 409: they are a member already.
        AlreadyMember = "already_member",
        /// 409: without them nobody could manage the business.
        LastAdministrator = "last_administrator",
        /// 409: without them nobody could run the installation.
        LastSuperadmin = "last_superadmin",
        /// 409: the number belongs to another channel.
        NumberTaken = "number_taken",
        /// 409: what was asked for is not possible in the state things are in.
        WrongState = "wrong_state",
        /// 409: the time for free messages is over; an approved template is needed.
        ServiceWindowClosed = "service_window_closed",
        /// 409: the contact does not want messages.
        OptedOut = "opted_out",
        /// 409: a row that must be unique is there already.
        AlreadyExists = "already_exists",
        /// 409: other rows need this one.
        InUse = "in_use",
        /// 428: If-Match is missing.
        VersionMissing = "version_missing",
        /// 412: somebody was faster; `current` is the newer version.
        VersionOutdated = "version_outdated",
        /// 422: the key came with another request before.
        IdempotencyKeyReused = "idempotency_key_reused",
        /// 400: the key is missing or too long.
        IdempotencyKeyMissing = "idempotency_key_missing",
        /// 401: e-mail or password is wrong.
        WrongCredentials = "wrong_credentials",
        /// 401: a code is needed too.
        SecondFactorNeeded = "second_factor_needed",
        /// 401: the code is wrong.
        SecondFactorWrong = "second_factor_wrong",
        /// 429: see `Retry-After`.
        TooManyTries = "too_many_tries",
        /// 410: a link from a mail is not valid any more.
        LinkInvalid = "link_invalid",
        /// 424: an outside system refused or did not answer.
        OutsideFailed = "outside_failed",
        /// 503: the service is starting.
        Starting = "starting",
        /// 503: the database did not answer.
        Unavailable = "unavailable",
        /// 500: a fault of ours.
        Internal = "internal",
    }
}

codes! {
    /// What is wrong with one field.
    FieldCode {
        /// Not a field of this request.
        Unknown = "unknown",
        /// Must be there.
        Missing = "missing",
        /// Another type is needed.
        WrongType = "wrong_type",
        /// Not in the form or from the list that is needed.
        Invalid = "invalid",
        /// Too small or too large.
        OutOfRange = "out_of_range",
        /// Empty or white space.
        Blank = "blank",
        /// Too few characters.
        TooShort = "too_short",
        /// Too many characters.
        TooLong = "too_long",
    }
}

/// One field that is not right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// Its path in the body, as `business_hours.mon[0]`, or the name of the query parameter.
    pub field: String,
    /// What a program may branch on.
    pub code: FieldCode,
    /// What is wrong, for a person.
    pub detail: String,
}

/// An error answer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Problem {
    /// A URN made of the code.
    #[serde(rename = "type")]
    kind: String,
    /// The status in words.
    title: &'static str,
    /// The status.
    status: u16,
    /// What happened and what to do, for a person.
    detail: String,
    /// What a program may branch on.
    code: ProblemCode,
    /// Names this request in the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) request_id: Option<String>,
    /// Every field that is not right.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
    /// Only for `version_outdated`: the newer version.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    current: Option<Value>,
}

impl ApiError {
    /// One field that is not right.
    pub fn field(field: &str, code: FieldCode, detail: &str) -> Self {
        Self::Invalid(vec![FieldError { field: field.to_owned(), code, detail: detail.to_owned() }])
    }

    /// A fault of ours.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(cause.into())
    }

    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> ProblemCode {
        match self {
            Self::NotSignedIn => ProblemCode::NotSignedIn,
            Self::CsrfHeaderMissing => ProblemCode::CsrfHeaderMissing,
            Self::PermissionMissing(_) => ProblemCode::PermissionMissing,
            Self::NotFound(_) => ProblemCode::NotFound,
            Self::NoSuchRoute => ProblemCode::NoSuchRoute,
            Self::MethodNotAllowed => ProblemCode::MethodNotAllowed,
            Self::NotJson(_) => ProblemCode::NotJson,
            Self::WrongMediaType => ProblemCode::WrongMediaType,
            Self::BodyTooLarge => ProblemCode::BodyTooLarge,
            Self::Invalid(_) => ProblemCode::Invalid,
            Self::Conflict(code, _) => *code,
            Self::VersionMissing => ProblemCode::VersionMissing,
            Self::VersionOutdated { .. } => ProblemCode::VersionOutdated,
            Self::IdempotencyKeyReused => ProblemCode::IdempotencyKeyReused,
            Self::IdempotencyKeyMissing => ProblemCode::IdempotencyKeyMissing,
            Self::WrongCredentials => ProblemCode::WrongCredentials,
            Self::SecondFactorNeeded => ProblemCode::SecondFactorNeeded,
            Self::SecondFactorWrong => ProblemCode::SecondFactorWrong,
            Self::TooManyTries(_) => ProblemCode::TooManyTries,
            Self::LinkInvalid => ProblemCode::LinkInvalid,
            Self::Outside(_) => ProblemCode::OutsideFailed,
            Self::Starting => ProblemCode::Starting,
            Self::Unavailable(_) => ProblemCode::Unavailable,
            Self::Internal(_) => ProblemCode::Internal,
        }
    }

    const fn status(&self) -> StatusCode {
        match self {
            Self::NotJson(_) | Self::IdempotencyKeyMissing => StatusCode::BAD_REQUEST,
            Self::NotSignedIn | Self::WrongCredentials | Self::SecondFactorNeeded | Self::SecondFactorWrong => {
                StatusCode::UNAUTHORIZED
            }
            Self::CsrfHeaderMissing | Self::PermissionMissing(_) => StatusCode::FORBIDDEN,
            Self::NotFound(_) | Self::NoSuchRoute => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Conflict(..) => StatusCode::CONFLICT,
            Self::LinkInvalid => StatusCode::GONE,
            Self::VersionOutdated { .. } => StatusCode::PRECONDITION_FAILED,
            Self::WrongMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Invalid(_) | Self::IdempotencyKeyReused => StatusCode::UNPROCESSABLE_ENTITY,
            Self::VersionMissing => StatusCode::PRECONDITION_REQUIRED,
            Self::TooManyTries(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Outside(_) => StatusCode::FAILED_DEPENDENCY,
            Self::Starting | Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn headers(&self) -> Option<(header::HeaderName, HeaderValue)> {
        match self {
            Self::TooManyTries(seconds) => Some((header::RETRY_AFTER, HeaderValue::from(*seconds))),
            Self::Starting | Self::Unavailable(_) => Some((header::RETRY_AFTER, HeaderValue::from(2))),
            Self::VersionOutdated { etag, .. } => Some((header::ETAG, etag.clone())),
            _ => None,
        }
    }

    fn into_problem(self) -> Problem {
        let (status, code) = (self.status(), self.code());
        Problem {
            kind: format!("urn:nexus:problem:{}", code.as_str()),
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: self.to_string(),
            code,
            request_id: None,
            current: if let Self::VersionOutdated { current, .. } = &self { Some(current.clone()) } else { None },
            errors: if let Self::Invalid(errors) = self { errors } else { Vec::new() },
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        if let Self::Internal(cause) = &self {
            tracing::error!(error = error_chain(cause.as_ref()), "a request of the admin API failed");
        }
        if let Self::Unavailable(cause) = &self {
            tracing::warn!(error = error_chain(cause), "a request of the admin API found no database");
        }
        let (status, more) = (self.status(), self.headers());
        let problem = self.into_problem();
        let mut response = (status, axum::Json(&problem)).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        response.headers_mut().extend(more);
        // `router::name_request` writes it again with the request's id.
        response.extensions_mut().insert(problem);
        response
    }
}

/// Constraints are mapped by name; one that is not listed is a fault of ours.
impl From<sqlx::Error> for ApiError {
    fn from(error: sqlx::Error) -> Self {
        let constraint = error.as_database_error().and_then(|error| error.constraint());
        match (constraint, &error) {
            (Some("users_email_unique"), _) => Self::Conflict(ProblemCode::EmailTaken, "somebody has this e-mail already"),
            (Some("invitations_one_open"), _) => Self::Conflict(ProblemCode::AlreadyInvited, "an invitation is open already"),
            (Some("memberships_pkey"), _) => Self::Conflict(ProblemCode::AlreadyMember, "they are a member already"),
            (Some("channels_number_unique"), _) => {
                Self::Conflict(ProblemCode::NumberTaken, "the number belongs to another channel of this installation")
            }
            _ if is_nul(&error) => Self::field("", FieldCode::Invalid, "must not hold the character NUL"),
            (Some("tenants_name_not_blank"), _) => Self::field("name", FieldCode::Blank, "must not be blank"),
            (_, sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed) => Self::Unavailable(error),
            _ => Self::internal(error),
        }
    }
}

/// A text from an address or a query that no text of Postgres can be: `invalid byte sequence for encoding`.
fn is_nul(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(|error| error.code()).is_some_and(|code| code == "22021")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_one_spelling() {
        for code in ProblemCode::ALL {
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        }
        for code in FieldCode::ALL {
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        }
    }

    #[test]
    fn the_cause_of_a_fault_stays_in_the_log() {
        let problem = ApiError::internal("password=hunter2").into_problem();
        assert!(!serde_json::to_string(&problem).unwrap().contains("hunter2"));
    }
}
