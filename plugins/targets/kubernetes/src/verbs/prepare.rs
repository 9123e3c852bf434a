//! From the workload's file to the objects as they are wanted at a place.

use std::collections::BTreeMap;

use serde_json::Value;
use slipway_kubernetes_api::{Discovery, Id, text};
use slipway_sdk::{Failure, InstanceSpec, Place, files};

use crate::{
    document::{Document, Hook, Object},
    inventory::{Entry, Item, State},
    labels::Stamp,
    revise::{Port, Revised, beside, ports},
    secrets,
    settings::{Mode, Settings},
};

pub(super) const DEPLOYMENT: &str = "deployment";

/// Everything that an instance is made of.
pub(super) struct Prepared {
    pub(super) stamp: Stamp,
    pub(super) objects: Vec<Object>,
    /// What the Services that revisions share would choose, if this were the only revision.
    pub(super) selectors: BTreeMap<Id, Value>,
    pub(super) ports: Vec<Port>,
    pub(super) hooks: Vec<Hook>,
    /// The revision that others had deployed.
    pub(super) adopted: Option<String>,
}

/// `adopted`: the revision that others had deployed, as the inventory knows it.
pub(super) fn prepare(
    place: &Place<Settings>,
    instance: &InstanceSpec,
    adopted: Option<&str>,
) -> Result<Prepared, Failure> {
    let bytes = files::read(DEPLOYMENT, &instance.workload)?;
    let document = Document::read(&instance.workload, &bytes, (&instance.artifact, &instance.blob))?;
    let settings = &place.settings;
    let (stamp, in_place) = (
        Stamp::of(place, instance, adopted != Some(&instance.revision)),
        settings.mode == Mode::InPlace,
    );
    let objects = document.objects(&settings.namespace)?;
    let Revised {
        mut objects,
        selectors,
    } = match settings.mode {
        Mode::InPlace => Revised {
            objects,
            selectors: BTreeMap::new(),
        },
        Mode::SideBySide => beside(objects, stamp.revision()),
    };
    for object in &mut objects {
        stamp.put_on(object, in_place);
        if object.id.is("", "Secret") {
            secrets::sort(&mut object.body);
        }
    }
    let ports = ports(&objects, &settings.namespace);
    Ok(Prepared {
        stamp,
        objects,
        selectors,
        ports,
        hooks: document.hooks,
        adopted: adopted.map(str::to_owned),
    })
}

/// Where objects are in the cluster.
pub(super) struct Map {
    discovery: Discovery,
    namespace: String,
}

impl Map {
    /// With the kinds that the objects themselves define.
    pub(super) fn draw(place: &Place<Settings>, objects: &[Object]) -> Result<Self, Failure> {
        let mut discovery = Discovery::ask()?;
        let definitions = objects
            .iter()
            .filter(|object| object.id.kind == "CustomResourceDefinition");
        definitions.for_each(|object| discovery.define(&object.body));
        Ok(Self {
            discovery,
            namespace: place.settings.namespace.clone(),
        })
    }

    pub(super) fn item(&self, object: &Object) -> Result<Item, Failure> {
        let (api_version, kind) = (text(&object.body, "/apiVersion"), text(&object.body, "/kind"));
        let resource = self.discovery.find(api_version, kind).ok_or_else(|| {
            Failure::invalid(format!(
                "{}: the cluster has no {kind} of {api_version}",
                object.id
            ))
            .hint("install what defines it first, or put its CustomResourceDefinition into the package")
        })?;
        let namespace = object.id.namespace.as_deref().unwrap_or(&self.namespace);
        Ok(Item::of(resource, Some(namespace), &object.id.name, object.own))
    }

    pub(super) fn items(&self, objects: &[Object]) -> Result<Vec<Item>, Failure> {
        objects.iter().map(|object| self.item(object)).collect()
    }
}

impl Prepared {
    pub(super) fn entry(&self, items: Vec<Item>) -> Entry {
        Entry {
            instance: self.stamp.instance.clone(),
            artifact: self.stamp.artifact.clone(),
            revision: self.stamp.digest.clone(),
            state: State::Starting,
            objects: items,
            ports: self.ports.clone(),
            adopted: self.adopted.clone(),
        }
    }
}
