//! The router `embedded`: sends users to revisions through the router inside `slipway agent`. Knows the agent's
//! routes; knows nothing of targets or strategy.

mod export;
mod route;
mod settings;
mod status;
mod verbs;
