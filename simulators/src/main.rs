//! One program that stands in for every outside party: YCloud, OpenAI, an SMTP server and the customer's phone.
//! It is written from the providers' documents only and shares no code with the services, so that one
//! misreading cannot hide on both sides. Everything lives in memory; nothing here is meant for production.

mod config;
mod connection;
mod control;
mod faults;
mod log;
mod mail;
mod oidc;
mod openai;
mod phone;
mod routes;
mod smtp;
mod state;
mod ycloud;

use std::{
    io::{IsTerminal, Write},
    sync::Arc,
};

use anyhow::Context;
use clap::Parser;
use tokio::net::TcpListener;

use crate::{
    config::{Args, Config},
    connection::{Connection, ResettableListener},
    state::Sim,
};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_env_filter(tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "simulators=info".into()))
        .init();
    // Fails only when a provider is installed already, which is just as good.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();

    let http = TcpListener::bind(&args.listen).await.with_context(|| format!("cannot listen for HTTP on {}", args.listen))?;
    let smtp = TcpListener::bind(&args.smtp).await.with_context(|| format!("cannot listen for SMTP on {}", args.smtp))?;
    let base_url = format!("http://{}", http.local_addr()?);
    announce(&base_url, &smtp.local_addr()?.to_string())?;

    let sim = Arc::new(Sim::new(Config::from_args(&args)?, base_url)?);
    let mail_server = tokio::spawn(smtp::serve(smtp, Arc::clone(&sim)));
    let service = routes::router(sim).into_make_service_with_connect_info::<Connection>();
    // No graceful drain: open event streams and held answers would keep the program alive for ever.
    tokio::select! {
        served = async { axum::serve(ResettableListener::new(http), service).await } => served?,
        () = stop_requested() => {}
    }
    mail_server.abort();
    tracing::info!("stopped");
    Ok(())
}

/// One line of JSON on stdout: with port 0 this is how the caller learns the addresses.
fn announce(http: &str, smtp: &str) -> anyhow::Result<()> {
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{}", serde_json::json!({ "http": http, "smtp": smtp }))?;
    stdout.flush()?;
    tracing::info!(phone = %format!("{http}/phone"), mail = %format!("{http}/mail"), smtp, "ready");
    Ok(())
}

async fn stop_requested() {
    let interrupt = tokio::signal::ctrl_c();
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! { _ = interrupt => {} _ = terminate.recv() => {} }
        }
        Err(_) => {
            let _ = interrupt.await;
        }
    }
}
