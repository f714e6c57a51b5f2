//! Which user a server runs as. initdb and postgres refuse to run as root, so root lends them a lesser account.

use std::{fs, os::unix::fs::chown, path::Path};

use anyhow::{Context, Result, bail};

/// A user and its group, by number.
#[derive(Clone, Copy, Debug)]
pub struct Account {
    /// The user's number.
    pub uid: u32,
    /// Its group's number.
    pub gid: u32,
}

impl Account {
    /// Makes this account the owner of `path` alone, not of what lies in it.
    pub(crate) fn own(self, path: &Path) -> Result<()> {
        chown(path, Some(self.uid), Some(self.gid))
            .with_context(|| format!("cannot give {} to user {}", path.display(), self.uid))
    }
}

/// Whether this process is root.
pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// The account that servers run under: our own (`None`) unless we are root.
pub(crate) fn for_servers() -> Result<Option<Account>> {
    if !is_root() {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd").context("cannot read the list of users")?;
    match ["postgres", "nobody"].iter().find_map(|name| account_named(&users, name)) {
        Some(account) => Ok(Some(account)),
        None => bail!("postgres refuses to run as root, and there is neither a user postgres nor nobody"),
    }
}

fn account_named(users: &str, name: &str) -> Option<Account> {
    let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
    let mut fields = line.split(':').skip(2);
    let uid = fields.next()?.parse().ok()?;
    let gid = fields.next()?.parse().ok()?;
    Some(Account { uid, gid })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_user_and_group() {
        let users = "root:x:0:0::/root:/bin/sh\npostgres:x:101:104:PostgreSQL,,,:/var/lib/postgresql:/bin/bash\n";
        let account = account_named(users, "postgres").unwrap();
        assert_eq!((account.uid, account.gid), (101, 104));
        assert!(account_named(users, "nobody").is_none());
    }
}
