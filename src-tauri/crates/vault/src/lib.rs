//! Keychain and redaction types.
//!
//! A [`Secret`] enters the program once and never leaves it as text by accident: it prints as `<redacted>`, it cannot be
//! serialized and its memory is overwritten when it is dropped. A [`Vault`] keeps secrets in the keychain of the operating
//! system; the app never falls back to a file.

mod crash;
mod log;
mod secret;
mod store;

pub use crash::leave_no_core;
pub use log::may_be_logged;
pub use secret::Secret;
pub use store::{MemoryStore, OsStore, SecretStore, Vault, VaultError};
