//! The router `kubernetes-service`: users come to a Service, and what it chooses is set to a revision's pods. Knows
//! Services and nothing of what makes the pods; those who answer are chosen by the cluster, evenly.

mod choice;
mod export;
mod preview;
mod settings;
mod shares;
mod verbs;
