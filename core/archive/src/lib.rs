//! The immutable record of finished runs: content-addressed, append-only, chained, verifiable.
