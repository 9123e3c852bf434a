//! How far an object is from what it says it shall be, as controllers tell it. Pure.

mod custom;
mod expression;
mod operator;
mod other;
mod paused;
mod ready;
mod rules;
mod standing;
mod tokens;
mod workload;

use expression::Expression;
pub(crate) use other::service;
pub(crate) use paused::{HOLDER, pausers};
pub(crate) use ready::Ready;
pub(crate) use standing::Standing;
