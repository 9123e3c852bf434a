//! The format `container`: an image, or an index of one for several platforms, which release brings whole. It runs nothing
//! by itself: manifests that name the artifact are what runs it. Knows no registry and no engine.

mod image;
mod verbs;
