//! End-to-end tests on real servers; the tests themselves are in `tests/tests/`.
