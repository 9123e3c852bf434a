//! What verbs are called with.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use slipway_model::{Digest, Duration, InstanceName};
use slipway_plugin::{
    Artifact, Backend, InstanceSpec, Place, Port, RenderInput, Routing, Seen, Share, Subject, Task,
};

const SERVICE: &str = "shop";
const ENVIRONMENT: &str = "prod";

pub(crate) fn name() -> InstanceName {
    "shop-prod-1a2b3c4d-1".parse().expect("a name of an instance")
}

pub(crate) fn revision() -> Digest {
    Digest::of(b"a revision")
}

pub(crate) fn place(settings: &Value) -> Place {
    Place {
        service: SERVICE.parse().expect("a name of a service"),
        environment: ENVIRONMENT.parse().expect("a name of an environment"),
        settings: settings.clone(),
    }
}

pub(crate) fn instance() -> InstanceSpec {
    InstanceSpec {
        name: name(),
        revision: revision(),
        artifact: "web".to_owned(),
        blob: Digest::of(b"an artifact"),
        workload: "workloads/web.json".to_owned(),
        back: false,
    }
}

pub(crate) fn task() -> Task {
    let InstanceSpec {
        name,
        revision,
        artifact,
        blob,
        workload,
        ..
    } = instance();
    Task {
        name,
        revision,
        artifact,
        blob,
        workload,
        part: String::new(),
        run: vec!["bin/migrate".to_owned()],
        variables: BTreeMap::new(),
        timeout: Duration::from_millis(60_000),
    }
}

pub(crate) fn routing() -> Routing {
    let backend = Backend {
        instance: name(),
        address: "127.0.0.1:8080".to_owned(),
    };
    let share = Share {
        revision: revision(),
        weight: 100,
        backends: vec![backend],
        baseline: None,
    };
    Routing {
        shares: vec![share],
        preview: None,
    }
}

pub(crate) fn subject() -> Subject {
    let port = Port {
        name: "http".to_owned(),
        address: "127.0.0.1:8080".to_owned(),
    };
    Subject {
        service: SERVICE.parse().expect("a name of a service"),
        environment: ENVIRONMENT.parse().expect("a name of an environment"),
        revision: revision(),
        stable: Some(Digest::of(b"another revision")),
        instances: vec![Seen {
            name: name(),
            ports: vec![port],
        }],
    }
}

pub(crate) fn artifact(settings: &Value) -> Artifact {
    Artifact {
        name: "web".to_owned(),
        blob: Digest::of(b"an artifact"),
        size: 11,
        settings: settings.clone(),
    }
}

pub(crate) fn render_input(settings: &Value) -> RenderInput {
    RenderInput {
        service: SERVICE.to_owned(),
        environment: ENVIRONMENT.to_owned(),
        artifact: artifact(settings),
        facts: json!({}),
        settings: settings.clone(),
        config: Vec::new(),
        resolved: Vec::new(),
        target: json!({}),
    }
}
