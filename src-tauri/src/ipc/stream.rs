//! Live views as channels: the only place where a subscription of the core meets the window.

use serde::Serialize;
use tauri::ipc::{Channel, IpcResponse};
use zonke_cloud::live::Subscription;

use crate::state::AppState;

/// Forwards `subscription` to `channel` until the window or the user ends it. Returns the id that ends it.
pub fn forward<U>(state: &AppState, mut subscription: Subscription<U>, channel: Channel<U>) -> u32
where
    U: Serialize + IpcResponse + Clone + Send + Sync + 'static,
{
    let (id, ended) = state.open_subscription();
    tauri::async_runtime::spawn(async move {
        loop {
            let update = tokio::select! {
                () = ended.cancelled() => break,
                update = subscription.next() => update,
            };
            // A failed send means that the window is gone; dropping the subscription lets the poller rest.
            let Some(update) = update else { break };
            if channel.send(update).is_err() {
                break;
            }
        }
    });
    id
}
