//! Live views: subscriptions to what happens in AWS.
//!
//! One poller per resource serves every subscriber and rests as soon as the last one is gone. A subscriber receives the whole
//! state first, then what changed; a slow one misses intermediate states, never the latest.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::stream::{BoxStream, StreamExt};
use tokio::sync::watch;

use crate::deployment::{self, Watch};
use crate::error::{CloudError, ErrorCode, Result};
use crate::pipeline::{self, Descriptions, pipeline_name};
use crate::session::Session;
use crate::time::now;
use crate::view::{
    DeploymentDelta, DeploymentPhase, DeploymentView, PipelineView, SecretsView, ServersView, TroubleView, Update, UpdateBody,
    WorkState,
};
use crate::{secrets, servers};

/// Message of [`Hub::deployment`].
pub type DeploymentUpdate = Update<DeploymentView, DeploymentDelta>;
/// Message of [`Hub::pipeline`]; a delta is the whole new view.
pub type PipelineUpdate = Update<PipelineView, PipelineView>;
/// Message of [`Hub::servers`]; a delta is the whole new view.
pub type ServersUpdate = Update<ServersView, ServersView>;
/// Message of [`Hub::secrets`]; a delta is the whole new view.
pub type SecretsUpdate = Update<SecretsView, SecretsView>;

/// A live view. Dropping it ends it.
pub struct Subscription<U>(BoxStream<'static, U>);

impl<U> Subscription<U> {
    /// Waits for the next message; none after [`UpdateBody::Closed`].
    pub async fn next(&mut self) -> Option<U> {
        self.0.next().await
    }
}

impl<U> fmt::Debug for Subscription<U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription").finish_non_exhaustive()
    }
}

/// The pollers of a process. Cheap to clone; use it inside a Tokio runtime.
#[derive(Clone, Debug, Default)]
pub struct Hub {
    deployments: Pool<DeploymentView>,
    pipelines: Pool<PipelineView>,
    servers: Pool<ServersView>,
    secrets: Pool<SecretsView>,
}

impl Hub {
    /// A hub without pollers.
    pub fn new() -> Self {
        Self::default()
    }

    /// Watches a deployment.
    pub fn deployment(&self, session: &Session, app: &str) -> Subscription<DeploymentUpdate> {
        let watch = Arc::new(tokio::sync::Mutex::new(Watch::default()));
        let receiver = self.deployments.join(session, app, move |session, app| {
            let watch = Arc::clone(&watch);
            Box::pin(async move { Box::pin(watch.lock().await.look(&session, &app)).await })
        });
        subscription(receiver, deployment::delta)
    }

    /// Watches a pipeline.
    pub fn pipeline(&self, session: &Session, app: &str) -> Subscription<PipelineUpdate> {
        let descriptions = Arc::new(tokio::sync::Mutex::new(None::<Descriptions>));
        let receiver = self.pipelines.join(session, app, move |session, app| {
            let descriptions = Arc::clone(&descriptions);
            Box::pin(async move {
                let name = pipeline_name(&app);
                let mut descriptions = descriptions.lock().await;
                if descriptions.is_none() {
                    *descriptions = pipeline::descriptions(&session, &name).await?;
                }
                let known = descriptions.clone().unwrap_or_default();
                pipeline::look(&session, &name, &known)
                    .await?
                    .ok_or_else(|| not_yet(&app, "pipeline"))
            })
        });
        subscription(receiver, |_, new| Some(new.clone()))
    }

    /// Watches the servers.
    pub fn servers(&self, session: &Session, app: &str) -> Subscription<ServersUpdate> {
        let receiver = self.servers.join(session, app, |session, app| {
            Box::pin(async move {
                Box::pin(servers::look(&session, &app))
                    .await?
                    .ok_or_else(|| not_yet(&app, "servers"))
            })
        });
        subscription(receiver, |_, new| Some(new.clone()))
    }

    /// Watches the secrets, by name only.
    pub fn secrets(&self, session: &Session, app: &str) -> Subscription<SecretsUpdate> {
        let names = Arc::new(tokio::sync::Mutex::new(secrets::Names::default()));
        let receiver = self.secrets.join(session, app, move |session, app| {
            let names = Arc::clone(&names);
            Box::pin(async move {
                names
                    .lock()
                    .await
                    .look(&session, &app)
                    .await?
                    .ok_or_else(|| not_yet(&app, "secrets"))
            })
        });
        subscription(receiver, |_, new| Some(new.clone()))
    }
}

fn not_yet(app: &str, what: &str) -> CloudError {
    CloudError::not_found(
        format!("`{app}` has no {what} yet."),
        "They appear here as soon as the first deployment has made them.",
    )
}

/// How a view changes, which decides how often AWS is asked.
trait Paced {
    /// Whether something is going on.
    fn going(&self) -> bool;
}

impl Paced for DeploymentView {
    fn going(&self) -> bool {
        matches!(self.phase, DeploymentPhase::Running | DeploymentPhase::Interrupted)
    }
}

impl Paced for PipelineView {
    fn going(&self) -> bool {
        self.execution.as_ref().is_some_and(|e| e.state == WorkState::Running)
    }
}

impl Paced for ServersView {
    fn going(&self) -> bool {
        self.pending > 0 || self.running != self.desired || self.rollouts.iter().any(|r| r.state == WorkState::Running)
    }
}

impl Paced for SecretsView {
    fn going(&self) -> bool {
        !self.servers_current
    }
}

/// What a poller knows.
#[derive(Clone, Debug)]
struct Seen<V> {
    view: Option<Arc<V>>,
    at: f64,
    trouble: Option<TroubleView>,
}

impl<V> Default for Seen<V> {
    fn default() -> Self {
        Self {
            view: None,
            at: 0.0,
            trouble: None,
        }
    }
}

type Looking<V> = Pin<Box<dyn Future<Output = Result<V>> + Send>>;
type Key = (u64, String);

/// Pollers of one kind of view.
#[derive(Debug)]
struct Pool<V>(Arc<Mutex<HashMap<Key, watch::Sender<Seen<V>>>>>);

impl<V> Clone for Pool<V> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<V> Default for Pool<V> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<V: Paced + PartialEq + Send + Sync + 'static> Pool<V> {
    /// Joins the poller of this resource, or starts it.
    fn join(
        &self,
        session: &Session,
        app: &str,
        look: impl FnMut(Session, String) -> Looking<V> + Send + 'static,
    ) -> watch::Receiver<Seen<V>> {
        let key = (session.id(), app.to_owned());
        let mut pollers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(poller) = pollers.get(&key) {
            let mut receiver = poller.subscribe();
            receiver.mark_changed();
            return receiver;
        }
        let (sender, receiver) = watch::channel(Seen::default());
        pollers.insert(key.clone(), sender.clone());
        tokio::spawn(poll(self.clone(), key, session.clone(), sender, look));
        receiver
    }

    /// Takes a poller out unless somebody has joined meanwhile.
    fn leave(&self, key: &Key, sender: &watch::Sender<Seen<V>>) -> bool {
        let mut pollers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let alone = sender.receiver_count() == 0;
        if alone {
            pollers.remove(key);
        }
        alone
    }
}

async fn poll<V: Paced + PartialEq + Send + Sync + 'static>(
    pool: Pool<V>,
    key: Key,
    session: Session,
    sender: watch::Sender<Seen<V>>,
    mut look: impl FnMut(Session, String) -> Looking<V> + Send + 'static,
) {
    let mut touched = session.touched();
    let mut failures = 0;
    loop {
        touched.mark_unchanged();
        let Some(looked) = patiently(look(session.clone(), key.1.clone()), &pool, &key, &session, &sender).await else {
            return;
        };
        let pause = match looked {
            Ok(view) => {
                failures = 0;
                let pause = if view.going() { session.pause() } else { session.pause() * 4 };
                sender.send_modify(|seen| {
                    seen.at = now();
                    seen.trouble = None;
                    // The same view keeps its place in memory, which is how subscribers see that nothing changed.
                    if seen.view.as_deref() != Some(&view) {
                        seen.view = Some(Arc::new(view));
                    }
                });
                pause
            }
            Err(error) => {
                failures += 1;
                let pause = back_off(failures, &error, fastrand::f64()).mul_f64(session.tempo());
                sender.send_modify(|seen| seen.trouble = Some(trouble(&error, pause)));
                pause
            }
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = touched.changed() => {}
            () = sender.closed() => if pool.leave(&key, &sender) { return },
        }
    }
}

/// What `looking` brings, however long its calls wait for a person; meanwhile subscribers are told that they do. Nothing if
/// the last subscriber has gone while they waited.
async fn patiently<V: Paced + PartialEq + Send + Sync + 'static>(
    mut looking: Looking<V>,
    pool: &Pool<V>,
    key: &Key,
    session: &Session,
    sender: &watch::Sender<Seen<V>>,
) -> Option<Result<V>> {
    let mut waiting = session.0.watch.waiting();
    let mut told = false;
    loop {
        let waits = *waiting.borrow_and_update() > 0;
        if waits && !told {
            told = true;
            sender.send_modify(|seen| seen.trouble = Some(waits_for_sign_in(&session.account().label)));
        }
        tokio::select! {
            looked = &mut looking => return Some(looked),
            Ok(()) = waiting.changed() => {}
            () = sender.closed(), if waits => if pool.leave(key, sender) { return None },
        }
    }
}

fn waits_for_sign_in(label: &str) -> TroubleView {
    TroubleView {
        message: format!("The session of `{label}` is over; this view waits for your sign-in."),
        hint: "Sign in: it goes on by itself afterwards, and nothing is done twice.".to_owned(),
        retry_in_seconds: 0,
        signed_out: true,
    }
}

/// Waits longer with every failure, up to half a minute, and never in step with other pollers. `chance` is between 0 and 1.
fn back_off(failures: u32, error: &CloudError, chance: f64) -> Duration {
    // Something that does not exist yet is no failure of AWS: look again soon, without ever becoming slow.
    let (base, most) = if error.code == ErrorCode::NotFound {
        (2.0, 4.0)
    } else if error.code == ErrorCode::Throttled {
        (4.0, 32.0)
    } else {
        (2.0, 30.0)
    };
    let longest = (base * 2_f64.powi(i32::try_from(failures.min(10)).unwrap_or(10) - 1)).min(most);
    Duration::from_secs_f64(longest * (0.5 + chance / 2.0))
}

fn trouble(error: &CloudError, pause: Duration) -> TroubleView {
    TroubleView {
        message: error.message.clone(),
        hint: error.hint.clone(),
        retry_in_seconds: u32::try_from(pause.as_millis().div_ceil(1000)).unwrap_or(u32::MAX),
        signed_out: error.signed_out(),
    }
}

/// "Nothing changed" is worth a message only this often, milliseconds.
const FRESH: f64 = 2000.0;

struct Reader<V> {
    receiver: watch::Receiver<Seen<V>>,
    shown: Option<Arc<V>>,
    shown_at: f64,
    seq: u32,
    /// Whether the latest message was trouble, so that the next success is worth a message even if nothing changed.
    troubled: bool,
    closed: bool,
}

/// Turns what a poller knows into the messages of one subscriber.
fn subscription<V, D>(receiver: watch::Receiver<Seen<V>>, delta: fn(&V, &V) -> Option<D>) -> Subscription<Update<V, D>>
where
    V: Clone + Send + Sync + 'static,
    D: Send + 'static,
{
    let reader = Reader {
        receiver,
        shown: None,
        shown_at: 0.0,
        seq: 0,
        troubled: false,
        closed: false,
    };
    let stream = futures::stream::unfold(reader, move |mut reader| async move {
        loop {
            if reader.closed {
                return None;
            }
            let (at, body) = if reader.receiver.changed().await.is_err() {
                reader.closed = true;
                (reader.shown_at, UpdateBody::Closed)
            } else {
                let seen = reader.receiver.borrow_and_update().clone();
                let Some(body) = message(&reader, &seen, delta) else {
                    continue;
                };
                reader.troubled = matches!(body, UpdateBody::Trouble(_));
                if !reader.troubled {
                    reader.shown = seen.view;
                    reader.shown_at = seen.at;
                }
                (seen.at, body)
            };
            let update = Update {
                seq: reader.seq,
                at,
                body,
            };
            reader.seq += 1;
            return Some((update, reader));
        }
    });
    Subscription(stream.boxed())
}

fn message<V: Clone, D>(reader: &Reader<V>, seen: &Seen<V>, delta: fn(&V, &V) -> Option<D>) -> Option<UpdateBody<V, D>> {
    if let Some(trouble) = &seen.trouble {
        return Some(UpdateBody::Trouble(trouble.clone()));
    }
    let view = seen.view.as_ref()?;
    match &reader.shown {
        None => Some(UpdateBody::Snapshot(V::clone(view))),
        Some(shown) if Arc::ptr_eq(shown, view) => {
            (reader.troubled || seen.at - reader.shown_at >= FRESH).then_some(UpdateBody::Fresh)
        }
        Some(shown) => Some(delta(shown, view).map_or_else(|| UpdateBody::Snapshot(V::clone(view)), UpdateBody::Delta)),
    }
}

#[cfg(test)]
mod tests;
