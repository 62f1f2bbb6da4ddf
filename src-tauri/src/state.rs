//! What the commands share: handles, no logic.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use zonke_cloud::Session;
use zonke_cloud::live::Hub;
use zonke_home::{Home, Project};
use zonke_project::{InspectOptions, Progress};
use zonke_signin::SignInNeed;

use crate::ipc::error::{IpcCode, IpcError};
use crate::ipc::prompts::SignIns;

/// Everything that lives as long as the app.
#[derive(Debug)]
pub struct AppState {
    /// The app's own files, and the practice account in them.
    pub home: Home,
    /// Shared pollers of live views.
    pub hub: Hub,
    /// Whether the app was started to show the practice account at once.
    pub start_with_practice: bool,
    session: Mutex<Option<Session>>,
    subscriptions: Mutex<HashMap<u32, CancellationToken>>,
    /// Subscriptions that do not end with the connected account.
    lasting: Mutex<HashMap<u32, CancellationToken>>,
    /// Sign-ins that are going on.
    pub sign_ins: SignIns,
    next_subscription: AtomicU32,
    inspection: Mutex<Inspection>,
    inspected: Mutex<Option<PathBuf>>,
}

/// One inspection of a folder; the flag stops it.
#[derive(Debug, Clone, Default)]
pub struct Inspection(Arc<AtomicBool>);

impl Inspection {
    /// What the inspection is asked for with.
    pub fn options(self, progress: impl Fn(Progress) + Send + Sync + 'static) -> InspectOptions {
        InspectOptions {
            cancel: self.0,
            progress: Some(Arc::new(progress)),
            ..InspectOptions::default()
        }
    }
}

impl AppState {
    /// State of an app that keeps its files in `home`.
    pub fn new(home: Home, start_with_practice: bool) -> Self {
        Self {
            home,
            hub: Hub::new(),
            start_with_practice,
            session: Mutex::default(),
            subscriptions: Mutex::default(),
            lasting: Mutex::default(),
            sign_ins: SignIns::default(),
            next_subscription: AtomicU32::new(1),
            inspection: Mutex::default(),
            inspected: Mutex::default(),
        }
    }

    /// The connected account.
    ///
    /// # Errors
    /// `signedOut` when none is.
    pub fn session(&self) -> Result<Session, IpcError> {
        self.lock_session().clone().ok_or_else(IpcError::signed_out)
    }

    /// The connected account, if there is one.
    pub fn current(&self) -> Option<Session> {
        self.lock_session().clone()
    }

    /// Connects another account, or none. Live views of the previous one end.
    pub fn set_session(&self, session: Option<Session>) {
        for (_, token) in self.lock_subscriptions().drain() {
            token.cancel();
        }
        *self.lock_session() = session;
    }

    /// Opens a subscription: its id, and the token that ends it.
    pub fn open_subscription(&self) -> (u32, CancellationToken) {
        let id = self.next_subscription.fetch_add(1, Ordering::Relaxed);
        let token = CancellationToken::new();
        self.lock_subscriptions().insert(id, token.clone());
        (id, token)
    }

    /// Ends a subscription; unknown ids are ended already.
    pub fn close_subscription(&self, id: u32) {
        let token = self.lock_subscriptions().remove(&id);
        if let Some(token) = token.or_else(|| self.lock_lasting().remove(&id)) {
            token.cancel();
        }
    }

    /// Tells what is needed whenever it changes, until `tell` says that nobody listens or the id is ended. It outlives the
    /// connected account: a need may be what keeps one from being connected.
    pub fn forward_needs(
        &self,
        mut needs: watch::Receiver<Vec<SignInNeed>>,
        tell: impl Fn(Vec<SignInNeed>) -> bool + Send + 'static,
    ) -> u32 {
        let id = self.next_subscription.fetch_add(1, Ordering::Relaxed);
        let ended = CancellationToken::new();
        self.lock_lasting().insert(id, ended.clone());
        tauri::async_runtime::spawn(async move {
            loop {
                let now = needs.borrow_and_update().clone();
                if !tell(now) {
                    break;
                }
                tokio::select! {
                    () = ended.cancelled() => break,
                    changed = needs.changed() => if changed.is_err() { break },
                }
            }
        });
        id
    }

    /// Begins an inspection and stops the one before.
    pub fn begin_inspection(&self) -> Inspection {
        let next = Inspection::default();
        let before = std::mem::replace(&mut *self.lock_inspection(), next.clone());
        before.0.store(true, Ordering::Relaxed);
        next
    }

    /// Stops the inspection that goes on, if one does.
    pub fn cancel_inspection(&self) {
        self.lock_inspection().0.store(true, Ordering::Relaxed);
    }

    /// Remembers which folder was inspected: it is the only one whose files the window may ask for.
    pub fn set_inspected(&self, project: &Project) {
        *self.lock_inspected() = Some(PathBuf::from(&project.folder));
    }

    /// The folder that was inspected last.
    ///
    /// # Errors
    /// `notFound` when none was.
    pub fn inspected(&self) -> Result<PathBuf, IpcError> {
        let nothing = || IpcError::new(IpcCode::NotFound, "No folder is open.", "Drop the folder of a project first.");
        self.lock_inspected().clone().ok_or_else(nothing)
    }

    fn lock_inspection(&self) -> std::sync::MutexGuard<'_, Inspection> {
        self.inspection.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn lock_inspected(&self) -> std::sync::MutexGuard<'_, Option<PathBuf>> {
        self.inspected.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn lock_session(&self) -> std::sync::MutexGuard<'_, Option<Session>> {
        self.session.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn lock_lasting(&self) -> std::sync::MutexGuard<'_, HashMap<u32, CancellationToken>> {
        self.lasting.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn lock_subscriptions(&self) -> std::sync::MutexGuard<'_, HashMap<u32, CancellationToken>> {
        self.subscriptions.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
