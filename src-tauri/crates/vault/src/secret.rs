//! A value that must not be seen.

use std::fmt;

use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

/// A value that must not be seen: a password, a key, a token.
///
/// It can be deserialized where it enters the program (a dialog of the app, a file the user names) but there is
/// deliberately no way to serialize it:
///
/// ```compile_fail
/// fn leaks(secret: &zonke_vault::Secret) -> String {
///     serde_json::to_string(secret).unwrap()
/// }
/// ```
///
/// Reading the value is one explicit call:
///
/// ```
/// let secret = zonke_vault::Secret::from("correct horse");
/// assert_eq!(format!("{secret} {secret:?}"), "<redacted> <redacted>");
/// assert_eq!(secret.expose(), "correct horse");
/// ```
#[derive(Clone, PartialEq, Eq, specta::Type)]
#[specta(transparent)]
pub struct Secret(#[specta(type = String)] Zeroizing<String>);

impl Secret {
    /// The value itself. Every call is a place where it could leak.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether the value is the empty text.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<String> for Secret {
    fn from(value: String) -> Self {
        Self(Zeroizing::new(value))
    }
}

impl From<&str> for Secret {
    fn from(value: &str) -> Self {
        Self(Zeroizing::new(value.to_owned()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<redacted>")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<redacted>")
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct Form {
        user: String,
        password: Secret,
    }

    #[test]
    fn a_secret_inside_a_form_is_not_printed() {
        let form: Form = serde_json::from_str(r#"{"user":"ada","password":"canary-71f3"}"#).unwrap();
        assert_eq!(form.user, "ada");
        assert_eq!(form.password.expose(), "canary-71f3");
        let printed = format!("{form:?} {form:#?} {}", form.password);
        assert!(!printed.contains("canary"), "{printed}");
        assert!(printed.contains("<redacted>"), "{printed}");
    }

    #[test]
    fn a_refused_value_is_not_in_the_error() {
        let error = serde_json::from_str::<Secret>("\"canary-71f3").unwrap_err().to_string();
        assert!(!error.contains("canary"), "{error}");
    }
}
