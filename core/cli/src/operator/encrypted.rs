//! Files that `age` has encrypted for a key of this machine, armored or not.

use std::{
    fs::File,
    io::{self, Read as _},
    os::unix::fs::PermissionsExt as _,
    path::Path,
};

use age::{DecryptError, Decryptor, Identity, IdentityFile, armor::ArmoredReader};
use slipway_engine::Failed;

/// A secret is a password or a key. What is larger is something else.
const LARGEST: u64 = 1 << 20;

pub(super) fn read(file: &Path, identity: &Path, what: &str) -> Result<String, Failed> {
    let keys = keys(identity, what)?;
    let broken = |why: String| Failed::new(format!("{what} is to be in {}: {why}", file.display()));
    let opened = File::open(file).map_err(|error| broken(error.to_string()))?;
    let decrypted = decrypt(opened, &keys).map_err(|error| told(&error, &broken, identity))?;
    if decrypted.len() as u64 > LARGEST {
        return Err(broken(format!("what it holds is larger than {LARGEST} bytes")));
    }
    String::from_utf8(decrypted).map_err(|_| broken("what it holds is no UTF-8".to_owned()))
}

fn decrypt(file: File, keys: &[Key]) -> Result<Vec<u8>, DecryptError> {
    // With its header, in which every recipient has a line or two.
    let bounded = file.take(2 * LARGEST);
    let decryptor = Decryptor::new_buffered(ArmoredReader::new(io::BufReader::new(bounded)))?;
    if decryptor.is_scrypt() {
        return Err(DecryptError::KeyDecryptionFailed);
    }
    let keys = keys.iter().map(|key| key.as_ref() as &dyn Identity);
    let mut decrypted = Vec::new();
    decryptor
        .decrypt(keys)?
        .take(LARGEST + 1)
        .read_to_end(&mut decrypted)?;
    Ok(decrypted)
}

type Key = Box<dyn Identity + Send + Sync>;

/// Those of a file that nobody else can read.
fn keys(path: &Path, what: &str) -> Result<Vec<Key>, Failed> {
    let unusable = |why: String| Failed::new(format!("{what}: the identity {}: {why}", path.display()));
    let file = File::open(path).map_err(|error| unusable(error.to_string()))?;
    let mode = file
        .metadata()
        .map_err(|error| unusable(error.to_string()))?
        .permissions()
        .mode();
    if mode & 0o077 != 0 {
        let why = format!("others than its owner can read it (mode {:04o})", mode & 0o7777);
        return Err(unusable(why).hint(format!("chmod 600 {}", path.display())));
    }
    let written = IdentityFile::from_buffer(io::BufReader::new(file)).map_err(|error| {
        unusable(error.to_string()).hint("what `age-keygen` writes is an identity; keys of SSH are not taken")
    })?;
    let keys = written
        .into_identities()
        .map_err(|error| unusable(error.to_string()))?;
    if keys.is_empty() {
        return Err(unusable("there is no key in it".to_owned()).hint("age-keygen -o FILE"));
    }
    Ok(keys)
}

/// What is wrong, and the next step.
fn told(error: &DecryptError, broken: &impl Fn(String) -> Failed, identity: &Path) -> Failed {
    let identity = identity.display();
    let changed = "it was changed after it was encrypted".to_owned();
    match error {
        DecryptError::NoMatchingKeys => broken(format!(
            "it was encrypted for another key than that of {identity}"
        ))
        .hint(format!(
            "age --encrypt --recipient \"$(age-keygen -y {identity})\""
        )),
        DecryptError::KeyDecryptionFailed => {
            broken("it was encrypted with a passphrase, which nobody types here".to_owned()).hint(format!(
                "age --encrypt --recipient \"$(age-keygen -y {identity})\""
            ))
        }
        DecryptError::InvalidHeader => broken("that is no file that `age` has encrypted".to_owned()),
        DecryptError::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            broken("that is no file that `age` has encrypted, or not all of it".to_owned())
        }
        DecryptError::UnknownFormat => {
            broken("it has a format of a later `age` than is known here".to_owned())
        }
        DecryptError::InvalidMac | DecryptError::DecryptionFailed => broken(changed),
        DecryptError::Io(error) if error.kind() == io::ErrorKind::InvalidData => broken(changed),
        error => broken(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, process::Command};

    use tempfile::TempDir;

    use super::*;

    /// Two keys, `mine` and `other`, made by `age-keygen`, and a secret that `age` has encrypted for the first.
    struct Place(TempDir);

    impl Place {
        fn new() -> Self {
            let place = Self(tempfile::tempdir().expect("a folder can be made"));
            for key in ["mine", "other"] {
                place.run("age-keygen", &["-o", key]);
            }
            fs::write(place.path("plain"), "hunter2\n").expect("a file can be written");
            place.encrypt("db.age", &[]);
            place
        }

        fn path(&self, name: &str) -> std::path::PathBuf {
            self.0.path().join(name)
        }

        fn run(&self, program: &str, arguments: &[&str]) -> String {
            let answer = Command::new(program)
                .args(arguments)
                .current_dir(self.0.path())
                .output();
            let answer = answer.unwrap_or_else(|error| {
                panic!("{program}: {error}: apt-get install --no-install-recommends age")
            });
            assert!(
                answer.status.success(),
                "{}",
                String::from_utf8_lossy(&answer.stderr)
            );
            String::from_utf8(answer.stdout).expect("text")
        }

        fn encrypt(&self, into: &str, more: &[&str]) {
            let recipient = self.run("age-keygen", &["-y", "mine"]);
            let arguments = [&["-r", recipient.trim(), "-o", into], more, &["plain"]].concat();
            self.run("age", &arguments);
        }

        fn read(&self, file: &str, identity: &str) -> Result<String, Failed> {
            read(&self.path(file), &self.path(identity), "the secret db")
        }

        #[track_caller]
        fn refused(&self, file: &str, identity: &str, why: &str, hint: &str) {
            let failed = self.read(file, identity).expect_err(why);
            assert!(
                failed.message.starts_with("the secret db") && failed.message.contains(why),
                "{failed:?}"
            );
            assert!(
                failed.hint.clone().unwrap_or_default().contains(hint),
                "{failed:?}"
            );
            assert!(!format!("{failed:?}").contains("hunter2"));
        }
    }

    #[test]
    fn what_age_has_encrypted_is_read() {
        let place = Place::new();
        assert_eq!(place.read("db.age", "mine").unwrap(), "hunter2\n");
        place.encrypt("armored.age", &["--armor"]);
        assert!(
            fs::read_to_string(place.path("armored.age"))
                .unwrap()
                .starts_with("-----BEGIN AGE")
        );
        assert_eq!(place.read("armored.age", "mine").unwrap(), "hunter2\n");
        // Whoever has several keys is let in by any of them.
        let both = ["other", "mine"]
            .map(|key| fs::read_to_string(place.path(key)).unwrap())
            .concat();
        fs::write(place.path("mine"), both).unwrap();
        assert_eq!(place.read("db.age", "mine").unwrap(), "hunter2\n");
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        let place = Place::new();
        place.refused(
            "db.age",
            "other",
            "encrypted for another key than that of",
            "age-keygen -y",
        );
        place.refused("plain", "mine", "no file that `age` has encrypted", "");
        place.refused("none.age", "mine", "No such file", "");
        place.refused("db.age", "none", "the identity", "");
        let mut changed = fs::read(place.path("db.age")).unwrap();
        *changed.last_mut().unwrap() ^= 1;
        fs::write(place.path("changed.age"), changed).unwrap();
        place.refused("changed.age", "mine", "changed after it was encrypted", "");
        fs::write(place.path("plain"), vec![b'x'; 1 << 21]).unwrap();
        place.encrypt("large.age", &[]);
        place.refused("large.age", "mine", "larger than", "");
        fs::write(place.path("plain"), b"\xff\xfe").unwrap();
        place.encrypt("binary.age", &[]);
        place.refused("binary.age", "mine", "no UTF-8", "");
    }

    #[test]
    fn a_key_that_others_can_read_is_no_key() {
        let place = Place::new();
        for mode in [0o640, 0o604, 0o660] {
            fs::set_permissions(place.path("mine"), fs::Permissions::from_mode(mode)).unwrap();
            place.refused("db.age", "mine", "others than its owner can read it", "chmod 600");
        }
        fs::set_permissions(place.path("mine"), fs::Permissions::from_mode(0o400)).unwrap();
        place.read("db.age", "mine").unwrap();
        fs::write(place.path("other"), "-----BEGIN OPENSSH PRIVATE KEY-----\n").unwrap();
        place.refused(
            "db.age",
            "other",
            "non-identity data on line 1",
            "keys of SSH are not taken",
        );
        fs::write(place.path("other"), "# nothing\n").unwrap();
        place.refused("db.age", "other", "there is no key in it", "age-keygen -o");
    }
}
