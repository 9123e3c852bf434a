//! The port between engine and plugins: what a format, target, router and check can be asked, and what an effect is.
