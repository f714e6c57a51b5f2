//! The built UI: its files, and its page for every address that is its own. Everything comes with the policy under which
//! a browser runs nothing but the UI itself.

use std::path::Path;

use axum::Router;
use axum::http::{HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use tower_http::services::{ServeDir, ServeFile};

/// Styles may stand in elements: the UI places its lists by them. Scripts may not.
const POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; \
    media-src 'self' blob:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";
/// What has a hash in its name never changes.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");
const ASSETS: &str = "/assets";

/// Answers for everything below `dir`; unknown addresses get its `index.html`, but a missing asset is missing.
pub fn front_page(dir: &Path) -> Router {
    let page = ServeFile::new(dir.join("index.html")).precompressed_br().precompressed_gzip();
    let files = ServeDir::new(dir).precompressed_br().precompressed_gzip().fallback(page);
    let assets = ServeDir::new(dir.join("assets")).precompressed_br().precompressed_gzip();
    Router::new().nest_service(ASSETS, assets).fallback_service(files).layer(middleware::from_fn(with_headers))
}

async fn with_headers(request: axum::extract::Request, next: Next) -> Response {
    let is_asset = is_asset(request.uri());
    let mut response = next.run(request).await;
    // An error must not be kept for a year.
    let is_good = response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED;
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, if is_asset && is_good { FOR_EVER } else { ASK_AGAIN });
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin"));
    response
}

fn is_asset(uri: &Uri) -> bool {
    uri.path().strip_prefix(ASSETS).is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::http::Request;
    use tower::ServiceExt as _;

    use super::*;

    async fn get(dir: &Path, path: &str, encoding: &str) -> (StatusCode, axum::http::HeaderMap, Vec<u8>) {
        let request = Request::get(path).header(header::ACCEPT_ENCODING, encoding).body(Body::empty()).unwrap();
        let (parts, body) = front_page(dir).oneshot(request).await.unwrap().into_parts();
        (parts.status, parts.headers, to_bytes(body, 1024).await.unwrap().to_vec())
    }

    /// A built UI, gone when it is dropped.
    struct Built(std::path::PathBuf);

    impl Built {
        fn new() -> Self {
            let dir = std::env::temp_dir().join(format!("nexus-front-page-{}", uuid::Uuid::now_v7()));
            std::fs::create_dir_all(dir.join("assets")).unwrap();
            let files = [
                ("index.html", "page"),
                ("config.js", "config"),
                ("assets/main-1.js", "script"),
                ("assets/main-1.js.br", "smaller"),
            ];
            for (name, content) in files {
                std::fs::write(dir.join(name), content).unwrap();
            }
            Self(dir)
        }
    }

    impl Drop for Built {
        fn drop(&mut self) {
            drop(std::fs::remove_dir_all(&self.0));
        }
    }

    #[tokio::test]
    async fn what_never_changes_is_kept_and_the_rest_is_asked_for_again() {
        let built = Built::new();
        for (path, status, cache, body) in [
            ("/", 200, "no-cache", "page"),
            ("/config.js", 200, "no-cache", "config"),
            ("/t/1/inbox", 200, "no-cache", "page"),
            ("/assets/main-1.js", 200, "public, max-age=31536000, immutable", "script"),
            ("/assets/gone.js", 404, "no-cache", ""),
        ] {
            let (found, headers, content) = get(&built.0, path, "identity").await;
            assert_eq!(found.as_u16(), status, "{path}");
            assert_eq!(headers[header::CACHE_CONTROL], cache, "{path}");
            assert_eq!(headers[header::CONTENT_SECURITY_POLICY], POLICY, "{path}");
            assert_eq!(String::from_utf8(content).unwrap(), body, "{path}");
        }
    }

    #[tokio::test]
    async fn compressed_copies_are_sent_to_whoever_takes_them() {
        let built = Built::new();
        let (_, headers, content) = get(&built.0, "/assets/main-1.js", "br").await;
        assert_eq!(headers[header::CONTENT_ENCODING], "br");
        assert_eq!(content, b"smaller");
    }
}
