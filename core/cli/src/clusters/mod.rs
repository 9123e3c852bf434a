//! Kubernetes clusters as endpoints: where they are and who we are there, from the kubeconfig that people have already.

mod ask;
mod capabilities;
mod kubeconfig;
mod lookup;
mod secrets;
mod token;

pub(crate) use capabilities::capabilities;
pub(crate) use kubeconfig::cluster;
pub(crate) use lookup::{is_secret, look_up};
pub use secrets::ValuesOfSecrets;
