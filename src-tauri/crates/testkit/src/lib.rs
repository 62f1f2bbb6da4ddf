//! Fakes, clocks and a hermetic environment for tests.
