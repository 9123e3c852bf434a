//! Environments, overlays, the plugins that an environment is bound to, and what it decides for packages it depends on.

use crate::{
    Settings,
    decode::{At, Named, OneOrMany, table},
};

table! {
    /// A folder under `adaptations/`.
    Overlay {
        /// The overlays that it builds upon: they come first, and it wins over them.
        optional "after" after: OneOrMany<String>,
    }
}

table! {
    /// A place to deploy to.
    Environment {
        /// The environments that come before: only what was cut over there may go here.
        optional "after" after: OneOrMany<String>,
        /// The overlays that adapt to it; a later one wins.
        optional "overlays" overlays: Vec<At<String>>,
        /// Values of parameters, winning over those of overlays.
        optional "values" values: Settings,
        /// A strategy of this file, or a type of strategy with its defaults. `recreate` by default.
        optional "strategy" strategy: String,
        /// What runs things.
        required "target" target: Binding,
        /// What sends users to revisions.
        optional "router" router: Binding,
        /// Where this environment pulls images from, as `host/path` without a scheme, where that is not the address of the
        /// registry `deploy`: a mirror, or the same registry under the name that its machines know.
        optional "pull-from" pull_from: String,
        /// How many revisions are kept for `slipway rollback`. 3 by default.
        optional "keep" keep: u32,
        /// Whether a person must approve before anything changes. false by default.
        optional "approve" approve: bool,
        /// What is decided here for dependencies that are packages, by their names.
        optional "dependencies" dependencies: Named<Placement>,
    }
}

table! {
    /// How a package that the service depends on is deployed in one environment.
    Placement {
        /// Values of the package's parameters.
        optional "values" values: Settings,
        /// A strategy of this file, or a type of strategy with its defaults. `recreate` by default.
        optional "strategy" strategy: String,
        /// What runs it. The environment's own target by default.
        optional "target" target: Binding,
        /// What sends its users to it. None by default.
        optional "router" router: Binding,
    }
}

table! {
    /// A plugin and its settings: the keys beside `plugin` are the plugin's.
    Binding {
        /// The plugin's name.
        required "plugin" plugin: String,
        rest settings,
    }
}
