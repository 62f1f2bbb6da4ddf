//! What the commands ask of the window around them. A port, so that commands stay independent of Tauri's runtime type.

use std::fmt;
use std::path::{Path, PathBuf};

use tauri::plugin::TauriPlugin;
use tauri::{AppHandle, Manager, Runtime};
use tauri_plugin_dialog::DialogExt;

/// A dialog about a file of this name: where it is or goes, nothing when the user changes their mind.
type FileDialog = Box<dyn Fn(&str) -> Option<PathBuf> + Send + Sync>;

/// A dialog with this title that asks for a folder, nothing when the user changes their mind.
type FolderDialog = Box<dyn Fn(&str) -> Option<PathBuf> + Send + Sync>;

/// The window around the commands.
pub struct WindowPort {
    resource_dirs: Vec<PathBuf>,
    pick_folder: FolderDialog,
    save_file: FileDialog,
    pick_keys: Box<dyn Fn() -> Option<PathBuf> + Send + Sync>,
}

impl WindowPort {
    /// The port of a running app.
    pub fn of<R: Runtime>(app: &AppHandle<R>) -> Self {
        let handle = app.clone();
        let saving = app.clone();
        let picking = app.clone();
        Self {
            resource_dirs: app.path().resource_dir().into_iter().chain(beside_program()).collect(),
            pick_folder: Box::new(move |title| {
                let dialog = handle.dialog().file().set_title(title).set_can_create_directories(true);
                dialog.blocking_pick_folder()?.into_path().ok()
            }),
            pick_keys: Box::new(move || {
                let dialog = picking.dialog().file().set_title("Choose the file with the access key");
                dialog.add_filter("CSV", &["csv"]).blocking_pick_file()?.into_path().ok()
            }),
            save_file: Box::new(move |name| {
                let dialog = saving.dialog().file().set_title("Save as").set_file_name(name);
                dialog.blocking_save_file()?.into_path().ok()
            }),
        }
    }

    /// Folders where the files that come with the app may lie: its installation, then beside a program that was just built.
    pub fn resource_dirs(&self) -> &[PathBuf] {
        &self.resource_dirs
    }

    /// Lets the user pick a folder under this title; nothing when they change their mind. Blocks until they are done.
    pub fn pick_folder(&self, title: &str) -> Option<PathBuf> {
        (self.pick_folder)(title)
    }

    /// Lets the user pick the file with an access key; nothing when they change their mind. Blocks until they are done.
    pub fn pick_keys(&self) -> Option<PathBuf> {
        (self.pick_keys)()
    }

    /// Lets the user choose where to save a file of this name; nothing when they change their mind. Blocks until they are done.
    pub fn save_file(&self, name: &str) -> Option<PathBuf> {
        (self.save_file)(name)
    }
}

/// The build puts the files beside the program. Tauri knows that place only when the folder of the build is called `target`.
fn beside_program() -> Option<PathBuf> {
    std::env::current_exe().ok()?.parent().map(Path::to_owned)
}

/// Puts the port into the app. A plugin, because plugins are ready before the first window is.
pub(crate) fn plugin<R: Runtime>() -> TauriPlugin<R> {
    tauri::plugin::Builder::new("window-port")
        .setup(|app, _| {
            app.manage(WindowPort::of(app));
            Ok(())
        })
        .build()
}

impl fmt::Debug for WindowPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WindowPort")
            .field("resource_dirs", &self.resource_dirs)
            .finish_non_exhaustive()
    }
}
