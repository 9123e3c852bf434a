//! Strategic merge: a patch that looks like the resource it changes. Maps are merged key by key, lists whose items
//! have keys item by item, everything else is replaced; `$patch` says otherwise. Nothing here knows of patches in
//! kustomizations.

mod directive;
mod items;
mod list;
mod merged;
mod open_api;
mod schema;
mod walk;

pub(crate) use open_api::add_open_api;
pub(crate) use schema::Schema;
pub(crate) use walk::merge;
