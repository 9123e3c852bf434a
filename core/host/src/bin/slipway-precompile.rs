//! Compiles a component for this build of the host: `slipway-precompile IN.wasm OUT.cwasm`. Used when the program is
//! built, so that it starts its own plugins without a compiler.

use std::{env, error::Error, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [input, output] = arguments.as_slice() else {
        return Err("usage: slipway-precompile IN.wasm OUT.cwasm".into());
    };
    let wasm = fs::read(input).map_err(|error| format!("{input}: {error}"))?;
    let code = slipway_host::precompile(&wasm).map_err(|error| format!("{input}: {error}"))?;
    fs::write(output, code).map_err(|error| format!("{output}: {error}").into())
}
