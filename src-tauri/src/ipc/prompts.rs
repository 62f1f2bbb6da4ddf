//! A sign-in that goes on in the window: what it asks, how it is answered, and how it is ended.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::io;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use serde::Serialize;
use specta::Type;
use tauri::ipc::Channel;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use zonke_signin::{DeviceCode, Prompts, open_in_browser};
use zonke_vault::Secret;

/// What a sign-in tells while it goes on. It ends when its command answers.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum SignInStep {
    /// It has begun; the id ends it or answers it.
    #[serde(rename_all = "camelCase")]
    Started {
        /// For `sign_in_cancel` and `sign_in_code`.
        id: u32,
    },
    /// The browser has been opened at this address; the sign-in waits for it.
    #[serde(rename_all = "camelCase")]
    BrowserOpened {
        /// The address, for a browser that did not come to the front.
        url: String,
    },
    /// A code to be typed into any browser.
    #[serde(rename_all = "camelCase")]
    ShowCode {
        /// The code and where to type it.
        code: DeviceCode,
    },
    /// The six digits of an MFA device are wanted: `sign_in_code`.
    #[serde(rename_all = "camelCase")]
    MfaWanted {
        /// Label of the profile.
        profile: String,
        /// Serial number or ARN of the device.
        serial: String,
    },
}

#[derive(Debug, Default)]
struct Running {
    cancel: CancellationToken,
    code: Option<oneshot::Sender<Secret>>,
}

/// The sign-ins that are going on.
#[derive(Clone, Debug, Default)]
pub struct SignIns {
    running: Arc<Mutex<HashMap<u32, Running>>>,
    next: Arc<AtomicU32>,
}

impl SignIns {
    /// Runs a sign-in that talks to the window over `steps`.
    pub async fn run<T, F: Future<Output = T>>(
        &self,
        steps: Channel<SignInStep>,
        work: impl FnOnce(WindowPrompts, CancellationToken) -> F,
    ) -> T {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let cancel = CancellationToken::new();
        let running = Running {
            cancel: cancel.clone(),
            code: None,
        };
        self.lock().insert(id, running);
        let prompts = WindowPrompts {
            id,
            steps,
            sign_ins: self.clone(),
        };
        prompts.tell(SignInStep::Started { id });
        let outcome = work(prompts, cancel).await;
        self.lock().remove(&id);
        outcome
    }

    /// Ends a sign-in; one that is over is ended already.
    pub fn cancel(&self, id: u32) {
        if let Some(running) = self.lock().get(&id) {
            running.cancel.cancel();
        }
    }

    /// Answers the question for the digits of an MFA device. Nobody asks: nothing happens.
    pub fn answer(&self, id: u32, code: Secret) {
        if let Some(asked) = self.lock().get_mut(&id).and_then(|running| running.code.take()) {
            // Whoever asked may have given up just now.
            drop(asked.send(code));
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u32, Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The person in front of the window.
pub struct WindowPrompts {
    id: u32,
    steps: Channel<SignInStep>,
    sign_ins: SignIns,
}

impl fmt::Debug for WindowPrompts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WindowPrompts").field("id", &self.id).finish_non_exhaustive()
    }
}

impl WindowPrompts {
    /// A window that is gone cannot be told anything; the sign-in then ends by its own time limit.
    fn tell(&self, step: SignInStep) {
        drop(self.steps.send(step));
    }
}

#[async_trait]
impl Prompts for WindowPrompts {
    fn open(&self, url: &str) -> io::Result<()> {
        open_in_browser(url)?;
        self.tell(SignInStep::BrowserOpened { url: url.to_owned() });
        Ok(())
    }

    fn show_code(&self, code: &DeviceCode) {
        self.tell(SignInStep::ShowCode { code: code.clone() });
    }

    async fn mfa_code(&self, profile: &str, serial: &str) -> Option<Secret> {
        let (answer, answered) = oneshot::channel();
        if let Some(running) = self.sign_ins.lock().get_mut(&self.id) {
            running.code = Some(answer);
        }
        self.tell(SignInStep::MfaWanted {
            profile: profile.to_owned(),
            serial: serial.to_owned(),
        });
        answered.await.ok()
    }
}
