//! The agent as a program of its own, for this crate's tests and benchmark: `agent --dir DIR --role ROLE`.

use std::{error::Error, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let ["agent", "--dir", dir, "--role", role] = words.as_slice() else {
        return Err("agent --dir DIR --role ROLE".into());
    };
    slipway_agent::run(&PathBuf::from(dir), role.parse()?)?;
    Ok(())
}
