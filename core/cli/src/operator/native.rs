//! `[native]`: which native libraries are loaded at all, by digest. Without it there are none.

use std::collections::BTreeSet;

use serde::Deserialize;
use slipway_host::Native;
use slipway_model::Digest;

use super::file::OperatorFile;
use crate::program::NATIVE;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct NativeSettings {
    /// `sha256:...` of the bytes of each.
    trust: BTreeSet<Digest>,
    /// Also where the operating system lacks something that would confine them.
    unconfined: bool,
}

impl OperatorFile {
    /// They are loaded by this very program, whatever has taken its place meanwhile.
    pub(crate) fn native(&self) -> Native {
        Native {
            program: vec!["/proc/self/exe".into(), NATIVE.into()],
            trusted: self.native.trust.clone(),
            unconfined: self.native.unconfined,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_are_trusted_by_digest_and_nothing_else() {
        let digest = Digest::of("library");
        let file: OperatorFile = toml::from_str(&format!("[native]\ntrust = [\"{digest}\"]\n")).unwrap();
        assert_eq!(file.native().trusted, [digest].into());
        assert!(!file.native().unconfined);
        assert!(OperatorFile::default().native().trusted.is_empty());
        for wrong in ["trust = [\"acme.so\"]", "trust = \"all\"", "trusted = []"] {
            assert!(
                toml::from_str::<OperatorFile>(&format!("[native]\n{wrong}\n")).is_err(),
                "{wrong}"
            );
        }
    }
}
