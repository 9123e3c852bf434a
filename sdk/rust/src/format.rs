//! The role of a format: one kind of artifact, with settings and facts of the plugin's own types.

use std::marker::PhantomData;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    About, Failure, File,
    bindings::format::exports::slipway::plugin::format::{self as contract, FormatDescription, Guest},
    guard,
    settings::{parse, print},
};

pub use contract::{Dependency, DependencyKind, Origin, Rendered, Resolved, Workload};

pub trait Format {
    const ABOUT: About;
    /// The settings with every template expanded.
    type Settings: DeserializeOwned;
    /// What `inspect` found out and `render` wants to know. Kept in the package.
    type Facts: Serialize + DeserializeOwned;

    fn inspect(artifact: &Artifact) -> Result<Inspection<Self::Facts>, Failure>;

    /// What the package must hold besides the artifact and the configuration.
    fn assemble(_artifact: &Artifact, _facts: Self::Facts) -> Result<Vec<File>, Failure> {
        Ok(Vec::new())
    }

    /// Pure: the same input gives the same bytes.
    fn render(input: RenderInput<Self::Settings, Self::Facts>) -> Result<Rendered, Failure>;

    /// What `render` makes of it, as people of this format read it.
    fn show(input: RenderInput<Self::Settings, Self::Facts>) -> Result<Vec<u8>, Failure> {
        let rendered = Self::render(input)?;
        let files = rendered.files.into_iter().map(|file| file.content);
        Ok(files.collect::<Vec<_>>().join(&b'\n'))
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Artifact {
    pub name: String,
    pub blob: String,
    pub size: u64,
    /// As written in deploy.toml: any value may still be a template, so they have no type of their own yet.
    pub settings: Value,
    /// What `inspect` had asked for and was brought: it is asked again with it.
    pub brought: Vec<Resolved>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Inspection<F> {
    pub summary: String,
    pub facts: F,
    pub dependencies: Vec<Dependency>,
    pub notes: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct RenderInput<S, F> {
    pub service: String,
    pub environment: String,
    /// The artifact's name and the digest of its bytes.
    pub artifact: String,
    pub blob: String,
    pub facts: F,
    pub settings: S,
    /// The same settings as they came, to say where values are from.
    pub written: Value,
    /// The paths of the final configuration files.
    pub config: Vec<String>,
    /// What release made of the dependencies.
    pub resolved: Vec<Resolved>,
    /// The settings of the environment's target.
    pub target: Value,
}

/// Exports a [`Format`].
#[cfg(not(all(feature = "native", not(target_arch = "wasm32"))))]
#[macro_export]
macro_rules! export_format {
    ($plugin:ty) => {
        type SlipwayExport = $crate::FormatAdapter<$plugin>;
        $crate::bindings::format::export_format!(SlipwayExport with_types_in $crate::bindings::format);
    };
}

/// Exports a [`Format`] as a native library.
#[cfg(all(feature = "native", not(target_arch = "wasm32")))]
#[macro_export]
macro_rules! export_format {
    ($plugin:ty) => {
        $crate::native_plugin!(
            slipway_format_0_1,
            $crate::native::format::<$crate::FormatAdapter<$plugin>>
        );
    };
}

/// Between the contract's types and the plugin's.
pub struct FormatAdapter<P>(PhantomData<P>);

impl<P: Format> Guest for FormatAdapter<P> {
    fn describe() -> FormatDescription {
        guard::ready();
        FormatDescription {
            name: P::ABOUT.name.to_owned(),
            version: P::ABOUT.version.to_owned(),
            summary: P::ABOUT.summary.to_owned(),
            settings_schema: P::ABOUT.settings_schema.to_owned(),
        }
    }

    fn inspect(raw: contract::Artifact, brought: Vec<Resolved>) -> Result<contract::Inspection, Failure> {
        guard::ready();
        let artifact = Artifact {
            brought,
            ..artifact(raw)?
        };
        let found = P::inspect(&artifact)?;
        Ok(contract::Inspection {
            summary: found.summary,
            facts: print("the facts", &found.facts)?,
            dependencies: found.dependencies,
            notes: found.notes,
        })
    }

    fn assemble(raw: contract::Artifact, facts: String) -> Result<Vec<File>, Failure> {
        guard::ready();
        P::assemble(&artifact(raw)?, parse("the facts", &facts)?)
    }

    fn render(raw: contract::RenderInput) -> Result<Rendered, Failure> {
        P::render(render_input(raw)?)
    }

    fn show(raw: contract::RenderInput) -> Result<Vec<u8>, Failure> {
        P::show(render_input(raw)?)
    }
}

fn render_input<S: DeserializeOwned, F: DeserializeOwned>(
    raw: contract::RenderInput,
) -> Result<RenderInput<S, F>, Failure> {
    guard::ready();
    Ok(RenderInput {
        service: raw.service,
        environment: raw.environment,
        artifact: raw.artifact.name,
        blob: raw.artifact.blob,
        facts: parse("the facts", &raw.facts)?,
        settings: parse("the settings", &raw.settings)?,
        written: parse("the settings", &raw.settings)?,
        config: raw.config,
        resolved: raw.resolved,
        target: parse("the target's settings", &raw.target)?,
    })
}

fn artifact(raw: contract::Artifact) -> Result<Artifact, Failure> {
    let settings = parse("the settings", &raw.settings)?;
    Ok(Artifact {
        name: raw.name,
        blob: raw.blob,
        size: raw.size,
        settings,
        brought: Vec::new(),
    })
}
