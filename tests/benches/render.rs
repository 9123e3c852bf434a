//! What 4,000 resources cost: `slipway render kubernetes` beside `kustomize build`, and `slipway render helm` beside `helm
//! template`, in time and memory, in turns. `cargo xtask peers && cargo bench -p slipway-tests --bench render`; `KUSTOMIZE`
//! and `HELM` name other builds of them.
#![allow(clippy::print_stdout, reason = "it measures, prints and ends")]

mod kit;

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

const RESOURCES: usize = 4_000;
const ROUNDS: usize = 3;

struct Cost {
    time: Duration,
    /// The most memory at a time, in KiB.
    peak: u64,
}

fn main() {
    let slipway = kit::slipway();
    let folder = tempfile::tempdir().expect("a folder can be made");
    let (manifests, chart) = (folder.path().join("manifests"), folder.path().join("chart"));
    write_manifests(&manifests);
    write_chart(&chart);
    let ours = |format: &str, path: &Path| {
        let mut command = Command::new(&slipway);
        command.args(["render", format]).arg(path);
        command.env("SLIPWAY_PLUGINS", kit::target().join("plugins"));
        command.env("XDG_CACHE_HOME", folder.path().join("cache"));
        command
    };
    let mut kustomize = Command::new(peer("KUSTOMIZE", "kustomize"));
    kustomize.arg("build").arg(&manifests);
    let mut helm = Command::new(peer("HELM", "helm"));
    helm.args(["template", "release-name"]).arg(&chart);
    println!("{RESOURCES} resources");
    compare("kustomize build", ours("kubernetes", &manifests), kustomize, 1);
    compare("helm template", ours("helm", &chart), helm, ROUNDS);
}

/// A build of `cargo xtask peers`, or the one that is named.
fn peer(variable: &str, program: &str) -> PathBuf {
    if let Some(named) = std::env::var_os(variable) {
        return named.into();
    }
    let built = fs::read_dir(kit::target().join("peers"))
        .into_iter()
        .flatten()
        .flatten();
    let mut built = built
        .map(|entry| entry.path().join(program))
        .filter(|path| path.is_file());
    built.next().unwrap_or_else(|| {
        panic!("there is no {program}: `cargo xtask peers` builds it, or {variable} names one")
    })
}

fn compare(name: &str, mut ours: Command, mut theirs: Command, rounds: usize) {
    // Both warm; and ours must be what it is compared with.
    let (mine, other) = (printed(&mut ours), printed(&mut theirs));
    assert!(mine == other, "slipway and {name} print something else");
    let mut costs = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        costs.0.push(measure(&mut ours));
        costs.1.push(measure(&mut theirs));
    }
    let (ours, theirs) = (summed(&costs.0), summed(&costs.1));
    println!("  {name}: the same output");
    for (who, cost) in [("slipway", &ours), ("theirs", &theirs)] {
        println!(
            "    {who:<8} {:>9.0} ms   {:>6.1} MiB",
            kit::millis(cost.time),
            cost.peak as f64 / 1024.0
        );
    }
    println!(
        "    ratio    time {:.3}   memory {:.2}",
        ours.time.as_secs_f64() / theirs.time.as_secs_f64(),
        ours.peak as f64 / theirs.peak as f64
    );
}

fn summed(costs: &[Cost]) -> Cost {
    Cost {
        time: kit::median(costs.iter().map(|cost| cost.time).collect()),
        peak: costs.iter().map(|cost| cost.peak).max().unwrap_or_default(),
    }
}

/// Without what is only space between documents.
fn printed(command: &mut Command) -> String {
    let output = command.output().expect("a program that is there can be started");
    assert!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn measure(command: &mut Command) -> Cost {
    let start = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .expect("a program that is there can be started");
    let mut peak = 0;
    loop {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let now = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
        peak = peak.max(now.unwrap_or_default());
        if let Some(status) = child.try_wait().expect("our own child can be waited for") {
            assert!(status.success(), "{command:?} failed");
            let time = start.elapsed();
            return Cost { time, peak };
        }
        sleep(Duration::from_millis(1));
    }
}

/// A quarter each of four kinds, in a kustomization that changes all of them.
fn write_manifests(folder: &Path) {
    let mut text = String::new();
    for number in 0..RESOURCES / 4 {
        resources(&mut text, &number.to_string());
    }
    let kustomization = "resources: [all.yaml]\nnamespace: shop\nlabels: [{ pairs: { team: shop } }]\nimages: [{ name: server, newTag: '2' }]\n";
    write(
        folder,
        &[("all.yaml", &text), ("kustomization.yaml", kustomization)],
    );
}

fn write_chart(folder: &Path) {
    let mut text = format!("{{{{- range $number := until {} }}}}\n", RESOURCES / 4);
    resources(&mut text, "{{ $number }}");
    text.push_str("{{- end }}\n");
    write(
        folder,
        &[
            ("Chart.yaml", "apiVersion: v2\nname: many\nversion: 1.0.0\n"),
            ("templates/all.yaml", &text),
        ],
    );
}

fn resources(text: &mut String, number: &str) {
    let written = write!(
        text,
        "---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web-{number}\nspec:\n  replicas: 2\n  selector:\n    matchLabels:\n      app: web-{number}\n  \
         template:\n    metadata:\n      labels:\n        app: web-{number}\n    spec:\n      containers:\n      - name: web\n        image: server:1\n        \
         envFrom:\n        - configMapRef:\n            name: settings-{number}\n        ports:\n        - containerPort: 8080\n\
         ---\napiVersion: v1\nkind: Service\nmetadata:\n  name: web-{number}\nspec:\n  selector:\n    app: web-{number}\n  ports:\n  - port: 80\n    targetPort: 8080\n\
         ---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings-{number}\ndata:\n  GREETING: hello\n  NUMBER: \"{number}\"\n\
         ---\napiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: web-{number}\n"
    );
    written.expect("a text can be written to");
}

fn write(folder: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = folder.join(name);
        let above = path.parent().expect("a file is in a folder");
        fs::create_dir_all(above).expect("a folder can be made");
        fs::write(path, text).expect("a file can be written");
    }
}
