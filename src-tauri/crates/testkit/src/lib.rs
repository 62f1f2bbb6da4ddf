//! A hermetic environment for tests: programs run in a temporary home, with no credentials of the person who runs the tests.

mod keychain;
mod rights;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

pub use keychain::{KEYCHAIN_PID, KeychainState, inside};
pub use rights::{actions_for, covers};

/// A temporary home. Programs started through it see no other `HOME`, XDG folder or AWS configuration.
#[derive(Debug)]
pub struct Sandbox {
    root: tempfile::TempDir,
}

/// Variables that programs in a sandbox may inherit: what is needed to find programs, fonts, certificates and the package caches
/// that would otherwise be filled anew.
const INHERITED: [&str; 11] = [
    "PATH",
    "LANG",
    "LC_ALL",
    "TZ",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "PIP_CACHE_DIR",
    "PIP_INDEX_URL",
    "PIP_CONFIG_FILE",
    "PIP_CERT",
    "ZONKE_PRACTICE_VENV",
];

impl Sandbox {
    /// Makes an empty home.
    ///
    /// # Panics
    /// If the temporary folder cannot be made: no test can go on without it.
    pub fn new() -> Self {
        let root = tempfile::Builder::new()
            .prefix("zonke-test-")
            .tempdir()
            .expect("make a temporary folder");
        for folder in ["home/.aws", "config", "data", "cache", "state", "run", "tmp"] {
            std::fs::create_dir_all(root.path().join(folder)).expect("make a folder in the sandbox");
        }
        Self { root }
    }

    /// The folder that holds everything of this sandbox.
    pub fn path(&self) -> &Path {
        self.root.path()
    }

    /// Where the app keeps its files in this sandbox.
    pub fn data_dir(&self) -> PathBuf {
        self.root.path().join("data/zonke")
    }

    /// Writes `~/.aws/<name>` of this sandbox.
    ///
    /// # Panics
    /// If the file cannot be written.
    pub fn write_aws_file(&self, name: &str, text: &str) {
        std::fs::write(self.root.path().join("home/.aws").join(name), text).expect("write an AWS configuration file");
    }

    /// A command that runs in this sandbox.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env_clear();
        for name in INHERITED {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        for (name, value) in self.environment() {
            command.env(name, value);
        }
        command
    }

    /// The variables that make a program stay inside this sandbox.
    pub fn environment(&self) -> Vec<(&'static str, PathBuf)> {
        let at = |folder: &str| self.root.path().join(folder);
        vec![
            ("HOME", at("home")),
            ("XDG_CONFIG_HOME", at("config")),
            ("XDG_DATA_HOME", at("data")),
            ("XDG_CACHE_HOME", at("cache")),
            ("XDG_STATE_HOME", at("state")),
            ("XDG_RUNTIME_DIR", at("run")),
            ("TMPDIR", at("tmp")),
            ("ZONKE_DATA_DIR", self.data_dir()),
            ("AWS_CONFIG_FILE", at("home/.aws/config")),
            ("AWS_SHARED_CREDENTIALS_FILE", at("home/.aws/credentials")),
            ("AWS_EC2_METADATA_DISABLED", PathBuf::from("true")),
        ]
    }
}

impl Default for Sandbox {
    fn default() -> Self {
        Self::new()
    }
}
