//! What can be told from the variables alone.

use nexus_core::env::Env;
use reqwest::Url;

use super::finding::{Finding, Kind};
use super::report::Check;
use crate::config::Config;

const NAME: &str = "settings";

/// One check for each mistake, or one that says there is none.
pub(super) fn check(env: &Env) -> Vec<Check> {
    let mut found: Vec<Finding> = Vec::new();
    if let Err(errors) = Config::read(env.clone()) {
        let of_mistake = |mistake: &nexus_core::env::Mistake| {
            let example = format!("{}={}", mistake.name, mistake.example);
            Finding::about(Kind::Variable, [mistake.name.clone(), mistake.problem.clone(), example])
        };
        found.extend(errors.mistakes().iter().map(of_mistake));
    }
    found.extend(tokens(env));
    found.extend(platform_url(env));
    found.extend(origins(env));
    if found.is_empty() {
        return vec![Check::well(NAME, "")];
    }
    found.into_iter().map(|finding| Check::found(NAME, finding)).collect()
}

fn tokens(env: &Env) -> Option<Finding> {
    let (internal, admin) = (env.optional("INTERNAL_API_TOKEN")?, env.optional("ADMIN_TOKEN")?);
    (internal == admin).then(|| Finding::plain(Kind::SameToken))
}

fn platform_url(env: &Env) -> Option<Finding> {
    let Some(text) = env.optional("PLATFORM_URL") else { return Some(Finding::plain(Kind::PlatformUrlMissing)) };
    let Some(url) = web_address(&text) else { return Some(Finding::plain(Kind::PlatformUrlBad)) };
    (url.scheme() == "http" && !is_this_machine(&url)).then(|| Finding::plain(Kind::PlatformUrlInsecure))
}

fn origins(env: &Env) -> Option<Finding> {
    let listed = env.optional("CORS_ALLOWED_ORIGINS")?;
    let has_path = |origin: &str| web_address(origin).is_some_and(|url| url.path() != "/" || url.query().is_some());
    listed.split(',').any(|origin| has_path(origin.trim())).then(|| Finding::plain(Kind::OriginNotBare))
}

fn web_address(text: &str) -> Option<Url> {
    Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

fn is_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}
