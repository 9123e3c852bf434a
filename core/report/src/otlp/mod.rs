//! A run for OpenTelemetry, as OTLP writes it in JSON: one trace, whose spans are the run, its steps, their actions and what these
//! have done to the outside, and a few metrics.
//!
//! All of it is read from the journal, so a run that was interrupted and gone on with is one trace, with the same ids whoever
//! sends it. Of what was asked and answered nothing is told, only what kind of thing it was and whether it went well.

mod metrics;
mod spans;
mod trace;
mod value;

pub use metrics::otlp_metrics;
pub use trace::otlp_trace;
