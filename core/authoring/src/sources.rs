//! The files that projects are made of, carried in the program: paths with `/`, and what they hold.

include!(concat!(env!("OUT_DIR"), "/sources.rs"));
