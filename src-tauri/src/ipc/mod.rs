//! The only code that faces Tauri: commands, their registry, their errors and the channels of live views.

pub mod commands;
pub mod error;
pub mod prompts;
pub mod registry;
pub mod stream;

/// Runs slow, non-async work of the core off the event loop.
///
/// # Errors
/// The work's own error, or `failed` if it panicked.
pub async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, error::IpcError> + Send + 'static,
) -> Result<T, error::IpcError> {
    tauri::async_runtime::spawn_blocking(work).await.unwrap_or_else(|_| {
        Err(error::IpcError::new(
            error::IpcCode::Failed,
            "The app made a mistake while doing this.",
            "Please report it with the folder's structure; nothing was changed.",
        ))
    })
}
