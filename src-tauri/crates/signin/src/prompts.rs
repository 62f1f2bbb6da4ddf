//! What has to be asked of the person who signs in.

use std::io;
use std::process::{Command, Stdio};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use specta::Type;
use zonke_vault::Secret;

/// A code to be typed into a browser, on this computer or any other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct DeviceCode {
    /// What to type.
    pub user_code: String,
    /// Where to type it.
    pub verification_url: String,
    /// The same address with the code in it already.
    pub complete_url: String,
    /// When it is no longer accepted, milliseconds since the epoch.
    pub expires_at: f64,
}

/// The person at the screen, or the terminal.
#[async_trait]
pub trait Prompts: Send + Sync {
    /// Opens an address in the browser. A terminal may print it instead.
    ///
    /// # Errors
    /// No browser could be opened.
    fn open(&self, url: &str) -> io::Result<()>;

    /// Shows a device code. The sign-in waits for it to be confirmed.
    fn show_code(&self, code: &DeviceCode);

    /// Asks for the six digits of an MFA device. `None` means that the person does not want to.
    async fn mfa_code(&self, profile: &str, serial: &str) -> Option<Secret>;
}

/// Opens an address in the browser of the operating system.
///
/// The program that does it inherits no credentials from our environment.
///
/// # Errors
/// The address is not one of the web, or the operating system has no program for it.
pub fn open_in_browser(url: &str) -> io::Result<()> {
    if !(url.starts_with("https://") || url.starts_with("http://127.0.0.1:")) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not an address of the web"));
    }
    let mut child = opener(url).spawn()?;
    // Some openers stay until the browser ends: they are waited for aside, so that none is left as a zombie.
    std::thread::spawn(move || {
        if let Err(error) = child.wait() {
            tracing::debug!(%error, "the program that opens the browser could not be waited for");
        }
    });
    Ok(())
}

/// The program that opens an address. The address is all it gets to know.
fn opener(url: &str) -> Command {
    let mut command = if cfg!(target_os = "macos") {
        Command::new("open")
    } else if cfg!(target_os = "windows") {
        let mut command = Command::new("rundll32");
        command.arg("url.dll,FileProtocolHandler");
        command
    } else {
        Command::new("xdg-open")
    };
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"] {
        command.env_remove(name);
    }
    command
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_opener_of_the_browser_inherits_no_credentials() {
        let command = opener("https://example.com/");
        let removed: Vec<_> = command
            .get_envs()
            .filter(|(_, value)| value.is_none())
            .map(|(name, _)| name.to_owned())
            .collect();
        for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"] {
            assert!(removed.iter().any(|r| r == name), "{name}");
        }
        assert_eq!(command.get_args().last().unwrap(), "https://example.com/");
    }

    #[test]
    fn only_addresses_of_the_web_are_opened() {
        for url in [
            "file:///etc/passwd",
            "javascript:alert(1)",
            "http://example.com/",
            "--help",
            "",
        ] {
            assert_eq!(open_in_browser(url).unwrap_err().kind(), io::ErrorKind::InvalidInput, "{url}");
        }
    }
}
