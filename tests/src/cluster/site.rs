//! A namespace of a cluster as the plugins for clusters see it: their components, called as the engine calls them.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use serde_json::{Map, Value, json};
use slipway_host::{Host, Limits};
use slipway_model::{Digest, InstanceName};
use slipway_plugin::{
    Address, Begin, Call, Change, Effect, EffectResult, Ended, Endpoint, Failure, Instance, InstanceSpec,
    InstanceState, Place, PluginError, Plugins, Probed, RecordError, Recorder, Secret, StateStore, Target,
    Task, Ticket, Tls,
};
use tempfile::TempDir;

use super::Cluster;

pub struct Site<'a> {
    cluster: &'a Cluster,
    target: Arc<dyn Target>,
    pub(super) host: Host,
    pub namespace: String,
    settings: Value,
    folders: TempDir,
    endpoint: Endpoint,
    pub secrets: BTreeMap<String, Secret>,
    kept: Arc<Kept>,
    pub effects: Arc<Effects>,
}

/// Everything that plugins asked and were told, as the journal would have it.
#[derive(Default)]
pub struct Effects(Mutex<String>);

impl Effects {
    pub fn text(&self) -> String {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn add(&self, line: String) {
        let mut text = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        text.push_str(&line);
        text.push('\n');
    }
}

#[async_trait::async_trait]
impl Recorder for Effects {
    async fn begin(&self, effect: Effect) -> Result<Begin, RecordError> {
        self.add(format!("{effect:?}"));
        Ok(Begin::Perform(Ticket(0)))
    }

    async fn finish(&self, _ticket: Ticket, result: &EffectResult) -> Result<(), RecordError> {
        self.add(format!("{result:?}"));
        Ok(())
    }
}

/// What a plugin keeps in the ledger.
#[derive(Default)]
struct Kept(Mutex<Option<String>>);

#[async_trait::async_trait]
impl StateStore for Kept {
    async fn get(&self) -> Result<Option<String>, Failure> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    async fn put(&self, value: String) -> Result<(), Failure> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
        Ok(())
    }
}

impl<'a> Site<'a> {
    /// A namespace of its own; `settings` besides it.
    pub async fn new(cluster: &'a Cluster, namespace: &str, settings: Value) -> Self {
        cluster.kubectl_must(&["create", "namespace", namespace]);
        Self::again(cluster, namespace, settings).await
    }

    /// One that is there, with a ledger of its own.
    pub async fn again(cluster: &'a Cluster, namespace: &str, settings: Value) -> Self {
        let mut host = Host::new(Limits::default());
        let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/plugins");
        for (name, file) in [
            ("kubernetes", "target-kubernetes"),
            ("kubernetes-service", "router-kubernetes-service"),
            ("gateway", "router-gateway"),
            ("nginx", "router-nginx"),
        ] {
            let wasm = std::fs::read(built.join(format!("{file}.wasm"))).unwrap_or_else(|error| {
                panic!("{file}.wasm: {error}; run `cargo xtask build-plugins` first")
            });
            host.add(name, wasm, None).expect("the plugin is sound");
        }
        let target = host.target("kubernetes").await.expect("the plugin is a target");
        let pem = |name: &str| {
            std::fs::read_to_string(cluster.path(&format!("pki/{name}"))).expect("the file can be read")
        };
        let mut endpoint = Endpoint::at(Address::Url(cluster.api()));
        endpoint.tls = Some(Arc::new(Tls {
            authorities: Some(pem("ca.crt")),
            identity: Some(Secret::new(format!("{}{}", pem("admin.crt"), pem("admin.key")))),
            insecure: false,
        }));
        endpoint.withheld = Some(Arc::new(slipway_cli::ValuesOfSecrets));
        Self {
            cluster,
            target,
            host,
            namespace: namespace.to_owned(),
            settings,
            folders: tempfile::tempdir().expect("a folder can be made"),
            endpoint,
            secrets: BTreeMap::new(),
            kept: Arc::default(),
            effects: Arc::default(),
        }
    }

    /// The same place with other settings.
    pub fn set(&mut self, settings: Value) {
        self.settings = settings;
    }

    pub(super) fn place(&self, settings: &Value) -> Place {
        let mut settings = settings.clone();
        settings["namespace"] = json!(self.namespace);
        Place {
            service: "shop".parse().expect("a name"),
            environment: self.namespace.parse().expect("a name"),
            settings,
        }
    }

    pub(super) fn call(&self) -> Call {
        let mut call = Call::new(self.effects.clone()).endpoint("cluster", self.endpoint.clone());
        call.secrets = self.secrets.clone();
        call.state = Some(self.kept.clone());
        call
    }

    /// A revision of these objects; the same ones are the same revision.
    pub fn revision(&self, objects: &Value, hooks: &Value) -> InstanceSpec {
        let blob = Digest::of("artifact");
        let document = json!({ "kind": "kubernetes", "artifact": "app", "digest": blob, "objects": objects, "hooks": hooks });
        let revision = Digest::of(format!("{}{document}", self.namespace));
        let folder = self.folders.path().join(revision.hex()).join("workloads");
        std::fs::create_dir_all(&folder).expect("a folder can be made");
        std::fs::write(folder.join("app.json"), document.to_string()).expect("a file can be written");
        InstanceSpec {
            name: format!("shop-{}-{}-1", self.namespace, revision.short())
                .parse()
                .expect("a name"),
            revision,
            artifact: "app".to_owned(),
            blob,
            workload: "workloads/app.json".to_owned(),
            back: false,
        }
    }

    fn call_for(&self, revision: Digest) -> Call {
        self.call()
            .folder("deployment", self.folders.path().join(revision.hex()), false)
    }

    pub async fn start(&self, spec: &InstanceSpec) -> Result<(), PluginError> {
        self.target
            .start(
                self.call_for(spec.revision),
                self.place(&self.settings),
                spec.clone(),
            )
            .await
    }

    pub async fn adopt(&self, spec: &InstanceSpec, changes: bool) -> Result<Vec<Change>, PluginError> {
        let place = self.place(&self.settings);
        self.target
            .adopt(self.call_for(spec.revision), place, spec.clone(), changes)
            .await
    }

    pub async fn plan(&self, spec: &InstanceSpec) -> Vec<Change> {
        let place = self.place(&self.settings);
        self.target
            .plan(self.call_for(spec.revision), place, vec![spec.clone()])
            .await
            .expect("a plan")
    }

    pub async fn observe(&self) -> Vec<Instance> {
        self.target
            .observe(self.call(), self.place(&self.settings))
            .await
            .expect("what runs can be seen")
    }

    pub async fn probe(&self, name: &InstanceName) -> Option<Instance> {
        let probed = self.probe_since(name, String::new(), Duration::ZERO).await;
        probed.expect("an answer without waiting").instance
    }

    /// None if nothing has changed.
    pub async fn probe_since(&self, name: &InstanceName, since: String, wait: Duration) -> Option<Probed> {
        self.target
            .probe(self.call(), self.place(&self.settings), name.clone(), since, wait)
            .await
            .expect("what runs can be seen")
    }

    pub async fn hold(&self, spec: &InstanceSpec, on: bool) {
        let place = self.place(&self.settings);
        let held = self.target.hold(self.call(), place, spec.name.clone(), on).await;
        held.expect("an instance can be held");
    }

    pub async fn stop(&self, spec: &InstanceSpec) {
        let stopped = self
            .target
            .stop(self.call(), self.place(&self.settings), spec.name.clone())
            .await;
        stopped.expect("an instance can be stopped");
    }

    pub async fn cleanup(&self, spec: &InstanceSpec) -> Result<(), PluginError> {
        self.target
            .cleanup(self.call(), self.place(&self.settings), spec.revision)
            .await
    }

    /// A task as an instance of this revision.
    pub fn task(&self, spec: &InstanceSpec, mark: &str, run: &[&str]) -> Task {
        let name = format!("shop-{}-{}-task-{mark}", self.namespace, spec.revision.short());
        Task {
            name: name.parse().expect("a name"),
            revision: spec.revision,
            artifact: spec.artifact.clone(),
            blob: spec.blob,
            workload: spec.workload.clone(),
            part: String::new(),
            run: run.iter().map(|word| (*word).to_owned()).collect(),
            variables: BTreeMap::from([("SLIPWAY_AT".to_owned(), "before-run".to_owned())]),
            timeout: slipway_model::Duration::from_secs(60),
        }
    }

    /// None if it still runs after so long.
    pub async fn execute(
        &self,
        task: &Task,
        begun: bool,
        wait: Duration,
    ) -> Result<Option<Ended>, PluginError> {
        let place = self.place(&self.settings);
        self.target
            .execute(self.call_for(task.revision), place, task.clone(), begun, wait)
            .await
    }

    pub async fn dismiss(&self, task: &Task) {
        let place = self.place(&self.settings);
        let dismissed = self
            .target
            .dismiss(self.call_for(task.revision), place, task.clone())
            .await;
        dismissed.expect("a task can be dismissed");
    }

    /// Starts it and waits until it is well.
    pub async fn up(&self, spec: &InstanceSpec) -> Instance {
        self.start(spec).await.expect("an instance can be started");
        self.until(spec, "healthy", |instance| {
            instance.state == InstanceState::Healthy
        })
        .await
    }

    /// Waits until an instance is so.
    pub async fn until(&self, spec: &InstanceSpec, what: &str, so: impl Fn(&Instance) -> bool) -> Instance {
        let began = Instant::now();
        loop {
            let seen = self.probe(&spec.name).await;
            match seen {
                Some(instance) if so(&instance) => return instance,
                seen => assert!(began.elapsed() < Duration::from_secs(90), "not {what}: {seen:#?}"),
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// The whole log, by as many calls as it takes; and where it ended.
    pub async fn logs(&self, spec: &InstanceSpec, mut cursor: String) -> (String, String) {
        let mut text = Vec::new();
        loop {
            let place = self.place(&self.settings);
            let chunk = self
                .target
                .logs(self.call(), place, spec.name.clone(), cursor)
                .await
                .expect("a log");
            text.extend_from_slice(&chunk.content);
            cursor = chunk.next;
            if chunk.end {
                return (String::from_utf8_lossy(&text).into_owned(), cursor);
            }
        }
    }

    /// What an instance answers, through the API server, as checks ask it.
    pub fn ask(&self, instance: &Instance, port: &str, path: &str) -> String {
        self.cluster
            .kubectl_must(&["get", "--raw", &raw(instance, port, path)])
    }

    /// The same where pods come and go: none if the one that was asked has gone.
    pub fn try_ask(&self, instance: &Instance, port: &str, path: &str) -> Option<String> {
        let mut command = self.cluster.kubectl();
        command.args(["get", "--raw", &raw(instance, port, path)]);
        let told = command.output().expect("kubectl can be started");
        (told.status.success()).then(|| String::from_utf8_lossy(&told.stdout).into_owned())
    }

    pub fn kubectl(&self, arguments: &[&str]) -> String {
        let all: Vec<_> = ["-n", &self.namespace]
            .into_iter()
            .chain(arguments.iter().copied())
            .collect();
        self.cluster.kubectl_must(&all)
    }

    pub fn get(&self, what: &str) -> Option<Value> {
        self.cluster.get(&self.namespace, what)
    }

    /// What is there of kinds, as `kind/name`.
    pub fn names(&self, kinds: &str) -> Vec<String> {
        let listed = self.kubectl(&["get", kinds, "-o", "name"]);
        let ours = listed.lines().filter(|name| !name.ends_with("/kube-root-ca.crt"));
        ours.map(str::to_owned).collect()
    }
}

/// The objects of a web server: a Deployment, a Service, a ConfigMap; changed by a merge patch each.
pub fn objects(image: &str, version: &str, replicas: u32, changes: Value) -> Value {
    let container = json!({
        "name": "web", "image": image,
        "env": [{ "name": "VERSION", "value": version }],
        "envFrom": [{ "configMapRef": { "name": "settings" } }],
        "ports": [{ "containerPort": 8080 }],
        "readinessProbe": { "httpGet": { "path": "/healthz", "port": 8080 }, "periodSeconds": 1 }
    });
    let mut objects = json!({
        "Deployment.apps/web": {
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "web" },
            "spec": {
                "replicas": replicas,
                "selector": { "matchLabels": { "app": "web" } },
                "template": {
                    "metadata": { "labels": { "app": "web" } },
                    "spec": { "terminationGracePeriodSeconds": 5, "containers": [container] }
                }
            }
        },
        "Service/web": {
            "apiVersion": "v1", "kind": "Service", "metadata": { "name": "web" },
            "spec": { "selector": { "app": "web" }, "ports": [{ "port": 80, "targetPort": 8080 }] }
        },
        "ConfigMap/settings": {
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "settings" }, "data": { "GREETING": format!("from {version}") }
        }
    });
    merge(&mut objects, changes);
    objects
}

/// Where the API server asks a port of an instance.
fn raw(instance: &Instance, port: &str, path: &str) -> String {
    let port = instance
        .ports
        .iter()
        .find(|found| found.name == port)
        .expect("the port is there");
    let prefix = port
        .address
        .strip_prefix("cluster:")
        .expect("an address in a cluster");
    format!("{prefix}{path}")
}

fn merge(target: &mut Value, change: Value) {
    let Value::Object(change) = change else {
        *target = change;
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    for (key, value) in change {
        if value.is_null() {
            target.as_object_mut().map(|map| map.remove(&key));
        } else {
            merge(&mut target[&key], value);
        }
    }
}
