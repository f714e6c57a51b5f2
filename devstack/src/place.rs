//! Where private servers keep their files: `.nexus/` in the workspace, or a directory below the system's
//! temporary one when the server's account cannot walk there (a clone under root's home).

use std::{
    env, fs,
    os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use crate::account;

/// The root of the Nexus workspace we run in, or the current directory outside of one.
pub fn workspace_root() -> PathBuf {
    let here = env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    let program = env::current_exe().unwrap_or_default();
    here.ancestors()
        .chain(program.ancestors())
        .find(|dir| dir.join("Cargo.toml").is_file() && dir.join("devstack").is_dir())
        .map_or_else(|| here.clone(), Path::to_path_buf)
}

/// The directory for everything that private servers write. Created when missing.
pub fn state_root() -> Result<PathBuf> {
    let own = env::var_os("NEXUS_STATE_DIR").map_or_else(|| workspace_root().join(".nexus"), PathBuf::from);
    make_dir(&own)?;
    let own = own.canonicalize().with_context(|| format!("cannot resolve {}", own.display()))?;
    if !account::is_root() || walkable(&own) { Ok(own) } else { elsewhere(&own) }
}

/// Creates a directory that others may walk through, whatever the umask says.
pub(crate) fn make_dir(dir: &Path) -> Result<()> {
    if !dir.is_dir() {
        fs::create_dir_all(dir).with_context(|| format!("cannot create {}", dir.display()))?;
        fs::set_permissions(dir, fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}

/// Whether an account that owns nothing can reach the directory.
fn walkable(dir: &Path) -> bool {
    dir.ancestors().all(|part| fs::metadata(part).is_ok_and(|meta| meta.mode() & 0o001 != 0))
}

/// The remembered directory outside of the workspace, or a new one.
fn elsewhere(own: &Path) -> Result<PathBuf> {
    let lock = fs::File::create(own.join("location.lock"))?;
    lock.lock().context("cannot lock the state directory")?;
    let note = own.join("location");
    if let Ok(text) = fs::read_to_string(&note) {
        let remembered = PathBuf::from(text.trim());
        if is_ours(&remembered) {
            return Ok(remembered);
        }
    }
    let parent = [env::temp_dir(), "/var/tmp".into(), "/tmp".into()]
        .into_iter()
        .find(|dir| walkable(dir))
        .context("no temporary directory is reachable for an unprivileged user")?;
    let fresh = parent.join(format!("nexus-{}", hex::encode(rand::random::<[u8; 4]>())));
    // Fails when somebody else made it first: a directory we did not create is never used.
    fs::DirBuilder::new().mode(0o755).create(&fresh).with_context(|| format!("cannot create {}", fresh.display()))?;
    fs::set_permissions(&fresh, fs::Permissions::from_mode(0o755))?;
    fs::write(&note, format!("{}\n", fresh.display()))?;
    Ok(fresh)
}

fn is_ours(dir: &Path) -> bool {
    let own = rustix::process::geteuid().as_raw();
    fs::symlink_metadata(dir).is_ok_and(|meta| meta.is_dir() && meta.uid() == own) && walkable(dir)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_parent_is_not_walkable() {
        let dir = env::temp_dir().join(format!("nexus-place-{}", std::process::id()));
        fs::create_dir_all(dir.join("in")).unwrap();
        fs::set_permissions(&dir, fs::Permissions::from_mode(0o700)).unwrap();
        assert!(!walkable(&dir.join("in")));
        fs::remove_dir_all(&dir).unwrap();
    }

    #[test]
    fn the_substitute_is_remembered() {
        let own = env::temp_dir().join(format!("nexus-own-{}", std::process::id()));
        fs::create_dir_all(&own).unwrap();
        let first = elsewhere(&own).unwrap();
        assert_eq!(first, elsewhere(&own).unwrap());
        fs::remove_dir_all(&first).unwrap();
        assert_ne!(first, elsewhere(&own).unwrap());
        fs::remove_dir_all(elsewhere(&own).unwrap()).unwrap();
        fs::remove_dir_all(&own).unwrap();
    }
}
