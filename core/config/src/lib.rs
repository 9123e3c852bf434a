//! The final configuration: values by rank, overlays, patches, templates; every final value with its origin.
