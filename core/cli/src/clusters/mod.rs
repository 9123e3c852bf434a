//! Kubernetes clusters as endpoints: where they are and who we are there, from the kubeconfig that people have already.

mod kubeconfig;
mod token;

pub(crate) use kubeconfig::cluster;
