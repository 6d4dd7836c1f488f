//! The key file: 32 random bytes that only the service may read.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use identity::pseudonym::Key;

use super::ArchiveError;

const FILE: &str = "identity.key";

/// Reads the key, or makes one at the first start.
pub(super) fn load_or_make(directory: &Path) -> Result<Key, ArchiveError> {
    let file = directory.join(FILE);
    match fs::read(&file) {
        Ok(bytes) => Ok(Key::new(bytes.try_into().map_err(|_| ArchiveError::Key)?)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            make(directory).map_err(ArchiveError::Directory)
        }
        Err(error) => Err(ArchiveError::Directory(error)),
    }
}

/// Written beside and renamed: a crash leaves a whole key or none.
fn make(directory: &Path) -> io::Result<Key> {
    let bytes: [u8; 32] = rand::random();
    let draft = directory.join(format!("{FILE}.new"));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    file.write_all(&bytes)?;
    file.sync_all()?;
    fs::rename(&draft, directory.join(FILE))?;
    Ok(Key::new(bytes))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn the_key_is_made_once_and_only_the_owner_may_read_it() {
        let directory = tempfile::tempdir().unwrap();
        let key = load_or_make(directory.path()).unwrap();
        assert_eq!(load_or_make(directory.path()).unwrap(), key);
        let mode = fs::metadata(directory.path().join(FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_damaged_key_is_not_replaced_silently() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join(FILE), "short").unwrap();
        assert!(matches!(load_or_make(directory.path()), Err(ArchiveError::Key)));
    }
}
