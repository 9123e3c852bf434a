//! Hooks of a plan: what is said of them, and what must be so before anything is touched.

use slipway_manifest::{Hook, HookPlace};

use crate::{
    Failed,
    revision::{Revision, Rollout},
    strategies::Abilities,
};

pub(super) fn said_of(hook: &Hook) -> String {
    let (name, at, run) = (&hook.name, hook.at.as_str(), hook.run.join(" "));
    let place = match (hook.place, &hook.artifact) {
        (HookPlace::Operator, _) => String::new(),
        (HookPlace::Place, None) => " at the place".to_owned(),
        (HookPlace::Place, Some(artifact)) => format!(" at the place, as artifact {artifact}"),
    };
    match hook.point_of_no_return {
        true => {
            format!("hook {name} ({at}) runs `{run}`{place}: from there on nothing goes back by itself")
        }
        false => format!("hook {name} ({at}) runs `{run}`{place}"),
    }
}

/// Those at the place need a target that runs them, and something that they run as.
pub(super) fn check(abilities: Abilities, revision: &Revision, rollout: &Rollout) -> Result<(), Failed> {
    let hooks = rollout.strategy.hooks.iter();
    for hook in hooks.filter(|hook| hook.place == HookPlace::Place) {
        let name = &hook.name;
        if !abilities.execute {
            let text = format!(
                "hook {name} runs at the place, and target {} runs no programs of its own",
                rollout.target.plugin
            );
            return Err(Failed::new(text).hint(format!(
                "take `where` out of [hook.{name}], so that it runs on the machine of Slipway, or choose a target that does"
            )));
        }
        if let Err(Failed { message, .. }) = revision.runs(hook.artifact.as_deref()) {
            let text = format!("hook {name} runs at the place: {message}");
            return Err(Failed::new(text).hint(format!("name it with `artifact` in [hook.{name}]")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::json;

    use super::*;

    fn revision(runs: &[&str]) -> Revision {
        let digest = slipway_model::Digest::of("bytes");
        let workload = |name: &&str| json!({ "artifact": name, "kind": "process", "file": "f", "instances": 1, "ports": [] });
        let workloads: Vec<_> = runs.iter().map(workload).collect();
        let revision = json!({
            "v": 1, "service": "shop", "environment": "prod", "version": "1", "package": digest,
            "artifacts": {}, "workloads": workloads
        });
        serde_json::from_value(revision).unwrap()
    }

    #[track_caller]
    fn check_that(runs: &[&str], more: &str, execute: bool) -> Result<(), String> {
        let manifest = format!(
            "[service]\nname = \"shop\"\n[artifacts.app]\nformat = \"tarball\"\nfrom = \"a.tar.gz\"\n\
             [artifacts.worker]\nformat = \"tarball\"\nfrom = \"b.tar.gz\"\n\
             [environments.prod]\ntarget = {{ plugin = \"paper\" }}\nstrategy = \"s\"\n\
             [strategy.s]\ntype = \"recreate\"\nhooks = [\"migrate\"]\n\
             [hook.migrate]\nat = \"before-run\"\nrun = [\"migrate\"]\n{more}"
        );
        let manifest = slipway_manifest::parse(Path::new("deploy.toml"), &manifest);
        let manifest = manifest.manifest.unwrap();
        let environment = &manifest.environments[0];
        let rollout = Rollout {
            strategy: environment.strategy.clone(),
            target: environment.target.clone(),
            router: None,
            after: Vec::new(),
            keep: 3,
            approve: false,
        };
        let abilities = Abilities {
            execute,
            ..Abilities::default()
        };
        check(abilities, &revision(runs), &rollout).map_err(|failed| failed.to_string())
    }

    #[test]
    fn what_cannot_run_is_refused() {
        let both = ["app", "worker"];
        let place = "where = \"place\"\n";
        let named = "where = \"place\"\nartifact = \"worker\"\n";
        assert_eq!(check_that(&both, "", false), Ok(()));
        assert_eq!(
            check_that(&["app"], place, false).unwrap_err(),
            "hook migrate runs at the place, and target paper runs no programs of its own"
        );
        assert_eq!(check_that(&["app"], place, true), Ok(()));
        assert_eq!(
            check_that(&both, place, true).unwrap_err(),
            "hook migrate runs at the place: it does not say with which artifact, and there are app, worker"
        );
        assert_eq!(check_that(&both, named, true), Ok(()));
        assert_eq!(
            check_that(&["app"], named, true).unwrap_err(),
            "hook migrate runs at the place: nothing runs of artifact `worker`; what runs: app"
        );
    }
}
