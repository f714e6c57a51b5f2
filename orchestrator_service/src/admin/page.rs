//! Pages by cursor: what a client holds on to while rows come and go. The cursor is opaque; inside is the sort key of
//! the last row that was shown.

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::api_error::{ApiError, FieldCode};

const MOST: u32 = 100;
const USUAL: u32 = 50;

/// Part of a list, with the cursor of the rest.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The rows, in the order of the list.
    pub items: Vec<T>,
    /// Where the rest begins; null at the end.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// Makes a page of up to `limit` rows out of one more than that; `key` gives the sort key of a row.
    #[must_use]
    pub fn cut<K: Serialize>(mut rows: Vec<T>, paging: &Paging, key: impl FnOnce(&T) -> K) -> Self {
        let is_last = rows.len() <= paging.limit();
        rows.truncate(paging.limit());
        let next_cursor = rows.last().filter(|_| !is_last).map(|last| encode(&key(last)));
        Self { items: rows, next_cursor }
    }

    /// The same page with every row turned into something else.
    #[must_use]
    pub fn map<U>(self, turn: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(turn).collect(), next_cursor: self.next_cursor }
    }
}

fn encode<K: Serialize>(key: &K) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(key).unwrap_or_default())
}

/// `?cursor=…&limit=…`: extract it, fetch [`Paging::fetch`] rows after [`Paging::after`], and cut.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// `next_cursor` of the page before; absent or empty for the first page.
    cursor: Option<String>,
    /// How many rows at most: 1 to 100, usually 50.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
}

impl Paging {
    fn limit(&self) -> usize {
        self.limit.unwrap_or(USUAL) as usize
    }

    /// How many rows to ask the database for: one more, to see whether there are any.
    #[must_use]
    pub fn fetch(&self) -> i64 {
        i64::from(self.limit.unwrap_or(USUAL)) + 1
    }

    /// The sort key after which the page begins; `None` for the first page.
    pub fn after<K: DeserializeOwned>(&self) -> Result<Option<K>, ApiError> {
        let decode = |cursor: &String| {
            let bytes = URL_SAFE_NO_PAD.decode(cursor).ok();
            bytes
                .and_then(|bytes| serde_json::from_slice(&bytes).ok())
                .ok_or_else(|| ApiError::field("cursor", FieldCode::Invalid, "is not a next_cursor of this list"))
        };
        self.cursor.as_ref().filter(|cursor| !cursor.is_empty()).map(decode).transpose()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Paging {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let out_of_range = || ApiError::field("limit", FieldCode::OutOfRange, "must lie between 1 and 100");
        let Query(paging) = Query::<Self>::try_from_uri(&parts.uri).map_err(|_| out_of_range())?;
        if paging.limit.is_some_and(|limit| !(1..=MOST).contains(&limit)) {
            return Err(out_of_range());
        }
        Ok(paging)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paging(cursor: Option<String>, limit: u32) -> Paging {
        Paging { cursor, limit: Some(limit) }
    }

    #[test]
    fn the_cursor_of_a_page_is_where_the_next_begins() {
        let page = Page::cut(vec![1, 2, 3], &paging(None, 2), |last| (*last, "x".to_owned()));
        assert_eq!(page.items, [1, 2]);
        let next = paging(page.next_cursor, 2);
        assert_eq!(next.after::<(i32, String)>().unwrap(), Some((2, "x".to_owned())));
        assert!(next.after::<bool>().is_err(), "a cursor of another list");
        assert!(Page::cut(vec![1, 2], &paging(None, 2), |last| *last).next_cursor.is_none());
    }
}
