//! Ctrl-C: it ends the sign-in that is under way, and otherwise the program.

use std::sync::{Mutex, Once, PoisonError};

use tokio_util::sync::CancellationToken;

/// The sign-in that Ctrl-C ends.
static UNDER_WAY: Mutex<Option<CancellationToken>> = Mutex::new(None);
static LISTENING: Once = Once::new();

/// Exit code of a program that Ctrl-C has ended, as shells have it.
const INTERRUPTED: i32 = 130;

/// A sign-in that Ctrl-C ends instead of the program, for as long as this is kept.
pub(crate) struct Interruptible(CancellationToken);

impl Interruptible {
    /// For one sign-in: there is one terminal, so there is one at a time.
    pub(crate) fn sign_in() -> Self {
        let token = CancellationToken::new();
        *UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner) = Some(token.clone());
        LISTENING.call_once(|| {
            tokio::spawn(listen());
        });
        Self(token)
    }

    /// Cancelled by Ctrl-C.
    pub(crate) fn token(&self) -> &CancellationToken {
        &self.0
    }
}

impl Drop for Interruptible {
    fn drop(&mut self) {
        *UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// From here on the operating system's own answer to Ctrl-C is switched off for the rest of the program.
async fn listen() {
    while tokio::signal::ctrl_c().await.is_ok() {
        let sign_in = UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner).take();
        match sign_in {
            Some(token) => token.cancel(),
            None => end(),
        }
    }
}

/// Whatever runs may be reading from the terminal, which nothing but the end of the program interrupts.
#[expect(clippy::exit, reason = "this is what Ctrl-C does to a program that does not listen to it")]
fn end() {
    std::process::exit(INTERRUPTED);
}
