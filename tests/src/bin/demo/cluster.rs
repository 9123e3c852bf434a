//! A web server on a Kubernetes of its own, version after version.

use crate::show::{Show, flawless, title};

pub(crate) const RATE: u32 = 200;

const MANIFEST: &str = "web/deploy.toml";
const OBJECTS: &str = "web/k8s/web.yaml";

pub(crate) async fn show(show: &Show<'_>) -> Result<(), String> {
    title(
        "version 1.0.0: an image and its manifests, released into the registry that the cluster pulls from",
    );
    show.expect(&["run", "test"], 0)?;

    title(&format!(
        "version 1.1.0 by blue/green, under {} requests/s",
        show.rate
    ));
    strategy(show, "type = \"recreate\"", "type = \"blue-green\"");
    version(show, "1.0.0", "1.1.0");
    show.expect(&["plan", "test"], 0)?;
    flawless(&show.under_load(&["run", "test", "--version", "1.1.0"], 0).await?)?;

    title("version 1.2.0 as a canary, by shares of pods, under the same load");
    let canary = "type = \"canary\"\nsteps = [{ weight = 50, soak = \"2s\" }]";
    strategy(show, "type = \"blue-green\"", canary);
    let shares = ("service = \"web\" }", "service = \"web\", shares = \"pods\" }");
    show.bench.edit(MANIFEST, &[shares]);
    version(show, "1.1.0", "1.2.0");
    flawless(&show.under_load(&["run", "test", "--version", "1.2.0"], 0).await?)?;

    title("version 1.3.0 crashes when it starts: users never see it, and the first line says why");
    version(show, "1.2.0", "1.3.0");
    let crash = (
        "name: STOP_MS, value: \"3000\"",
        "name: CRASH, value: \"no database\"",
    );
    show.bench.edit(OBJECTS, &[crash]);
    flawless(&show.under_load(&["run", "test", "--version", "1.3.0"], 4).await?)?;

    title("what there is now");
    show.expect(&["status", "test"], 0)?;
    show.expect(&["history"], 0)?;
    title("the archive");
    show.expect(&["archive", "verify"], 0)
}

fn strategy(show: &Show<'_>, from: &str, to: &str) {
    show.bench.edit(MANIFEST, &[(from, to)]);
}

/// What the server says of itself.
fn version(show: &Show<'_>, from: &str, to: &str) {
    let quoted = |version: &str| format!("\"{version}\"");
    show.bench.edit(OBJECTS, &[(&quoted(from), &quoted(to))]);
}
