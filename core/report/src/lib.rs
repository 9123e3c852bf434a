//! From the journal to what a person reads: run reports and status as data and as text.
