//! Plugins in Go. They need a Go that not every machine has, and are too big to be carried in the program: they are
//! kept beside it. Without Go everything else is built and works.

use std::{fs, path::Path};

use slipway_authoring::Go;

use super::{component, stamp::Stamp};
use crate::talk::{Failed, run, say};

/// By kind and name, with the folder of each below `plugins/`.
pub(super) const PLUGINS: [(&str, &str); 1] = [("format-helm", "formats/helm")];

/// All modules in Go, with what is not of a plugin that is built here.
pub(crate) const MODULES: [&str; 6] = [
    "plugins/formats/helm",
    "plugins/templates/go/check",
    "plugins/templates/go/format",
    "plugins/templates/go/router",
    "plugins/templates/go/target",
    "sdk/go",
];

/// Builds those that changed. True if they are there.
pub(super) fn build(root: &Path, out: &Path) -> Result<bool, Failed> {
    let Some(go) = Go::present() else {
        say(
            "plugins: Helm charts need Go 1.26 (or any from 1.21, which fetches it) and there is none: https://go.dev/dl, \
             then `cargo xtask build-plugins` again; everything else is built without it",
        );
        return Ok(false);
    };
    for (name, folder) in PLUGINS {
        let target = out.join(format!("{name}.wasm"));
        let path = out.join(format!("{name}.sources"));
        let mut sources = Stamp::default();
        let plugin = format!("plugins/{folder}");
        let version = go.version(&root.join(&plugin)).unwrap_or_default();
        sources.add("compiler", &version);
        for name in [
            plugin.as_str(),
            "sdk/go",
            "sdk/wit",
            "core/authoring",
            "core/xtask/src/plugins",
        ] {
            sources.add_tree(root, name)?;
        }
        let with_target = |mut stamp: Stamp| stamp.add_file("component", &target).map(|()| stamp);
        if with_target(sources.clone()).is_ok_and(|wanted| Stamp::read(&path) == wanted) {
            continue;
        }
        say(&format!("plugins: building {name} with {version}"));
        let module = out.join(format!("{name}.module"));
        run(&mut go.module(&root.join(&plugin), &module))?;
        component::of_go(&module, &target)?;
        fs::remove_file(&module).map_err(Failed::to("remove", &module))?;
        with_target(sources)?.write(&path)?;
    }
    Ok(true)
}
