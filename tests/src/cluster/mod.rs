//! A real Kubernetes for one test, and the image that runs on it.

mod image;
mod up;

pub use up::Cluster;
