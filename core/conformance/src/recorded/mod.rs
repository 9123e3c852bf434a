//! A past run as a world that works: each call of a plugin in it is tried as well with every effect interrupted and with every
//! effect failing. Nothing is reached: what the plugin does is answered from that run's record.

mod memory;
mod played;
mod plugins;
mod trial;

pub use plugins::Tried;
