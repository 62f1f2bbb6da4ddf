//! Why a folder could not be inspected.

use std::path::PathBuf;

/// Why a folder could not be inspected. Every message names the path and the next step.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InspectError {
    /// Nothing is at the path.
    #[error("{} does not exist. Check the path, or pick the folder again.", .path.display())]
    NotFound {
        /// The path as given.
        path: PathBuf,
    },
    /// The path names a file.
    #[error("{} is a file. Drop the folder that contains the project instead.", .path.display())]
    NotADirectory {
        /// The path as given.
        path: PathBuf,
    },
    /// Several things were dropped at once.
    #[error("{count} things were dropped. Drop one folder: {}.", .parent.as_ref().map_or_else(|| "the one that holds the whole project".to_owned(), |p| format!("{}, which holds them all", p.display())))]
    Several {
        /// How many.
        count: usize,
        /// The folder they lie in, when it looks like a project.
        parent: Option<PathBuf>,
    },
    /// The folder cannot be read.
    #[error("{} cannot be read ({cause}). Give your user read permission for the folder and try again.", .path.display())]
    Unreadable {
        /// The path as given.
        path: PathBuf,
        /// What the operating system said.
        cause: String,
    },
    /// The user's home directory.
    #[error("{} is your home directory. Pick the folder of one project inside it.", .path.display())]
    HomeDirectory {
        /// The path as given.
        path: PathBuf,
    },
    /// The root of a file system.
    #[error("{} is the root of a disk. Pick the folder of one project inside it.", .path.display())]
    FilesystemRoot {
        /// The path as given.
        path: PathBuf,
    },
    /// A folder of installed packages.
    #[error("{} belongs to node_modules, where packages are installed. Pick the folder of the project that uses them.", .path.display())]
    InsideNodeModules {
        /// The path as given.
        path: PathBuf,
    },
    /// The caller asked to stop.
    #[error("The inspection of {} was cancelled. Start it again to see the findings.", .path.display())]
    Cancelled {
        /// The path as given.
        path: PathBuf,
    },
}

impl InspectError {
    /// Stable name of the error, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "folder-not-found",
            Self::NotADirectory { .. } => "not-a-folder",
            Self::Several { .. } => "several-folders",
            Self::Unreadable { .. } => "folder-unreadable",
            Self::HomeDirectory { .. } => "home-directory",
            Self::FilesystemRoot { .. } => "filesystem-root",
            Self::InsideNodeModules { .. } => "inside-node-modules",
            Self::Cancelled { .. } => "cancelled",
        }
    }
}
