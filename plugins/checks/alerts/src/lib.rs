//! The check `alerts`: whether alerting rules of a Prometheus server fire about a revision. Knows the server's list of
//! rules; knows nothing of strategies or bounds.

mod export;
mod looked;
mod rules;
mod settings;
mod verbs;
