//! What can go wrong, in the user's words.

use std::io;
use std::path::PathBuf;

/// The practice account cannot do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum PracticeError {
    /// There is no usable Python on this computer.
    #[error("the practice account needs Python 3.10 or newer, and none was found ({looked_for})")]
    NoPython {
        /// What was tried.
        looked_for: String,
    },
    /// There is a Python, but it is too old.
    #[error("the practice account needs Python 3.10 or newer; `{program}` is {version}")]
    PythonTooOld {
        /// How it was called.
        program: String,
        /// Its version.
        version: String,
    },
    /// Python cannot make virtual environments.
    #[error("`{program}` has no module to make virtual environments ({detail})")]
    NoVenv {
        /// How Python was called.
        program: String,
        /// What is missing.
        detail: String,
    },
    /// The emulator's packages could not be installed.
    #[error("the packages of the practice account could not be installed: {detail}")]
    Install {
        /// The last lines of pip.
        detail: String,
    },
    /// A file or folder of the practice account cannot be used.
    #[error("{path} cannot be used: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// No port of the loopback address is free.
    #[error("no network port of this computer could be opened on 127.0.0.1: {0}")]
    NoPort(io::Error),
    /// The server did not come up.
    #[error("the practice account did not start: {detail}")]
    NotStarted {
        /// The last lines of its log.
        detail: String,
        /// Where the whole log is.
        log: PathBuf,
    },
    /// The server does not end.
    #[error("the practice account (process {pid}) does not stop")]
    NotStopped {
        /// Its process id.
        pid: u32,
    },
    /// The practice account is not running.
    #[error("the practice account is not running")]
    NotRunning,
    /// Another Zonké is starting or stopping it and does not get done.
    #[error("another Zonké has been starting or stopping the practice account for more than {minutes} minutes")]
    Busy {
        /// How long was waited.
        minutes: u64,
    },
}

impl PracticeError {
    /// What the user can do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::NoPython { .. } => {
                "Install Python 3 (Debian, Ubuntu: `sudo apt install python3 python3-venv`) and start again. Everything else in \
                 Zonké works without it."
                    .to_owned()
            }
            Self::PythonTooOld { .. } => {
                "Install a newer Python 3, or set ZONKE_PYTHON to one. Everything else in Zonké works without it.".to_owned()
            }
            Self::NoVenv { .. } => "Install it (Debian, Ubuntu: `sudo apt install python3-venv`) and start again.".to_owned(),
            Self::Install { .. } => {
                "Check the network connection, and a proxy or package index if you use one (pip's own settings apply), then start \
                 again."
                    .to_owned()
            }
            Self::File { .. } => "Make room or rights there, or set ZONKE_DATA_DIR to another folder.".to_owned(),
            Self::NoPort(_) => "Close programs that hold many connections, or allow local connections, and start again.".to_owned(),
            Self::NotStarted { log, .. } => format!("Start it again. The whole log is in {}.", log.display()),
            Self::NotStopped { pid } => format!("End the process {pid} and try again."),
            Self::NotRunning => "Start the practice account (`zonke practice start`) and try again.".to_owned(),
            Self::Busy { .. } => "Close the other Zonké, then try again.".to_owned(),
        }
    }

    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }
}
