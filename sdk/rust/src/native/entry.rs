//! In and out of the library.

use std::{
    any::Any,
    cell::{Cell, RefCell},
    ffi::{CStr, c_char},
    panic::{AssertUnwindSafe, catch_unwind},
    ptr, slice,
};

use serde::{Serialize, de::DeserializeOwned};

use super::{
    abi::{Bytes, Host},
    cbor,
};

thread_local! {
    /// Who is asked for capabilities, while a verb is carried out.
    static HOST: Cell<*const Host> = const { Cell::new(ptr::null()) };
    /// Good until the next verb.
    static ANSWER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Carries out one verb.
///
/// # Safety
/// All pointers are as the header says.
#[expect(unsafe_code, reason = "it is called by whoever has loaded the library")]
pub unsafe fn answer(
    verbs: fn(&str, &[u8]) -> Result<Vec<u8>, String>,
    host: *const Host,
    operation: *const c_char,
    (input, length): (*const u8, usize),
    answer: *mut Bytes,
) -> i32 {
    // SAFETY: as the header says.
    let (operation, input) = unsafe {
        let given = Bytes { at: input, length };
        (CStr::from_ptr(operation).to_string_lossy(), bytes(&given))
    };
    HOST.set(host);
    let done = catch_unwind(AssertUnwindSafe(|| verbs(&operation, input)));
    HOST.set(ptr::null());
    let (code, bytes) = match done.unwrap_or_else(|panic| Err(words(&*panic))) {
        Ok(bytes) => (0, bytes),
        Err(why) => (1, why.into_bytes()),
    };
    ANSWER.with_borrow_mut(|kept| {
        *kept = bytes;
        // SAFETY: as the header says.
        unsafe {
            *answer = Bytes {
                at: kept.as_ptr(),
                length: kept.len(),
            };
        }
    });
    code
}

/// Asks the host for a capability. There is no way to go on where it has no answer.
#[expect(unsafe_code, reason = "the host is called by what its header says")]
pub(super) fn ask<T: DeserializeOwned>(operation: &CStr, arguments: &impl Serialize) -> T {
    let name = operation.to_string_lossy();
    let host = HOST.get();
    assert!(
        !host.is_null(),
        "{name} is asked for where no verb is carried out"
    );
    let input = cbor::to_vec(arguments).unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut answer = Bytes {
        at: ptr::null(),
        length: 0,
    };
    // SAFETY: the host is there while a verb is carried out, and its answer until it is asked again.
    let (code, answer) = unsafe {
        let code = ((*host).call)(
            host,
            operation.as_ptr(),
            input.as_ptr(),
            input.len(),
            &raw mut answer,
        );
        (code, bytes(&answer))
    };
    assert!(code == 0, "{name}: {}", String::from_utf8_lossy(answer));
    cbor::from_slice(answer).unwrap_or_else(|error| panic!("{name} was answered something else: {error}"))
}

#[expect(unsafe_code, reason = "bytes of the other side are where it says")]
/// SAFETY: they are there, for as long as the caller uses them.
unsafe fn bytes<'a>(of: &Bytes) -> &'a [u8] {
    match of.at.is_null() || of.length == 0 {
        true => &[],
        false => unsafe { slice::from_raw_parts(of.at, of.length) },
    }
}

/// The message itself has been logged, with its place.
fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    match text {
        Some(text) => format!("it gave up (panicked): {text}"),
        None => "it gave up (panicked)".to_owned(),
    }
}
