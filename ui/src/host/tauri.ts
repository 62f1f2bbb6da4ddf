import { Channel } from "@tauri-apps/api/core";
import { getCurrentWebview } from "@tauri-apps/api/webview";
import { commands, type Update } from "./bindings.gen.ts";
import { type Host, HostError, type Listener, type Unsubscribe } from "./host.ts";

/** Gives every refusal of a command its type. */
async function call<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (thrown) {
    throw HostError.from(thrown);
  }
}

/** For commands whose answer says nothing but that they were done. */
async function done(answer: Promise<unknown>): Promise<void> {
  await call(answer);
}

/** Starts a live subscription; cancelling before the command has answered cancels as soon as its id is known. */
function watch<S, D>(command: (app: string, onUpdate: Channel<Update<S, D>>) => Promise<number>, app: string, listener: Listener<S, D>): Unsubscribe {
  let cancelled = false;
  let id: number | null = null;
  const cancel = (subscription: number) => void commands.subscriptionCancel(subscription).catch(() => {});
  const onUpdate = new Channel<Update<S, D>>((update) => {
    if (!cancelled) listener.update(update);
  });
  command(app, onUpdate).then(
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

/** Some web views refuse the clipboard's own interface; copying a selection works in all of them. */
function copyBySelection(text: string): void {
  const area = document.createElement("textarea");
  area.value = text;
  area.setAttribute("aria-hidden", "true");
  area.style.position = "fixed";
  area.style.opacity = "0";
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  if (!copied) throw new HostError({ code: "failed", message: "The clipboard cannot be reached.", hint: "Select the text and copy it by hand.", retryable: false, requestId: "" });
}

const tauriHost: Host = {
  appInfo: () => call(commands.appInfo()),
  examplePath: () => call(commands.examplePath()),
  profileList: () => call(commands.profileList()),
  accountConnect: (target) => call(commands.accountConnect(target)),
  accountCurrent: () => call(commands.accountCurrent()),
  accountDisconnect: () => done(commands.accountDisconnect()),
  practiceStatus: () => call(commands.practiceStatus()),
  practiceStart: (progress) => call(commands.practiceStart(new Channel(progress))),
  practiceStop: () => call(commands.practiceStop()),
  practiceReset: () => call(commands.practiceReset()),
  projectPick: () => call(commands.projectPick()),
  projectInspect: (path) => call(commands.projectInspect(path)),
  planMake: (findings, choices) => call(commands.planMake(findings, choices)),
  deployReview: (findings, choices) => call(commands.deployReview(findings, choices)),
  deployConnection: (id) => call(commands.deployConnection(id)),
  deployExecute: (id) => done(commands.deployExecute(id)),
  deployDiscard: (id) => done(commands.deployDiscard(id)),
  applicationList: () => call(commands.applicationList()),
  deploymentWatch: (app, listener) => watch(commands.deploymentWatch, app, listener),
  pipelineWatch: (app, listener) => watch(commands.pipelineWatch, app, listener),
  serversWatch: (app, listener) => watch(commands.serversWatch, app, listener),
  secretsWatch: (app, listener) => watch(commands.secretsWatch, app, listener),
  pipelineStart: (app) => done(commands.pipelineStart(app)),
  serversScale: (app, min, max) => done(commands.serversScale(app, min, max)),
  secretPut: (app, key, value) => done(commands.secretPut(app, key, value)),
  secretDelete: (app, key) => done(commands.secretDelete(app, key)),

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
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      copyBySelection(text);
    }
  },
};

export default tauriHost;
