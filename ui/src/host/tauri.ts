import { Channel, invoke } from "@tauri-apps/api/core";
import { getCurrentWebview } from "@tauri-apps/api/webview";
import type { Update } from "./bindings.gen.ts";
import { type Host, HostError, type Listener, type Unsubscribe } from "./host.ts";

async function call<T>(command: string, args: Record<string, unknown> = {}): Promise<T> {
  try {
    return await invoke<T>(command, args);
  } catch (thrown) {
    throw HostError.from(thrown);
  }
}

/** Starts a live subscription; cancelling before the command has answered cancels as soon as its id is known. */
function watch<S, D>(command: string, app: string, listener: Listener<S, D>): Unsubscribe {
  let cancelled = false;
  let id: number | null = null;
  const cancel = (subscription: number) => void call("subscription_cancel", { id: subscription }).catch(() => {});
  const onUpdate = new Channel<Update<S, D>>((update) => {
    if (!cancelled) listener.update(update);
  });
  call<number>(command, { app, onUpdate }).then(
    (answer) => {
      id = answer;
      if (cancelled) cancel(answer);
    },
    (thrown: unknown) => {
      if (!cancelled) listener.failed(HostError.from(thrown));
    },
  );
  return () => {
    if (cancelled) return;
    cancelled = true;
    if (id !== null) cancel(id);
  };
}

const tauriHost: Host = {
  appInfo: () => call("app_info"),
  examplePath: () => call("example_path"),
  profileList: () => call("profile_list"),
  accountConnect: (target) => call("account_connect", { target }),
  accountCurrent: () => call("account_current"),
  accountDisconnect: () => call("account_disconnect"),
  practiceStatus: () => call("practice_status"),
  practiceStart: (progress) => call("practice_start", { onProgress: new Channel(progress) }),
  practiceStop: () => call("practice_stop"),
  practiceReset: () => call("practice_reset"),
  projectPick: () => call("project_pick"),
  projectInspect: (path) => call("project_inspect", { path }),
  planMake: (findings, choices) => call("plan_make", { findings, choices }),
  deployReview: (findings, choices) => call("deploy_review", { findings, choices }),
  deployExecute: (id) => call("deploy_execute", { id }),
  deployDiscard: (id) => call("deploy_discard", { id }),
  applicationList: () => call("application_list"),
  deploymentWatch: (app, listener) => watch("deployment_watch", app, listener),
  pipelineWatch: (app, listener) => watch("pipeline_watch", app, listener),
  serversWatch: (app, listener) => watch("servers_watch", app, listener),
  secretsWatch: (app, listener) => watch("secrets_watch", app, listener),
  pipelineStart: (app) => call("pipeline_start", { app }),
  serversScale: (app, min, max) => call("servers_scale", { app, min, max }),
  secretPut: (app, key, value) => call("secret_put", { app, key, value }),
  secretDelete: (app, key) => call("secret_delete", { app, key }),

  onFolderDrop: (listener) => {
    let cancelled = false;
    let stop: (() => void) | null = null;
    void getCurrentWebview()
      .onDragDropEvent(({ payload }) => {
        if (cancelled) return;
        if (payload.type === "enter") listener({ type: "over", count: payload.paths.length });
        else if (payload.type === "leave") listener({ type: "leave" });
        else if (payload.type === "drop") listener({ type: "drop", paths: payload.paths });
      })
      .then((unlisten) => {
        stop = unlisten;
        if (cancelled) unlisten();
      });
    return () => {
      cancelled = true;
      stop?.();
    };
  },

  copyText: async (text) => {
    await navigator.clipboard.writeText(text);
  },
};

export default tauriHost;
