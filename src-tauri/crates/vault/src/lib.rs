//! Keychain and redaction types.
