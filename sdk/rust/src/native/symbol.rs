//! What a library is found by.

/// The symbol of a library.
#[doc(hidden)]
#[macro_export]
macro_rules! native_plugin {
    ($symbol:ident, $verbs:expr) => {
        #[allow(
            unsafe_code,
            reason = "whoever loads a library asks for a symbol by its name"
        )]
        #[unsafe(no_mangle)]
        pub extern "C" fn $symbol() -> *const $crate::native::Plugin {
            static PLUGIN: $crate::native::Plugin = $crate::native::Plugin {
                abi: $crate::native::ABI,
                size: size_of::<$crate::native::Plugin>() as u32,
                call,
            };
            unsafe extern "C" fn call(
                host: *const $crate::native::Host,
                operation: *const ::core::ffi::c_char,
                input: *const u8,
                length: usize,
                answer: *mut $crate::native::Bytes,
            ) -> i32 {
                // SAFETY: handed on as it came.
                unsafe { $crate::native::answer($verbs, host, operation, (input, length), answer) }
            }
            &raw const PLUGIN
        }
    };
}
