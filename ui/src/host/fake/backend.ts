// More than 500 lines, because it is one class with one method for each command of the host.

import type { AccountProof, AccountTarget, AccountView, Choices, ConnectionView, EdgeReview, Edit, EjectOptions, Findings, PracticeProgress, PracticeStatus, Progress, Project, ReviewView, Update, UpdateBody } from "../bindings.gen.ts";
import { type FolderDrop, type Host, HostError, type Listener, type Unsubscribe } from "../host.ts";
import { awsProfiles, FakeAccounts, type FakeKeychain } from "./accounts.ts";
import { FakeAudit } from "./audit.ts";
import { FakeApplication } from "./application.ts";
import { type Clock, wait } from "./clock.ts";
import { FakeDeployers } from "./deployer.ts";
import { deploymentAt, deploymentDelta } from "./deployment.ts";
import { eject } from "./eject.ts";
import { edited, excerptOf, keep, overridden, recall } from "./overriding.ts";
import { runPreflight } from "./preflight.ts";
import { offersOf, quoteOf } from "./offers.ts";
import { makePlan, suggested } from "./planner.ts";
import { DAY, listOf, priceOf } from "./price.ts";
import { refuse } from "./refuse.ts";
import { EXAMPLE, HOME, inspect, only } from "./projects.ts";
import { edgeResources, resourcesOf } from "./resources.ts";

/** What the fake computer lacks or already has. */
export type Scenario = {
  /** No Python: the practice account cannot run. */
  python: boolean;
  /** Whether there are profiles in the AWS configuration. */
  profiles: boolean;
  /** Whether the app was started to show the practice account at once. */
  startWithPractice: boolean;
  /** The profile that was connected last. */
  lastProfile: string | null;
  /** Whether there are saved profiles. */
  saved: boolean;
  /** What the keychain does. */
  keychain: FakeKeychain;
  /** How many calls stand in the audit log; below zero it cannot be read. */
  calls: number;
  /** Which folder the system's dialog answers with; `null` is a dismissed dialog. */
  pick: string | null;
};

export const usualScenario: Scenario = { python: true, profiles: true, startWithPractice: false, lastProfile: null, saved: false, keychain: "ready", calls: 240, pick: `${HOME}/projects/guestbook` };

const POLL = 1000;

/**
 * An AWS account, a folder tree and a practice account, all in memory.
 *
 * Errors come from inputs: profile `expired` cannot sign in, `root` is the root user; application `fail-review` is refused, `occupied` may not be ejected, `fail-database`
 * fails while it is built, `interrupted` waits for its upload, `throttled` is answered late; secret `DENIED` may not be written; more than 50 servers exceed a quota.
 */
export class FakeBackend implements Host {
  readonly clock: Clock;
  readonly copied: string[] = [];
  /** Addresses that were opened in the browser. */
  readonly opened: string[] = [];
  readonly accounts: FakeAccounts;
  readonly #audit: FakeAudit;
  #scenario: Scenario;
  #account: AccountView | null = null;
  #prices: string | null = null;
  #practiceRunning = false;
  #practiceInstalled = false;
  #applications = new Map<string, Map<string, FakeApplication>>();
  #reviews = new Map<string, { findings: Findings; choices: Choices; account: AccountView; madeAt: number }>();
  #serial = 0;
  /** Counts inspections and their ends: only the latest one may go on. */
  #look = 0;
  #folder: string | null = null;
  #dropListeners = new Set<(drop: FolderDrop) => void>();

  constructor(clock: Clock, scenario: Partial<Scenario> = {}) {
    this.clock = clock;
    this.#scenario = { ...usualScenario, ...scenario };
    this.accounts = new FakeAccounts(clock, this.#scenario.keychain, this.#scenario.profiles, this.#scenario.saved);
    this.#audit = new FakeAudit(clock, this.#scenario.calls);
    this.#seed();
  }

  /** A production account with two applications: one that runs, one whose upload was interrupted. */
  #seed(): void {
    const long = this.clock.now() - 86_400_000;
    const findings = inspect(`${HOME}/projects/guestbook`);
    const at = (app: string, extra: Partial<Choices> = {}) => ({ ...suggested(findings), app, ...extra });
    this.#applications.set("work", new Map([
      ["ledger", new FakeApplication(at("ledger"), { choices: at("ledger"), startedAt: long, interrupted: false }, ["JWT_SECRET", "MAIL_TOKEN"])],
      ["atlas", new FakeApplication(at("atlas", { database: "none" }), { choices: at("atlas", { database: "none" }), startedAt: long, interrupted: true }, [])],
      ["throttled", new FakeApplication(at("throttled"), { choices: at("throttled"), startedAt: long, interrupted: false }, [])],
    ]));
  }

  async appInfo() {
    await wait(this.clock, 20);
    return { version: "0.1.0", dataDir: `${HOME}/.local/share/zonke`, startWithPractice: this.#scenario.startWithPractice, lastAccount: this.#scenario.lastProfile === null ? null : { kind: "profile" as const, name: this.#scenario.lastProfile, region: null } };
  }

  async examplePath() {
    await wait(this.clock, 150);
    return EXAMPLE;
  }

  async profileList() {
    await wait(this.clock, 120);
    const found = this.#scenario.profiles ? awsProfiles.map((p) => ({ name: p.name, region: p.region, kind: this.accounts.isMoved(p.name) ? "process" as const : p.kind })) : [];
    return [...found, ...this.accounts.written];
  }

  async accountConnect(target: AccountTarget): Promise<AccountView> {
    await wait(this.clock, 500);
    if (target.kind === "saved") await this.accounts.readyToConnect(target.id);
    if (target.kind === "practice") {
      if (!this.#practiceRunning) throw refuse("practiceUnavailable", "The practice account does not run.", "Start it first.");
      this.#account = { target, label: "Practice account", accountId: "000000000000", arn: "arn:aws:iam::000000000000:user/practice", region: "eu-west-1", practice: true, root: false, readOnly: false, production: false, endpointUrl: null };
      return this.#account;
    }
    if (target.kind === "saved") return (this.#account = this.#connectSaved(target.id, target.region));
    if (target.name === "expired") throw refuse("signedOut", "The session of profile `expired` is over.", "Run `aws login --profile expired` in a terminal, then connect again.", true);
    const root = target.name === "root";
    if (root) throw refuse("rootRefused", "Profile `root` signs in as the root user of account 210987654321, with which nothing may be deployed.", "Create a user or a role with the deployer policy of the plan and use that.");
    const account: AccountView = { target, label: target.name, accountId: "123456789012", arn: `arn:aws:sts::123456789012:assumed-role/Deployer/sam`, region: target.region ?? "eu-west-1", practice: false, root, readOnly: false, production: false, endpointUrl: null };
    // Connecting the account once more hands over what is missing, if this computer still has it.
    const again = this.#account?.label === target.name;
    this.#account = account;
    if (again) {
      for (const app of this.#mine().values()) if (app.deployment.interrupted && app.choices.app !== "interrupted") app.redeploy(this.clock.now());
    }
    return account;
  }

  #connectSaved(id: string, region: string | null): AccountView {
    const { profile, health } = this.accounts.find(id);
    if (health.kind === "secretMissing") throw refuse("signedOut", `The keychain has no secret for \`${profile.label}\`.`, "Sign in again, or enter the access key again.");
    const { accountId, arn, root } = this.accounts.identity(id);
    return { target: { kind: "saved", id, region }, label: profile.label, accountId, arn, region: region ?? profile.region ?? "eu-west-1", practice: false, root, readOnly: profile.readOnly, production: profile.production, endpointUrl: profile.endpointUrl ?? null };
  }

  #connected(): AccountView {
    if (!this.#account) throw refuse("signedOut", "No account is connected.", "Choose the practice account or an AWS profile first.");
    return this.#account;
  }

  async accountProof(): Promise<AccountProof> {
    const account = this.#connected();
    return this.accounts.proof(account.target, account.accountId, account.arn, account.region);
  }

  surroundingsLook = () => this.accounts.surroundings();
  keychainLook = () => this.accounts.keychain();
  keychainChoose: Host["keychainChoose"] = (keeping) => this.accounts.keep(keeping);
  ssoSignIn: Host["ssoSignIn"] = (center, method, step) => this.accounts.ssoSignIn(center, method, step);
  ssoAccounts: Host["ssoAccounts"] = () => this.accounts.ssoAccounts();
  ssoSave: Host["ssoSave"] = (center, choices, region) => this.accounts.addRoles(center, choices, region);
  signInNeeds: Host["signInNeeds"] = (listener) => this.accounts.needs(listener);
  signInAgain: Host["signInAgain"] = (profile, method, step) => this.accounts.signInAgain(profile, method, step);
  signInDismiss: Host["signInDismiss"] = (profile) => this.accounts.putOff(profile);
  signInCancel: Host["signInCancel"] = (id) => this.accounts.signInCancel(id);
  signInCode: Host["signInCode"] = (id, code) => this.accounts.signInCode(id, code);
  profilesSaved = () => this.accounts.saved();
  profileSaveKeys: Host["profileSaveKeys"] = (label, region, id, secret, endpointUrl) => this.accounts.addKeys(label, region, id, secret, endpointUrl);
  profileSaveKeysCsv: Host["profileSaveKeysCsv"] = (label, region, path) => this.accounts.addKeysFile(label, region, path);
  profileSaveRole: Host["profileSaveRole"] = (role) => this.accounts.addRole(role);
  profileSaveAws: Host["profileSaveAws"] = (label, name, region) => this.accounts.addAws(label, name, region);
  profileUpdate: Host["profileUpdate"] = (id, change) => this.accounts.change(id, change);
  profileRemove: Host["profileRemove"] = (id) => this.accounts.remove(id);
  profileMoveKey: Host["profileMoveKey"] = (profile, label) => this.accounts.moveKey(profile, label);
  profileMoveKeyUndo: Host["profileMoveKeyUndo"] = (id) => this.accounts.moveKeyBack(id);
  regionLatency: Host["regionLatency"] = async (regions) => regions.map((region, i) => ({ region, ms: 20 + i * 13 }));
  preflightRun: Host["preflightRun"] = (_, choices, check) => runPreflight(this.clock, this.#connected(), choices, check);
  auditPage: Host["auditPage"] = (filter, skip, limit) => this.#audit.page(filter, skip, limit);
  auditExport: Host["auditExport"] = () => this.#audit.export();

  async keysFilePick() {
    await wait(this.clock, 100);
    return `${HOME}/Downloads/sam_accessKeys.csv`;
  }

  async openAddress(url: string) {
    this.opened.push(url);
  }

  async accountCurrent() {
    await wait(this.clock, 10);
    return this.#account;
  }

  async accountDisconnect() {
    this.#account = null;
  }

  async practiceStatus(): Promise<PracticeStatus> {
    await wait(this.clock, 60);
    return this.#practice();
  }

  #practice(): PracticeStatus {
    const base = { endpoint: null, python: this.#practiceInstalled ? "3.11.2" : null, version: "1.5.33", pid: null, startedAt: null };
    if (this.#practiceRunning) return { ...base, state: "running", detail: "The practice account answers.", endpoint: "http://127.0.0.1:4566", pid: 4711, startedAt: this.clock.now() };
    if (this.#practiceInstalled) return { ...base, state: "stopped", detail: "The practice account is not running." };
    return { ...base, state: "notInstalled", detail: "The practice account is not installed yet; starting it does that." };
  }

  async practiceStart(progress: (step: PracticeProgress) => void): Promise<PracticeStatus> {
    await wait(this.clock, 120);
    if (!this.#scenario.python) throw refuse("practiceUnavailable", "Python 3 was not found on this computer.", "Install Python 3 (Debian, Ubuntu: `sudo apt install python3 python3-venv`) and start again. Everything else in Zonké works without it.");
    const steps: [PracticeProgress["step"], string, number, number][] = [["python", "Looking for Python.", 5, 200], ["environment", "Making a private environment.", 15, 700], ["packages", "Installing the emulator.", 30, 1500], ["server", "Starting the practice account.", 85, 500]];
    for (const [step, detail, percent, ms] of steps) {
      progress({ step, detail, percent });
      // eslint-disable-next-line no-await-in-loop -- each step waits for the one before
      await wait(this.clock, ms);
    }
    progress({ step: "ready", detail: "The practice account answers at http://127.0.0.1:4566.", percent: 100 });
    this.#practiceInstalled = true;
    this.#practiceRunning = true;
    return this.#practice();
  }

  async practiceStop() {
    await wait(this.clock, 200);
    this.#practiceRunning = false;
    this.#applications.delete("practice");
    if (this.#account?.practice) this.#account = null;
    return this.#practice();
  }

  async practiceReset() {
    await wait(this.clock, 200);
    this.#applications.delete("practice");
    return this.#practice();
  }

  async projectPick() {
    await wait(this.clock, 100);
    return this.#scenario.pick;
  }

  async projectInspect(paths: string[], progress: (step: Progress) => void): Promise<Project> {
    this.#look += 1;
    const look = this.#look;
    const folder = only(paths).replace(/(?<=.)\/+$/, "");
    const steps = folder.endsWith("/glacier") ? 40 : 1;
    for (let i = 1; i <= steps; i += 1) {
      // eslint-disable-next-line no-await-in-loop -- each step waits for the one before
      await wait(this.clock, 250);
      if (look !== this.#look) throw refuse("cancelled", `The inspection of ${folder} was cancelled.`, "Start it again to see the findings.");
      progress(i < steps / 2 ? { stage: "listing", files: i * 4096 } : { stage: "reading", files: i * 12 });
    }
    const project = this.#project(folder);
    this.#folder = folder;
    return project;
  }

  async projectCancel() {
    this.#look += 1;
  }

  #project(folder: string): Project {
    const overrides = recall(folder);
    return { folder, findings: overridden(inspect(folder), overrides), overrides };
  }

  #inspected(): string {
    if (this.#folder === null) throw refuse("notFound", "No folder is open.", "Drop the folder of a project first.");
    return this.#folder;
  }

  async projectChange(edits: Edit[]): Promise<Project> {
    await wait(this.clock, 150);
    const folder = this.#inspected();
    keep(folder, edited(recall(folder), edits, this.#project(folder).findings.chosen));
    return this.#project(folder);
  }

  async projectForget(): Promise<Project> {
    await wait(this.clock, 150);
    const folder = this.#inspected();
    keep(folder, { project: {}, frontends: {}, backends: {} });
    return this.#project(folder);
  }

  async projectExcerpt(file: string, line: number | null) {
    await wait(this.clock, 60);
    return excerptOf(this.#project(this.#inspected()).findings, file, line);
  }

  async planMake(findings: Findings, choices: Choices | null) {
    await wait(this.clock, 60);
    const plan = makePlan(findings, choices);
    return { ...plan, price: priceOf(plan.inputs.choices, this.#prices) };
  }

  async pricesRefresh(_findings: Findings, choices: Choices) {
    await wait(this.clock, 400);
    const list = listOf(this.#account, choices);
    this.#prices = DAY;
    return list;
  }

  async planQuotes(_findings: Findings, alternatives: Choices[]) {
    await wait(this.clock, 60);
    return alternatives.map((c) => quoteOf(c, this.#prices));
  }

  async planOffers(_findings: Findings, choices: Choices) {
    await wait(this.clock, 60);
    return offersOf(choices, this.#prices);
  }

  planEject: Host["planEject"] = (findings, choices, options) => eject(this.clock, this.#scenario.pick, findings, choices, options);

  #mine(): Map<string, FakeApplication> {
    if (!this.#account) throw refuse("signedOut", "No account is connected.", "Choose the practice account or an AWS profile first.");
    const { target } = this.#account;
    const key = target.kind === "practice" ? "practice" : target.kind === "saved" ? target.id : target.name;
    let applications = this.#applications.get(key);
    if (!applications) this.#applications.set(key, (applications = new Map()));
    return applications;
  }

  #application(app: string): FakeApplication {
    const found = this.#mine().get(app);
    if (!found) throw refuse("notFound", `There is no application \`${app}\` in this account and region.`, "Go back to the list of applications.");
    return found;
  }

  readonly deployers = new FakeDeployers();
  deployerPlan: Host["deployerPlan"] = async (_, choices, deployer) => this.deployers.plan(choices, deployer);
  deployerReview: Host["deployerReview"] = (_, choices, wish) => this.deployers.review(this.clock, this.#connected(), choices, wish);
  deployerMake: Host["deployerMake"] = (app, id, stack) => this.deployers.make(this.clock, this.#connected(), app, id, stack);
  deployerDiscard: Host["deployerDiscard"] = (app, id) => this.deployers.discard(this.clock, app, id);

  async deployerSave(_: Findings, choices: Choices) {
    await wait(this.clock, 100);
    return `${HOME}/Downloads/${choices.app}-deployer.yaml`;
  }

  async deployReview(findings: Findings, choices: Choices): Promise<ReviewView> {
    await wait(this.clock, 700);
    const applications = this.#mine();
    const account = this.#account;
    if (!account) throw refuse("signedOut", "No account is connected.", "Choose the practice account or an AWS profile first.");
    if (choices.app === "fail-review") throw refuse("accessDenied", "`cloudformation:CreateChangeSet` is not allowed for `Deployer/sam`.", "Add the policy of the plan's Policy tab to this role, then try again.");
    const plan = makePlan(findings, choices);
    const update = applications.has(choices.app);
    this.#serial += 1;
    const id = `review-${this.#serial}`;
    this.#reviews.set(id, { findings, choices, account, madeAt: this.clock.now() });
    return {
      id, app: choices.app, account, update, monthly: priceOf(choices, this.#prices).total, previousFailure: update ? deploymentAt(applications.get(choices.app)?.deployment ?? { choices, startedAt: 0, interrupted: true }, this.clock.now()).outcome?.failure ?? null : null,
      changes: resourcesOf("pipeline", choices).filter((r) => !update || r.id === "Pipeline").map((r) => ({ logicalId: r.id, resourceType: r.type, description: r.description, action: update ? "modify" as const : "add" as const, properties: update ? ["Triggers", "Stages"] : [] })),
      later: plan.stacks.filter((s) => s.role === "base" || s.role === "service").map((s) => ({ role: s.role, name: s.name, resources: s.resources.length })),
      connection: this.#connection(id),
      edge: this.#edgeReview(choices, applications.get(choices.app)?.deployment.choices ?? null),
    };
  }

  /** What comes is made first; what goes, goes after the release. */
  #edgeReview(next: Choices, running: Choices | null): EdgeReview | null {
    const [wanted, there] = [edgeResources(next), running ? edgeResources(running) : []];
    const row = (action: "add" | "remove") => (x: { id: string; type: string; description: string }) => ({ logicalId: x.id, resourceType: x.type, description: x.description, action, properties: [] });
    const added = wanted.filter((x) => !there.some((t) => t.id === x.id)).map(row("add"));
    const removed = there.filter((t) => !wanted.some((x) => x.id === t.id)).map(row("remove"));
    if (added.length + removed.length === 0) return null;
    return { name: `${next.app}-edge`, region: "us-east-1", changes: [...added, ...removed], afterRelease: added.length === 0, waitsForDns: next.domain?.dns.kind === "outside" && added.some((x) => x.logicalId === "Certificate") };
  }

  /** GitHub is connected; any other source host is confirmed in the console ten seconds after the review was made. */
  #connection(id: string): ConnectionView {
    const { choices, account, madeAt } = this.#review(id);
    const available = account.practice || choices.provider === "gitHub" || this.clock.now() - madeAt > 10_000;
    return { name: `zonke-${choices.provider.toLowerCase()}`, available, consoleUrl: `https://${account.region}.console.aws.amazon.com/codesuite/settings/connections` };
  }

  #review(id: string) {
    const review = this.#reviews.get(id);
    if (!review) throw refuse("notFound", "This review is no longer there.", "Review the plan again.");
    return review;
  }

  async deployConnection(id: string) {
    await wait(this.clock, 80);
    return this.#connection(id);
  }

  async deployExecute(id: string) {
    await this.accounts.ready(this.#profile());
    await wait(this.clock, 300);
    const review = this.#review(id);
    if (!this.#connection(id).available) throw refuse("conflict", "The connection to the source host is not confirmed yet.", "Confirm it in the AWS console, then deploy.", true);
    this.#reviews.delete(id);
    const applications = this.#mine();
    const { choices, findings } = review;
    const existing = applications.get(choices.app);
    if (existing) return existing.redeploy(this.clock.now());
    const backend = findings.backends.find((b) => b.path === findings.chosen.backend);
    const keys = backend?.envVars.filter((v) => v.secret && v.name !== backend.prisma?.urlEnv).map((v) => v.name) ?? [];
    applications.set(choices.app, new FakeApplication(choices, { choices, startedAt: this.clock.now(), interrupted: choices.app === "interrupted" }, keys));
  }

  async deployDiscard(id: string) {
    await wait(this.clock, 100);
    this.#reviews.delete(id);
  }

  /** Name under which the connected profile's need would stand. */
  #profile(): string {
    const target = this.#account?.target;
    return target?.kind === "saved" ? target.id : target?.kind === "profile" ? `aws:${target.name}` : "practice";
  }

  async applicationList() {
    await this.accounts.ready(this.#profile());
    await wait(this.clock, 200);
    const now = this.clock.now();
    return [...this.#mine().values()].map((a) => a.summary(now));
  }

  async applicationEject(app: string, options: EjectOptions) {
    const { choices, interrupted } = this.#application(app).deployment;
    if (interrupted) throw refuse("conflict", `The infrastructure of \`${app}\` was not uploaded yet.`, "Deploy the application again; it goes on from here.");
    return eject(this.clock, this.#scenario.pick, inspect(`${HOME}/projects/guestbook`), { ...choices, repository: choices.repository ?? "sam/guestbook" }, options);
  }

  /** Polls `read`; sends the first answer whole and afterwards what `diff` makes of it. */
  #watch<S, D>(app: string, read: (application: FakeApplication) => S, diff: (before: S, after: S) => D | null, listener: Listener<S, D>): Unsubscribe {
    let seq = 0;
    let before: S | null = null;
    let stop: () => void = () => {};
    let cancelled = false;
    const send = (body: UpdateBody<S, D>, at = this.clock.now()) => {
      const update: Update<S, D> = { seq, at, body };
      seq += 1;
      listener.update(structuredClone(update));
    };
    const poll = async () => {
      if (cancelled) return;
      try {
        // As in the core, a question to AWS waits while nobody is signed in.
        await this.accounts.ready(this.#profile());
        if (cancelled) return;
        const after = structuredClone(read(this.#application(app)));
        if (app === "throttled" && seq === 1) {
          send({ type: "trouble", data: { message: "AWS answers more slowly than usual (throttling).", hint: "The app asks again by itself.", retryInSeconds: 8, signedOut: false } }, this.clock.now() - 8000);
          stop = this.clock.after(8000, () => void poll());
          return;
        }
        if (before === null) send({ type: "snapshot", data: after });
        else {
          const delta = diff(before, after);
          send(delta === null ? { type: "fresh" } : { type: "delta", data: delta });
        }
        before = after;
        stop = this.clock.after(POLL, () => void poll());
      } catch (thrown) {
        listener.failed(HostError.from(thrown));
      }
    };
    stop = this.clock.after(80, () => void poll());
    return () => {
      cancelled = true;
      stop();
    };
  }

  deploymentWatch: Host["deploymentWatch"] = (app, listener) => this.#watch(app, (a) => deploymentAt(a.deployment, this.clock.now()), deploymentDelta, listener);
  pipelineWatch: Host["pipelineWatch"] = (app, listener) => this.#watch(app, (a) => a.pipeline(this.clock.now()), changed, listener);
  serversWatch: Host["serversWatch"] = (app, listener) => this.#watch(app, (a) => a.servers(this.clock.now()), changed, listener);
  secretsWatch: Host["secretsWatch"] = (app, listener) => this.#watch(app, (a) => a.secrets(this.clock.now()), changed, listener);

  async pipelineStart(app: string) {
    await wait(this.clock, 250);
    const application = this.#application(app);
    if (application.pipelineBusy(this.clock.now())) throw refuse("conflict", "A run is going on already.", "Wait until it ends; it releases the latest commit.");
    application.startPipeline(this.clock.now());
  }

  async serversScale(app: string, min: number, max: number) {
    await wait(this.clock, 400);
    const application = this.#application(app);
    if (max > 50) throw refuse("invalidInput", `${max} servers are more than this account may run.`, "Ask AWS for a higher Fargate quota, or stay at 50.");
    application.scale(min, max, this.clock.now());
  }

  async secretPut(app: string, key: string, value: string) {
    await wait(this.clock, 400);
    const application = this.#application(app);
    if (key === "DENIED") throw refuse("accessDenied", `\`secretsmanager:PutSecretValue\` is not allowed on \`${app}/app\`.`, "Add the policy of the plan's Policy tab to this role, then try again.");
    if (value === "") throw refuse("invalidInput", "The value is empty.", "Type a value, or delete the secret.");
    application.putSecret(key, this.clock.now());
  }

  async secretDelete(app: string, key: string) {
    await wait(this.clock, 400);
    const application = this.#application(app);
    if (!application.hasKey(key)) throw refuse("notFound", `There is no secret \`${key}\`.`, "Reload the list.");
    application.deleteSecret(key, this.clock.now());
  }

  onFolderDrop(listener: (drop: FolderDrop) => void): Unsubscribe {
    this.#dropListeners.add(listener);
    return () => void this.#dropListeners.delete(listener);
  }

  /** Lets something be dragged over the fake window. */
  drag(drop: FolderDrop): void {
    for (const listener of this.#dropListeners) listener(drop);
  }

  async copyText(text: string) {
    this.copied.push(text);
  }
}

const changed = <S>(before: S, after: S): S | null => (JSON.stringify(before) === JSON.stringify(after) ? null : after);
