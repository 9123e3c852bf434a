//! The format `tarball`: a program packed as tar.gz, tar.zst, tar or zip, with how it is started, its ports and its
//! health check. Renders a workload of kind `process`. Knows nothing of machines, routers or strategy.

mod inspect;
mod placeholders;
mod render;
mod settings;
mod verbs;
