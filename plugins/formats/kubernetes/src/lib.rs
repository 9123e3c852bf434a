//! The format `kubernetes`: manifests, plain or made by kustomizations, byte for byte as `kustomize build` makes them.
//! Pure: files in, manifests out. Knows nothing of clusters.

mod build;
mod files;
mod images;
mod kustomization;
mod merge;
mod model;
mod plugin;
mod problem;
mod reference;
mod tables;
mod transform;
mod yaml;

pub use build::{Manifest, build, print};
pub use files::Files;
pub use images::{ImageReference, images, set_image};
pub use plugin::Kubernetes;
pub use problem::{Outcome, Problem, Problems};
pub use yaml::{Place, Value};
