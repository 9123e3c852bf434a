//! A real Kubernetes for one test, and the image that runs on it.

mod image;
mod routing;
mod site;
mod up;

pub use image::{image_archive, push_image, server_program};
pub use site::{Effects, Site, objects};
pub use up::Cluster;
