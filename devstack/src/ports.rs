//! Free loopback ports. They are taken below the range the kernel uses for outgoing connections, so that a
//! server which is killed and restarted finds its port still free.

use std::{
    collections::HashSet,
    net::{Ipv4Addr, TcpListener},
    sync::{Mutex, OnceLock, PoisonError},
};

use anyhow::{Result, bail};
use rand::Rng;

const RANGE: std::ops::Range<u16> = 20_000..32_000;
/// A machine with so many taken ports has another problem.
const TRIES: u32 = 500;

/// A port that nothing listens on, never handed out before by this process.
pub fn free_port() -> Result<u16> {
    for _ in 0..TRIES {
        let port = rand::rng().random_range(RANGE);
        if is_free(port) && handed_out(port) {
            return Ok(port);
        }
    }
    bail!("no free port found between {} and {}", RANGE.start, RANGE.end)
}

/// `wanted` when it is free, else any free port.
pub fn preferred_port(wanted: u16) -> Result<u16> {
    if is_free(wanted) && handed_out(wanted) { Ok(wanted) } else { free_port() }
}

/// Whether nothing listens on the port. The wildcard address also collides with listeners on loopback alone.
pub fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).is_ok()
}

/// True when the port was not handed out before; parallel stacks in one process must not race for it.
fn handed_out(port: u16) -> bool {
    static GIVEN: OnceLock<Mutex<HashSet<u16>>> = OnceLock::new();
    GIVEN.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner).insert(port)
}
