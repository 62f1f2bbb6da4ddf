//! Settings.

use std::env;
use std::path::PathBuf;

/// Settings of the practice account. They take effect at the next start of the server.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PracticeOptions {
    /// Seconds of practice per second of AWS. The default 0.05 turns the seven minutes of a database into twenty seconds and a
    /// whole first deployment into about a minute. Environment: `ZONKE_PRACTICE_SPEED`.
    pub speed: Option<f64>,
    /// File that says what is to fail, see `docs/PRACTICE.md`; default `faults.json` in the data folder. It is read again on each
    /// use and need not exist. Environment: `ZONKE_PRACTICE_FAULTS`.
    pub fault_file: Option<PathBuf>,
    /// Region of the endpoint; default `us-east-1`. Environment: `ZONKE_PRACTICE_REGION`.
    pub region: Option<String>,
    /// Folder of the virtual environment, for sharing one; default `venv` in the data folder. Environment: `ZONKE_PRACTICE_VENV`.
    pub venv: Option<PathBuf>,
    /// Python to use instead of the first one found. Environment: `ZONKE_PYTHON`.
    pub python: Option<PathBuf>,
}

impl PracticeOptions {
    /// What the environment says.
    pub fn from_env() -> Self {
        let text = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
        let path = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        Self {
            speed: text("ZONKE_PRACTICE_SPEED").and_then(|value| value.parse().ok()),
            fault_file: path("ZONKE_PRACTICE_FAULTS"),
            region: text("ZONKE_PRACTICE_REGION"),
            venv: path("ZONKE_PRACTICE_VENV"),
            python: path("ZONKE_PYTHON"),
        }
    }
}
