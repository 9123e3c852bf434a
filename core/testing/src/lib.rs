//! Fakes and fault injection for tests; never a dependency of what ships.
