import { Channel } from "@tauri-apps/api/core";
import { getCurrentWebview } from "@tauri-apps/api/webview";
import { commands, type SignInNeeds } from "./bindings.gen.ts";
import { type Host, HostError, type Unsubscribe } from "./host.ts";

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
function watch<M>(command: (app: string, onUpdate: Channel<M>) => Promise<number>, app: string, listener: { update: (message: M) => void; failed: (error: HostError) => void }): Unsubscribe {
  let cancelled = false;
  let id: number | null = null;
  const cancel = (subscription: number) => void commands.subscriptionCancel(subscription).catch(() => {});
  const onUpdate = new Channel<M>((update) => {
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
  accountProof: () => call(commands.accountProof()),
  regionLatency: (regions) => call(commands.regionLatency(regions)),
  surroundingsLook: () => call(commands.surroundingsLook()),
  keychainLook: () => call(commands.keychainLook()),
  keychainChoose: (keeping) => call(commands.keychainChoose(keeping)),
  ssoSignIn: (center, method, step) => call(commands.ssoSignIn(center.startUrl, center.region, method, new Channel(step))),
  ssoAccounts: (center) => call(commands.ssoAccounts(center.startUrl, center.region)),
  ssoSave: (center, choices, region) => call(commands.ssoSave(center, choices, region)),
  signInNeeds: (listener) => watch((_, channel: Channel<SignInNeeds>) => commands.signInNeeds(channel), "", { update: ({ needs }) => listener(needs), failed: () => {} }),
  signInAgain: (profile, method, step) => done(commands.signInAgain(profile, method, new Channel(step))),
  signInDismiss: (profile) => done(commands.signInDismiss(profile)),
  signInCancel: (id) => done(commands.signInCancel(id)),
  signInCode: (id, code) => done(commands.signInCode(id, code)),
  profilesSaved: () => call(commands.profilesSaved()),
  profileSaveKeys: (label, region, id, secret, endpointUrl) => call(commands.profileSaveKeys(label, region, id, secret, endpointUrl)),
  profileSaveKeysCsv: (label, region, path) => call(commands.profileSaveKeysCsv(label, region, path)),
  profileSaveRole: (role) => call(commands.profileSaveRole(role)),
  profileSaveAws: (label, name, region) => call(commands.profileSaveAws(label, name, region)),
  profileUpdate: (id, change) => call(commands.profileUpdate(id, change)),
  profileRemove: (id) => call(commands.profileRemove(id)),
  profileMoveKey: (awsProfile, label) => call(commands.profileMoveKey(awsProfile, label)),
  profileMoveKeyUndo: (id) => call(commands.profileMoveKeyUndo(id)),
  preflightRun: (findings, choices, check) => call(commands.preflightRun(findings, choices, new Channel(check))),
  auditPage: (filter, skip, limit) => call(commands.auditPage(filter, skip, limit)),
  auditExport: (filter) => call(commands.auditExport(filter)),
  keysFilePick: () => call(commands.keysFilePick()),
  openAddress: (url) => done(commands.addressOpen(url)),
  practiceStatus: () => call(commands.practiceStatus()),
  practiceStart: (progress) => call(commands.practiceStart(new Channel(progress))),
  practiceStop: () => call(commands.practiceStop()),
  practiceReset: () => call(commands.practiceReset()),
  projectPick: () => call(commands.projectPick()),
  projectInspect: (paths, progress) => call(commands.projectInspect(paths, new Channel(progress))),
  projectCancel: () => done(commands.projectCancel()),
  projectChange: (edits) => call(commands.projectChange(edits)),
  projectForget: () => call(commands.projectForget()),
  projectExcerpt: (file, line) => call(commands.projectExcerpt(file, line)),
  planMake: (findings, choices) => call(commands.planMake(findings, choices)),
  planQuotes: (findings, alternatives) => call(commands.planQuotes(findings, alternatives)),
  planOffers: (findings, choices) => call(commands.planOffers(findings, choices)),
  pricesRefresh: (findings, choices) => call(commands.pricesRefresh(findings, choices)),
  planEject: (findings, choices, options) => call(commands.planEject(findings, choices, options)),
  deployReview: (findings, choices) => call(commands.deployReview(findings, choices)),
  deployConnection: (id) => call(commands.deployConnection(id)),
  deployExecute: (id) => done(commands.deployExecute(id)),
  deployDiscard: (id) => done(commands.deployDiscard(id)),
  deployerPlan: (findings, choices, deployer) => call(commands.deployerPlan(findings, choices, deployer)),
  deployerSave: (findings, choices, deployer) => call(commands.deployerSave(findings, choices, deployer)),
  deployerReview: (findings, choices, wish) => call(commands.deployerReview(findings, choices, wish)),
  deployerMake: (app, id, stack) => call(commands.deployerMake(app, id, new Channel(stack))),
  deployerDiscard: (app, id) => done(commands.deployerDiscard(app, id)),
  applicationList: () => call(commands.applicationList()),
  applicationEject: (app, options) => call(commands.applicationEject(app, options)),
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
