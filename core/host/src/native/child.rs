//! The process of a library, from within: it confines itself, loads the library and hands on what it is asked.

#[cfg(target_os = "linux")]
mod confine;
#[cfg(target_os = "linux")]
mod filter;
#[cfg(target_os = "linux")]
mod image;
#[cfg(target_os = "linux")]
mod pipe;
#[cfg(target_os = "linux")]
mod serve;

#[cfg(target_os = "linux")]
pub use serve::serve;

/// Here nothing is loaded.
#[cfg(not(target_os = "linux"))]
pub fn serve() -> std::process::ExitCode {
    std::process::ExitCode::FAILURE
}
