//! deploy.toml: as written, checked, normalised. Text in, data and diagnostics out.
//!
//! Knows nothing of files beyond the text it is given, of networks or of plugins (it receives their settings' schemas).
//! Three shapes follow one another: the document with its spans (`decode`), the schema as written (`written`, which also
//! yields the JSON Schema that editors read) and the normalised [`Manifest`], in which every name is resolved.

mod conceal;
mod decode;
mod manifest;
mod normalise;
mod parameter;
mod parse;
mod plugin_settings;
mod render;
mod rules;
mod schema;
mod written;

pub use manifest::{
    Amount, Analysis, Artifact, Binding, BodyMatch, Check, Clusters, Comparison, Config, Days, Dependency,
    Direction, Environment, Evidence, Freeze, Glob, Grants, Hook, HookFailure, HookMoment, HookPlace,
    HttpProbe, JsonExpectation, Level, LogBounds, Manifest, Method, MetricBounds, MetricSource, Moment,
    OnFailure, OnInconclusive, Place, Placement, Plugin, Port, Probe, Rate, Reference, Registry,
    RegistryError, Runner, Service, Settings, Source, SourceError, StatusClass, Step, Strategy, TimeOfDay,
    TrafficBounds, TrafficEvents, ValueFrom, Window, Zone,
};
pub use parameter::{ByteSize, ByteSizeError, Kind, Parameter, Pattern, PatternError, Type};
pub use parse::{Checked, SIZE_LIMIT, has_errors, parse};
pub use plugin_settings::{PluginKind, SettingsSchema};
pub use render::render;
pub use rules::{Rule, codes};
pub use schema::{json_schema, json_schema_with};
