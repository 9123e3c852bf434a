//! The file as a whole, and what it is about.

use slipway_model::ServiceName;

use super::{Analysis, Artifact, Check, Dependency, Environment, Hook, Overlay, Parameter, Plugin, Strategy};
use crate::{
    Glob, Registry,
    decode::{At, Named, table},
};

table! {
    /// What a service is made of, where its pieces are kept, how it differs per environment and how it is rolled out.
    Document {
        /// What is deployed.
        required "service" service: Service,
        /// Where things are, by name: `oci://host/path`, or a folder that holds an OCI layout. `deploy` is where everything is deployed from; without it, it is a layout under `.slipway/`. Credentials are the operator's and never stand here.
        optional "registries" registries: Named<Registry>,
        /// Immutable bytes, by name.
        optional "artifacts" artifacts: Named<Artifact>,
        /// Other services that go first, through all steps, by name: the folder of another deploy.toml, or a package, `registry:repository:tag`. A package runs in the environments of this file.
        optional "dependencies" dependencies: Named<Dependency>,
        /// What an environment may or must decide, by name.
        optional "parameters" parameters: Named<Parameter>,
        /// The base configuration.
        optional "config" config: Config,
        /// Folders under `adaptations/`, by name: values, files that replace, patches that change.
        optional "overlays" overlays: Named<Overlay>,
        /// Ways to roll out, by name. An environment may also name a type, `rolling` say, and gets its defaults.
        optional "strategy" strategy: Named<Strategy>,
        /// Places to deploy to, by name.
        optional "environments" environments: Named<Environment>,
        /// Functional tests, by name.
        optional "check" check: Named<Check>,
        /// Verdicts from logs and metrics over time, by name.
        optional "analysis" analysis: Named<Analysis>,
        /// Programs that run at moments of a roll-out, by name.
        optional "hook" hook: Named<Hook>,
        /// Plugins that do not come with Slipway, by name.
        optional "plugins" plugins: Named<Plugin>,
    }
}

table! {
    /// What is deployed.
    Service {
        /// Lower-case letters, digits and inner hyphens, at most 40: instances are named after it.
        required "name" name: ServiceName,
        /// The version of this release. `--version` on the command line wins over it.
        optional "version" version: String,
        /// One line for people.
        optional "description" description: String,
        /// Those of the dependencies, folders each, that are released together with it: one verdict, and when one of them fails, all of them go back.
        optional "together" together: Vec<At<String>>,
    }
}

table! {
    /// The base configuration: a folder of files that each environment gets, expanded with its values.
    Config {
        /// The folder, relative to deploy.toml. `config` by default.
        optional "folder" folder: String,
        /// Which files are templates, as patterns of file names. Every text file by default.
        optional "templates" templates: Vec<At<Glob>>,
    }
}
