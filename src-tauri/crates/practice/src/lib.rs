//! The practice account: a local AWS emulator that the app starts, watches and resets.
