//! Where immutable bytes live: OCI distribution and OCI layout folders. Push, pull, copy, resolve, always by digest.
