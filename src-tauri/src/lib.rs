//! The desktop shell: a window around the core. It holds no logic of its own; see `docs/ARCHITECTURE.md`.

mod example;
pub mod ipc;
pub mod state;
mod window;

use std::process::ExitCode;

use tauri::{Manager, Runtime};
use zonke_home::Home;
use zonke_signin::SignInDesk;

use crate::state::AppState;

/// Command-line flags of the app.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Flags {
    /// Start with the practice account, without asking.
    pub practice: bool,
    /// Draw without the graphics card's buffers: for blank windows on some Linux drivers.
    pub safe_graphics: bool,
    /// Print the version and end.
    pub version: bool,
}

impl Flags {
    /// Reads the flags; unknown arguments are ignored, because desktop environments add some.
    pub fn parse(arguments: impl Iterator<Item = String>) -> Self {
        arguments.fold(Self::default(), |flags, argument| match argument.as_str() {
            "--practice" => Self { practice: true, ..flags },
            "--safe-graphics" => Self {
                safe_graphics: true,
                ..flags
            },
            "--version" => Self { version: true, ..flags },
            _ => flags,
        })
    }
}

/// Puts the commands and the state on a Tauri builder; the app and the tests share it.
pub fn builder<R: Runtime>(builder: tauri::Builder<R>, state: AppState) -> tauri::Builder<R> {
    builder
        .plugin(tauri_plugin_dialog::init())
        .plugin(window::plugin())
        .manage(state)
        .invoke_handler(ipc::registry::commands::<R>().invoke_handler())
}

/// The one place where the Tauri context is made, so that tests go through the real capabilities.
#[expect(
    clippy::exit,
    reason = "the expansion of the macro ends the program when an embedded file is damaged"
)]
pub fn context<R: Runtime>() -> tauri::Context<R> {
    tauri::generate_context!()
}

/// Runs the app until its window is closed.
pub fn run(arguments: impl Iterator<Item = String>) -> ExitCode {
    zonke_vault::leave_no_core();
    let flags = Flags::parse(arguments);
    if flags.version {
        #[expect(clippy::print_stdout, reason = "the answer to --version")]
        {
            println!("zonke-desktop {}", env!("CARGO_PKG_VERSION"));
        }
        return ExitCode::SUCCESS;
    }
    if flags.safe_graphics && std::env::var_os("WEBKIT_DISABLE_DMABUF_RENDERER").is_none() {
        return restart_with_safe_graphics();
    }
    zonke_home::start_logging();
    let home = match Home::open() {
        Ok(home) => home.asking(SignInDesk::open()),
        Err(error) => {
            tracing::error!("{error}");
            return ExitCode::FAILURE;
        }
    };
    let state = AppState::new(home, flags.practice);
    let instance = tauri_plugin_single_instance::init(|app, _arguments, _folder| {
        if let Some(window) = app.get_webview_window("main") {
            // The window may be gone already; then there is nothing to show.
            drop(window.unminimize().and_then(|()| window.set_focus()));
        }
    });
    match builder(tauri::Builder::default().plugin(instance), state).run(context()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("the window could not be opened: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Starts this program again with the setting that WebKit reads before anything else runs. Setting it here would be too late
/// for the threads that exist already.
fn restart_with_safe_graphics() -> ExitCode {
    let status = std::env::current_exe().and_then(|program| {
        std::process::Command::new(program)
            .args(std::env::args_os().skip(1))
            .env("WEBKIT_DISABLE_DMABUF_RENDERER", "1")
            .status()
    });
    match status {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) | Err(_) => ExitCode::FAILURE,
    }
}

#[cfg(test)]
mod tests {
    use super::Flags;

    #[test]
    fn flags_are_read_and_unknown_arguments_ignored() {
        let flags = Flags::parse(["--practice", "--gapplication-service"].into_iter().map(str::to_owned));
        assert_eq!(
            flags,
            Flags {
                practice: true,
                ..Flags::default()
            }
        );
    }
}
