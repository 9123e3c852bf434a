//! Environments, overlays, the plugins that an environment is bound to, and what it decides for packages it depends on.

use crate::{
    Amount, Days, Moment, Settings, TimeOfDay, Zone,
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
        /// When deploy and cutover may begin. At any time by default.
        optional "window" window: OneOrMany<Window>,
        /// When neither may begin, whatever the windows say.
        optional "freeze" freeze: OneOrMany<Freeze>,
        /// What is decided here for dependencies that are packages, by their names.
        optional "dependencies" dependencies: Named<Placement>,
        /// The clusters that it is made of, by name: each is an environment of its own, `ENVIRONMENT-CLUSTER`, with all that is said here.
        optional "clusters" clusters: Named<Cluster>,
        /// How many clusters at a time, a number or a percentage; a list gives the batches one after another, the last one repeats. 1 by default.
        optional "batch" batch: OneOrMany<Amount>,
        /// How many clusters may fail before no more are begun. 0 by default.
        optional "max-failures" max_failures: u32,
    }
}

table! {
    /// What is different in one cluster of an environment.
    Cluster {
        /// Settings of the target, winning over the environment's.
        optional "target" target: Settings,
        /// Settings of the router, winning over the environment's.
        optional "router" router: Settings,
        /// Values of parameters, winning over the environment's.
        optional "values" values: Settings,
    }
}

table! {
    /// A time of the week.
    Window {
        /// The days that it begins on: a day or a span of days, such as `fri` or `mon-thu`. Every day by default.
        optional "days" days: OneOrMany<Days>,
        /// When it begins, as `HH:MM`. `00:00` by default.
        optional "from" from: TimeOfDay,
        /// When it ends, as `HH:MM`: on the next day if that is not later. `24:00` by default.
        optional "to" to: TimeOfDay,
        /// Where it is that time: a time zone by its IANA name, such as `Europe/Berlin`, or `UTC`.
        required "zone" zone: Zone,
    }
}

table! {
    /// A time without changes.
    Freeze {
        /// Its first day, as `YYYY-MM-DD`, or when it begins, as `YYYY-MM-DDTHH:MM`.
        required "from" from: Moment,
        /// Its last day, as `YYYY-MM-DD`, or when it ends, as `YYYY-MM-DDTHH:MM`.
        required "to" to: Moment,
        /// Where it is that time: a time zone by its IANA name, such as `Europe/Berlin`, or `UTC`.
        required "zone" zone: Zone,
        /// Why, for whoever is refused.
        required "reason" reason: String,
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
