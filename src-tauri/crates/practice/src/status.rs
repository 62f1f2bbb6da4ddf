//! What the app shows of the practice account.

use std::fmt;

use serde::{Deserialize, Serialize};
use specta::Type;

/// State of the practice account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PracticeStatus {
    /// How far it is.
    pub state: PracticeState,
    /// The same in one sentence, with what to do if something is wrong.
    pub detail: String,
    /// Base URL, while it runs.
    pub endpoint: Option<String>,
    /// Python it runs on, such as `3.11.2`.
    pub python: Option<String>,
    /// Version of the emulator.
    pub version: String,
    /// Process id of the server.
    pub pid: Option<u32>,
    /// When the server started, milliseconds since 1970.
    pub started_at: Option<f64>,
}

/// How far the practice account is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum PracticeState {
    /// Its packages are not there yet; starting installs them.
    NotInstalled,
    /// Its packages are being installed.
    Installing,
    /// It can be started.
    Stopped,
    /// The server is starting.
    Starting,
    /// It answers.
    Running,
    /// The server ended by itself.
    Failed,
}

/// A step of starting the practice account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PracticeProgress {
    /// Which step begins.
    pub step: PracticeStep,
    /// The same in one sentence.
    pub detail: String,
    /// Estimate of how much is done, 0 to 100, where there is one.
    pub percent: Option<u8>,
}

/// A step of starting the practice account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum PracticeStep {
    /// Looking for Python.
    Python,
    /// Making the virtual environment.
    Environment,
    /// Installing the packages.
    Packages,
    /// Starting the server.
    Server,
    /// It answers.
    Ready,
}

/// How the practice account is reached.
#[derive(Clone, PartialEq, Eq)]
pub struct PracticeEndpoint {
    /// Base URL of every service.
    pub url: String,
    /// Twelve digits.
    pub account_id: String,
    /// Access key id. It is what the server tells its callers by, and made for each start.
    pub access_key_id: String,
    /// Secret access key. The server does not check signatures, so this is the same everywhere.
    pub secret_access_key: String,
    /// Region to use.
    pub region: String,
}

impl fmt::Debug for PracticeEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PracticeEndpoint")
            .field("url", &self.url)
            .field("account_id", &self.account_id)
            .field("region", &self.region)
            .finish_non_exhaustive()
    }
}
