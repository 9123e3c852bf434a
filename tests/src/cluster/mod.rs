//! A real Kubernetes for one test, and the image that runs on it.

mod image;
mod site;
mod up;

pub use image::image_archive;
pub use site::{Effects, Site, objects};
pub use up::Cluster;
