//! The library in memory: where it lies until it is loaded, and how it is asked. It is never unloaded.

use std::{
    ffi::{CStr, CString, c_char},
    fs::File,
    io::Write as _,
    os::fd::AsRawFd as _,
    slice,
    sync::{Mutex, PoisonError},
};

use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};
use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};

use super::serve::PIPE;
use crate::native::{
    abi::{ABI, Bytes, Entry, Host, Plugin},
    frame::Kind,
};

/// Its bytes, where nobody can change them any more.
pub(super) struct Image(File);

/// It is in this process.
pub(super) struct Loaded(&'static Plugin);

/// What a library asks.
static HOST: Host = Host {
    abi: ABI,
    size: size_of::<Host>() as u32,
    call: host,
};

/// What the host answered last: good until the library asks again.
static ANSWERED: Mutex<Vec<u8>> = Mutex::new(Vec::new());

impl Image {
    pub(super) fn new(library: &[u8]) -> Result<Self, String> {
        let failed = |error: std::io::Error| format!("there is no place for its bytes: {error}");
        let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
        let file = memfd_create("plugin", flags).map_err(|error| failed(error.into()))?;
        let mut file = File::from(file);
        file.write_all(library).map_err(failed)?;
        let seals = SealFlags::SEAL | SealFlags::SHRINK | SealFlags::GROW | SealFlags::WRITE;
        fcntl_add_seals(&file, seals).map_err(|error| failed(error.into()))?;
        Ok(Self(file))
    }

    pub(super) fn load(self, symbol: &str) -> Result<Loaded, String> {
        let path = format!("/proc/self/fd/{}", self.0.as_raw_fd());
        let readable = |error: libloading::Error| {
            let text = std::error::Error::source(&error).map_or(error.to_string(), ToString::to_string);
            format!("it cannot be loaded: {}", text.replace(&path, "the library"))
        };
        #[expect(unsafe_code, reason = "this is what the process is for; it is confined")]
        // SAFETY: what the library does when it is loaded is its own affair, in a process of its own.
        let library = unsafe { Library::open(Some(&path), RTLD_NOW | RTLD_LOCAL) }.map_err(readable)?;
        #[expect(unsafe_code, reason = "the type of a symbol is nowhere but in the header")]
        // SAFETY: the name of the symbol says its type, and the library is never unloaded.
        let plugin = unsafe {
            let entry = library.get::<Entry>(symbol.as_bytes()).map_err(readable)?;
            let plugin = entry();
            std::mem::forget(library);
            plugin.as_ref()
        };
        let plugin = plugin.ok_or_else(|| format!("its `{symbol}` answers nothing"))?;
        if plugin.abi != ABI || (plugin.size as usize) < size_of::<Plugin>() {
            return Err(format!(
                "it was built for version {} of the native interface, and this slipway has {ABI}: build it again with \
                 this one's kit or header",
                plugin.abi
            ));
        }
        Ok(Loaded(plugin))
    }
}

impl Loaded {
    pub(super) fn ask(&self, verb: &str, input: &[u8]) -> Result<&[u8], String> {
        let verb = CString::new(verb).map_err(|error| error.to_string())?;
        let mut answer = Bytes {
            at: std::ptr::null(),
            length: 0,
        };
        #[expect(unsafe_code, reason = "a library is called by what its header says")]
        // SAFETY: all pointers are good while it runs; what it answers is good until it is called again, which is after
        // the answer has been sent.
        let (code, answer) = unsafe {
            let code = (self.0.call)(
                &raw const HOST,
                verb.as_ptr(),
                input.as_ptr(),
                input.len(),
                &raw mut answer,
            );
            (code, bytes(&answer))
        };
        match code {
            0 => Ok(answer),
            _ => Err(String::from_utf8_lossy(answer).into_owned()),
        }
    }
}

#[expect(unsafe_code, reason = "bytes of a library are where it says")]
/// SAFETY: they are there, for as long as the caller uses them.
unsafe fn bytes<'a>(of: &Bytes) -> &'a [u8] {
    match of.at.is_null() || of.length == 0 {
        true => &[],
        false => unsafe { slice::from_raw_parts(of.at, of.length) },
    }
}

/// What the library asks is handed on. Without an answer there is nothing to go on with: the host ends the process then.
#[expect(
    unsafe_code,
    reason = "it is called by the library, with what its header says"
)]
unsafe extern "C" fn host(
    _: *const Host,
    operation: *const c_char,
    input: *const u8,
    length: usize,
    answer: *mut Bytes,
) -> i32 {
    // SAFETY: as the header says.
    let (operation, input) = unsafe {
        let given = Bytes { at: input, length };
        (CStr::from_ptr(operation).to_string_lossy(), bytes(&given))
    };
    let asked = PIPE.get().map(|pipe| {
        pipe.write(Kind::Call, &operation, input)?;
        let frame = pipe.read()?;
        Ok::<_, crate::native::frame::Unreadable>(frame.bytes)
    });
    let Some(Ok(told)) = asked else {
        std::process::exit(0);
    };
    let mut kept = ANSWERED.lock().unwrap_or_else(PoisonError::into_inner);
    *kept = told;
    if !answer.is_null() {
        // SAFETY: as the header says; what is kept stays until the next call.
        unsafe {
            *answer = Bytes {
                at: kept.as_ptr(),
                length: kept.len(),
            };
        }
    }
    0
}
