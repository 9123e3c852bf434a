//! The router `nginx`: users come through an Ingress that ingress-nginx serves. Its Service leads to one revision; a
//! second Ingress beside it, marked as a canary, sends a share of them to another. Knows annotations; sees no user.

mod canary;
mod division;
mod export;
mod settings;
mod verbs;
