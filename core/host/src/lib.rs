//! Runs plugins: the only user of wasmtime. Implements the port; one capability a file.
