//! Environments and strategies: references replaced by what they refer to, overlays flattened.

use indexmap::IndexMap;
use slipway_model::{Duration, EnvironmentName};

use super::{
    analysis, calendar, check, hook, in_order,
    plain::{plain, text},
};
use crate::{
    Amount, Binding, Clusters, Environment, Method, OnFailure, Placement, Settings, Step, Strategy,
    decode::{At, OneOrMany, Slot},
    written::{self, Document, StrategyType},
};

const DEFAULT_STEPS: [(u8, u64); 3] = [(5, 120), (25, 300), (50, 300)];

pub(super) fn overlays(document: &Document) -> Option<Vec<String>> {
    let Some(overlays) = &document.overlays else {
        return Some(Vec::new());
    };
    flattened(overlays.value.names(), document)
}

pub(super) fn environments(document: &Document) -> Option<IndexMap<EnvironmentName, Environment>> {
    let Some(environments) = &document.environments else {
        return Some(IndexMap::new());
    };
    let written = |name: &str| Some(&environments.value.0.get(name)?.value.as_ref()?.value);
    let order = in_order(environments.value.names(), |name| {
        Some(names(&written(name)?.after))
    })
    .ok()?;
    let mut all = IndexMap::new();
    for name in order {
        let written = written(name)?;
        let environment = environment(written, document)?;
        if written.clusters.is_none() {
            all.insert(name.parse().ok()?, environment);
            continue;
        }
        for (cluster, different) in clusters_of(written) {
            let derived = in_cluster(&environment, (name, cluster), different)?;
            all.insert(derived_name(name, cluster)?, derived);
        }
    }
    Some(all)
}

/// The environments that are made of several clusters.
pub(super) fn clusters(document: &Document) -> Option<IndexMap<EnvironmentName, Clusters>> {
    let environments = document
        .environments
        .iter()
        .flat_map(|environments| environments.value.iter());
    let made = environments.filter(|(_, _, written)| written.clusters.is_some());
    made.map(|(name, _, written)| {
        let names = clusters_of(written).map(|(cluster, _)| derived_name(name, cluster));
        let batch = written.batch.iter().flat_map(|batch| &batch.value.0);
        let clusters = Clusters {
            environments: names.collect::<Option<_>>()?,
            batch: batch.map(|amount| amount.value).collect(),
            max_failures: or(&written.max_failures, 0),
        };
        Some((name.parse().ok()?, clusters))
    })
    .collect()
}

fn clusters_of(written: &written::Environment) -> impl Iterator<Item = (&str, &written::Cluster)> {
    let clusters = written.clusters.iter().flat_map(|clusters| clusters.value.iter());
    clusters.map(|(name, _, cluster)| (name, cluster))
}

fn derived_name(environment: &str, cluster: &str) -> Option<EnvironmentName> {
    format!("{environment}-{cluster}").parse().ok()
}

fn in_cluster(
    environment: &Environment,
    (name, cluster): (&str, &str),
    different: &written::Cluster,
) -> Option<Environment> {
    let with = |all: &Settings, own: &Slot<Settings>| match own {
        Some(own) => all.with(&own.value),
        None => all.clone(),
    };
    let bound = |binding: &Binding, own: &Slot<Settings>| Binding {
        plugin: binding.plugin.clone(),
        settings: with(&binding.settings, own),
    };
    let router = environment.router.as_ref();
    Some(Environment {
        target: bound(&environment.target, &different.target),
        router: router.map(|router| bound(router, &different.router)),
        values: with(&environment.values, &different.values),
        cluster: Some((name.parse().ok()?, cluster.to_owned())),
        ..environment.clone()
    })
}

fn environment(written: &written::Environment, document: &Document) -> Option<Environment> {
    let after = names(&written.after)
        .into_iter()
        .flat_map(|name| all_of(name, document))
        .collect::<Option<_>>()?;
    let wanted = plain(written.overlays.as_ref());
    Some(Environment {
        after,
        overlays: flattened(wanted.iter().map(String::as_str), document)?,
        values: settings(&written.values),
        strategy: strategy_or_default(&written.strategy, document)?,
        target: binding(&written.target.as_ref()?.value)?,
        router: optional_binding(&written.router)?,
        pull_from: written.pull_from.as_ref().map(|from| from.value.clone()),
        keep: written.keep.as_ref().map_or(3, |keep| keep.value),
        approve: written.approve.as_ref().is_some_and(|approve| approve.value),
        windows: calendar::windows(&written.window)?,
        freezes: calendar::freezes(&written.freeze)?,
        cluster: None,
        dependencies: written
            .dependencies
            .iter()
            .flat_map(|named| &named.value.0)
            .map(|(name, entry)| {
                let written = &entry.value.as_ref()?.value;
                Some((name.clone(), placement(written, document)?))
            })
            .collect::<Option<_>>()?,
    })
}

/// The environment of that name, or all clusters that it is made of.
fn all_of(name: &str, document: &Document) -> Vec<Option<EnvironmentName>> {
    let environments = document
        .environments
        .as_ref()
        .map(|environments| &environments.value.0);
    let written = environments.and_then(|all| all.get(name)?.value.as_ref());
    match written.filter(|written| written.value.clusters.is_some()) {
        Some(written) => clusters_of(&written.value)
            .map(|(cluster, _)| derived_name(name, cluster))
            .collect(),
        None => vec![name.parse().ok()],
    }
}

fn placement(written: &written::Placement, document: &Document) -> Option<Placement> {
    Some(Placement {
        values: settings(&written.values),
        strategy: strategy_or_default(&written.strategy, document)?,
        target: optional_binding(&written.target)?,
        router: optional_binding(&written.router)?,
    })
}

fn settings(slot: &Slot<Settings>) -> Settings {
    slot.as_ref()
        .map_or_else(Settings::default, |settings| settings.value.clone())
}

fn strategy_or_default(slot: &Slot<String>, document: &Document) -> Option<Strategy> {
    let name = slot.as_ref().map_or("recreate", |name| name.value.as_str());
    strategy_named(name, document)
}

/// The outer nothing is a binding that could not be read.
fn optional_binding(slot: &Slot<written::Binding>) -> Option<Option<Binding>> {
    match slot {
        Some(written) => Some(Some(binding(&written.value)?)),
        None => Some(None),
    }
}

fn flattened<'a>(wanted: impl Iterator<Item = &'a str>, document: &'a Document) -> Option<Vec<String>> {
    let overlays = document.overlays.as_ref();
    let after = |name: &str| {
        let overlay = overlays?.value.0.get(name)?.value.as_ref()?;
        Some(names(&overlay.value.after))
    };
    let order = in_order(wanted, after).ok()?;
    Some(order.into_iter().map(str::to_owned).collect())
}

fn binding(written: &written::Binding) -> Option<Binding> {
    Some(Binding {
        plugin: text(&written.plugin)?,
        settings: written.settings.clone(),
    })
}

fn strategy_named(name: &str, document: &Document) -> Option<Strategy> {
    let written = document
        .strategy
        .as_ref()
        .and_then(|strategies| strategies.value.0.get(name));
    if let Some(written) = written {
        return strategy(name, &written.value.as_ref()?.value, document);
    }
    let (_, of) = StrategyType::ALL.into_iter().find(|(word, _)| *word == name)?;
    strategy(name, &written::Strategy::with_defaults(of), document)
}

fn strategy(name: &str, written: &written::Strategy, document: &Document) -> Option<Strategy> {
    let find = |name: String| {
        let check = document.check.as_ref()?.value.0.get(&name)?.value.as_ref()?;
        check::check(&name, &check.value)
    };
    let find_analysis = |name: String| {
        let analysis = document.analysis.as_ref()?.value.0.get(&name)?.value.as_ref()?;
        analysis::analysis(&name, &analysis.value)
    };
    let find_hook = |name: String| {
        let hook = document.hook.as_ref()?.value.0.get(&name)?.value.as_ref()?;
        hook::hook(&name, &hook.value)
    };
    Some(Strategy {
        name: name.to_owned(),
        method: method(written)?,
        checks: plain(written.checks.as_ref())
            .into_iter()
            .map(find)
            .collect::<Option<_>>()?,
        analyses: plain(written.analysis.as_ref())
            .into_iter()
            .map(find_analysis)
            .collect::<Option<_>>()?,
        score: written.score.as_ref().map_or(1.0, |score| score.value / 100.0),
        hooks: plain(written.hooks.as_ref())
            .into_iter()
            .map(find_hook)
            .collect::<Option<_>>()?,
        soak: or(&written.soak, Duration::from_secs(30)),
        min_healthy_time: or(&written.min_healthy_time, written::Strategy::MIN_HEALTHY_TIME),
        progress_deadline: or(&written.progress_deadline, written::Strategy::PROGRESS_DEADLINE),
        dead_man: written.dead_man.as_ref().map(|dead_man| dead_man.value),
        on_failure: or(&written.on_failure, OnFailure::RollBack),
    })
}

fn method(written: &written::Strategy) -> Option<Method> {
    Some(match written.of.as_ref()?.value {
        StrategyType::Recreate => Method::Recreate,
        StrategyType::BlueGreen => Method::BlueGreen,
        StrategyType::Rolling => Method::Rolling {
            batch: written.batch.as_ref().map_or_else(
                || vec![Amount::Count(1)],
                |batch| batch.value.0.iter().map(|amount| amount.value).collect(),
            ),
            max_unavailable: or(&written.max_unavailable, Amount::Count(0)),
            max_surge: or(&written.max_surge, Amount::Count(1)),
            max_failures: or(&written.max_failures, 0),
        },
        StrategyType::Canary => Method::Canary {
            steps: match &written.steps {
                Some(steps) => steps
                    .value
                    .iter()
                    .map(|step| step_of(&step.value))
                    .collect::<Option<_>>()?,
                None => DEFAULT_STEPS
                    .map(|(weight, soak)| Step {
                        weight,
                        soak: Duration::from_secs(soak),
                        approve: false,
                    })
                    .to_vec(),
            },
        },
    })
}

fn step_of(step: &written::Step) -> Option<Step> {
    Some(Step {
        weight: step.weight.as_ref()?.value,
        soak: or(&step.soak, Duration::from_secs(120)),
        approve: or(&step.approve, false),
    })
}

fn or<T: Copy>(slot: &Option<At<T>>, default: T) -> T {
    slot.as_ref().map_or(default, |at| at.value)
}

fn names(after: &Option<At<OneOrMany<String>>>) -> Vec<&str> {
    after
        .iter()
        .flat_map(|after| &after.value.0)
        .map(|name| name.value.as_str())
        .collect()
}
