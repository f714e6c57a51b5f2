//! The whole of Nexus as processes on one machine: for the demo, the system tests and the benchmarks.
//! Real Postgres, real Redis, the shipped binaries and the simulators; nothing is mocked in here.
//! Start reading at [`Stack`]; [`Postgres`], [`Redis`] and [`Process`] also stand alone.

mod account;
mod http;
mod packages;
mod pgbouncer;
mod place;
mod poll;
mod ports;
mod postgres;
mod proc_table;
mod process;
mod redis;
mod run_dir;
mod secrets;
mod service;
mod sim;
mod spawn;
mod stack;

pub use crate::{
    account::Account,
    packages::{BARE_MACHINE_PACKAGES, ensure_installed, ensure_python, on_path},
    pgbouncer::{PgBouncer, PgBouncerOptions},
    place::{state_root, workspace_root},
    poll::{Verdict, eventually},
    ports::{free_port, is_free, preferred_port},
    postgres::{Postgres, PostgresOptions},
    proc_table::terminate,
    process::{DeathSignal, Process, ProcessSpec},
    redis::{Redis, RedisOptions},
    secrets::Secrets,
    service::{EnvMap, Service},
    sim::Sim,
    spawn::tied_command,
    stack::{Business, DEFAULT_BUSINESS, SECOND_BUSINESS, Simulators, Stack, StackBuilder, Urls},
};
