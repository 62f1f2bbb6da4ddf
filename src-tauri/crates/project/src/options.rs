//! What a caller may set for one inspection.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Serialize};
use specta::Type;

use crate::Overrides;

/// What a caller may set for one inspection.
#[derive(Clone)]
pub struct InspectOptions {
    /// What the user knows better than we do.
    pub overrides: Overrides,
    /// Set it from another thread to stop; the inspection then ends with [`crate::InspectError::Cancelled`].
    pub cancel: Arc<AtomicBool>,
    /// Called now and then, from any of the threads that list and read.
    pub progress: Option<Arc<dyn Fn(Progress) + Send + Sync>>,
    /// Most files that are looked at; what lies beyond is reported as a warning.
    pub max_files: u32,
    /// Folder in which the findings of large projects are kept until a file that they depend on changes. Without it every look
    /// is the first.
    pub memory: Option<PathBuf>,
}

impl Default for InspectOptions {
    fn default() -> Self {
        Self {
            overrides: Overrides::default(),
            cancel: Arc::new(AtomicBool::new(false)),
            progress: None,
            max_files: 500_000,
            memory: None,
        }
    }
}

impl InspectOptions {
    pub(crate) fn cancelled(&self) -> bool {
        self.cancel.load(Ordering::Relaxed)
    }

    pub(crate) fn report(&self, stage: Stage, files: usize) {
        if let Some(progress) = &self.progress {
            progress(Progress {
                stage,
                files: u32::try_from(files).unwrap_or(u32::MAX),
            });
        }
    }
}

/// How far an inspection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// What is being done.
    pub stage: Stage,
    /// Files listed or read so far.
    pub files: u32,
}

/// What an inspection is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum Stage {
    /// Listing files.
    Listing,
    /// Reading sources.
    Reading,
}
