//! What happened, durably: runs, effects, leases, revisions, in one SQLite file.
