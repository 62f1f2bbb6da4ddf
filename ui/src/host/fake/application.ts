import type { ActionView, ApplicationSummary, Choices, ExecutionView, PipelineView, SecretsView, ServersView, StageView, TaskView, WorkState } from "../bindings.gen.ts";
import { type Deployment, deploymentAt } from "./deployment.ts";

const START = 4000;
const ROLLOUT = 9000;

type Server = { id: string; zone: string; since: number; revision: number; stoppedAt: number | null; reason: string | null };
type Run = { id: string; trigger: string; commit: string; message: string; startedAt: number };

/** One application of a fake account, moved forward by time alone. */
export class FakeApplication {
  readonly choices: Choices;
  deployment: Deployment;
  #min: number;
  #max: number;
  #revision = 1;
  #servers: Server[] = [];
  #events: { at: number; message: string }[] = [];
  #runs: Run[] = [];
  #keys: string[];
  #secretVersion = 1;
  #secretChangedAt: number | null = null;
  /** When the servers take over the newest secret version. */
  #currentAt = 0;
  #serial = 0;
  /** Names that the service does not know before its next version. */
  #fresh = new Set<string>();

  constructor(choices: Choices, deployment: Deployment, keys: string[]) {
    this.choices = choices;
    this.deployment = deployment;
    this.#min = choices.servers.min;
    this.#max = choices.servers.max;
    this.#keys = keys;
    this.#runs.push({ id: "8d1f2c34-run-1", trigger: "Created by the deployment", commit: "4f1c9ab", message: "Greet visitors by name", startedAt: deployment.startedAt });
  }

  /** Deploys again: after a success this is an update without changes, after an interruption it goes on. */
  redeploy(now: number): void {
    const pipelineDone = this.deployment.interrupted ? 9000 : 0;
    this.deployment = { choices: this.choices, startedAt: now - pipelineDone, interrupted: false };
  }

  summary(now: number): ApplicationSummary {
    const view = deploymentAt(this.deployment, now);
    const state: WorkState = view.phase === "running" ? "running" : view.phase === "failed" ? "failed" : view.phase === "interrupted" ? "waiting" : "succeeded";
    return { app: this.choices.app, region: this.choices.region, status: view.stacks[0]?.status ?? "CREATE_IN_PROGRESS", state, siteUrl: view.outcome?.siteUrl ?? null };
  }

  pipeline(now: number): PipelineView {
    const latest = this.#runs.at(-1);
    const deployed = deploymentAt(this.deployment, now);
    const age = latest ? (now - latest.startedAt) / 1000 : 0;
    const again = this.#runs.length > 1;
    const lengths = [2, 9, 5, ...(this.choices.database === "none" ? [] : [3]), 9, 3];
    const stageNames = deployed.steps.filter((s) => s.id.startsWith("stage:"));
    let from = 0;
    const stages = stageNames.map((step, i): StageView => {
      const span = { from, to: from + (lengths[i] ?? 3) };
      from = span.to;
      const state: WorkState = again ? (age >= span.to ? "succeeded" : age >= span.from ? "running" : "waiting") : step.state;
      return { name: step.id.slice("stage:".length), state: again && state === "waiting" ? "succeeded" : state, outdated: again && state === "waiting", actions: this.#actions(step.id, state === "waiting" && again ? "succeeded" : state, (latest?.startedAt ?? now) + span.from * 1000, step.detail) };
    });
    const runState = (run: Run): WorkState => {
      if (run !== latest) return "succeeded";
      if (again) return age >= from ? "succeeded" : "running";
      return deployed.phase === "succeeded" ? "succeeded" : deployed.phase === "failed" ? "failed" : "running";
    };
    const history = this.#runs.toReversed().map((run): ExecutionView => ({ id: run.id, state: runState(run), trigger: run.trigger, commit: run.commit, message: run.message, startedAt: run.startedAt, updatedAt: Math.min(now, run.startedAt + 60_000) }));
    return { name: `${this.choices.app}-pipeline`, execution: history[0] ?? null, stages, history };
  }

  #actions(stage: string, state: WorkState, at: number, detail: string): ActionView[] {
    const action = (name: string, description: string, text: string | null = null): ActionView => ({ name, description, state, detail: state === "failed" ? "The stack was rolled back: Database could not be created." : text, updatedAt: state === "waiting" ? null : at });
    switch (stage) {
      case "stage:Source": return [action("Repository", `Fetches ${this.choices.repository ?? "the repository"}`, detail || null), action("Infrastructure", "Fetches the templates from the bucket")];
      case "stage:Build": return [action("Api", "Builds the API into an image"), action("Ui", "Builds the front end")];
      case "stage:Migrate": return [action("Migrate", "Applies the Prisma migrations", detail || null)];
      case "stage:Publish": return [action("Upload", "Uploads the front end"), action("Invalidate", "Tells CloudFront to fetch anew")];
      default: return [action("Deploy", "CloudFormation applies the template", detail || null)];
    }
  }

  startPipeline(now: number): void {
    this.#runs.push({ id: `8d1f2c34-run-${this.#runs.length + 1}`, trigger: "Started by hand", commit: "4f1c9ab", message: "Greet visitors by name", startedAt: now });
  }

  pipelineBusy(now: number): boolean {
    return this.pipeline(now).execution?.state === "running";
  }

  #settle(now: number): void {
    const view = deploymentAt(this.deployment, now);
    const ready = view.steps.find((s) => s.id === "stage:Service");
    if (!ready || (ready.state !== "succeeded" && ready.state !== "running")) return;
    const alive = () => this.#servers.filter((s) => s.stoppedAt === null && s.revision === this.#revision);
    while (alive().length < this.#min) this.#start(now);
    for (const extra of alive().slice(this.#max)) this.#stop(extra, now, "Scaling activity initiated by the service");
    if (now >= this.#currentAt) {
      for (const old of this.#servers.filter((s) => s.stoppedAt === null && s.revision !== this.#revision)) this.#stop(old, now, "Replaced by a newer revision");
    }
  }

  #start(now: number): void {
    this.#serial += 1;
    const id = (0x5e1d0a31 + this.#serial * 0x01f3a7).toString(16);
    this.#servers.push({ id, zone: `${this.choices.region}${this.#serial % 2 === 1 ? "a" : "b"}`, since: now, revision: this.#revision, stoppedAt: null, reason: null });
    this.#events.unshift({ at: now, message: `(service ${this.choices.app}-api) has started 1 tasks: (task ${id}).` });
  }

  #stop(server: Server, now: number, reason: string): void {
    server.stoppedAt = now;
    server.reason = reason;
    this.#events.unshift({ at: now, message: `(service ${this.choices.app}-api) has stopped 1 running tasks: (task ${server.id}).` });
  }

  servers(now: number): ServersView {
    this.#settle(now);
    const family = `${this.choices.app}-api`;
    const alive = this.#servers.filter((s) => s.stoppedAt === null);
    const up = (s: Server) => now - s.since >= START;
    const running = alive.filter(up);
    const task = (s: Server): TaskView => ({
      id: s.id, status: s.stoppedAt !== null ? "STOPPED" : up(s) ? "RUNNING" : "PENDING", health: s.stoppedAt !== null || !up(s) ? "UNKNOWN" : "HEALTHY",
      zone: s.zone, taskDefinition: `${family}:${s.revision}`, startedAt: up(s) ? s.since + START : null, stoppedReason: s.reason,
    });
    const stopped = this.#servers.filter((s) => s.stoppedAt !== null && now - s.stoppedAt < 60_000).slice(-5);
    const current = alive.filter((s) => s.revision === this.#revision);
    const old = alive.filter((s) => s.revision !== this.#revision);
    const desired = Math.min(Math.max(current.length, this.#min), this.#max);
    const rolling = old.length > 0 || running.filter((s) => s.revision === this.#revision).length < desired;
    return {
      cluster: this.choices.app, service: family, launch: this.choices.launch === "ec2" ? "EC2 machines" : "Fargate", desired, running: running.length, pending: alive.length - running.length, min: this.#min, max: this.#max,
      rollouts: [
        { taskDefinition: `${family}:${this.#revision}`, status: "PRIMARY", state: rolling ? "running" as const : "succeeded" as const, desired, running: running.filter((s) => s.revision === this.#revision).length, failed: 0 },
        ...(old.length > 0 ? [{ taskDefinition: `${family}:${this.#revision - 1}`, status: "ACTIVE", state: "running" as const, desired: 0, running: old.length, failed: 0 }] : []),
      ],
      tasks: [...alive.map(task), ...stopped.map(task)],
      events: this.#events.slice(0, 20),
    };
  }

  scale(min: number, max: number, now: number): void {
    this.#min = min;
    this.#max = max;
    this.#events.unshift({ at: now, message: `Scaling range set to ${min}–${max}.` });
    this.#settle(now);
  }

  secrets(now: number): SecretsView {
    const managed = this.choices.database === "none" ? [] : ["DATABASE_URL"];
    const keys = [...this.#keys.map((name) => ({ name, managed: false, injected: now >= this.#currentAt || !this.#fresh.has(name) })), ...managed.map((name) => ({ name, managed: true, injected: true }))];
    return {
      secretName: `${this.choices.app}/app`, version: `v${this.#secretVersion}-6f2e91`, changedAt: this.#secretChangedAt,
      keys: keys.toSorted((a, b) => a.name.localeCompare(b.name)), serversCurrent: now >= this.#currentAt,
    };
  }

  hasKey = (key: string): boolean => this.#keys.includes(key);

  putSecret(key: string, now: number): void {
    if (now >= this.#currentAt) this.#fresh.clear();
    if (!this.#keys.includes(key)) {
      this.#keys.push(key);
      this.#fresh.add(key);
    }
    this.#secretsChanged(now);
  }

  deleteSecret(key: string, now: number): void {
    this.#keys = this.#keys.filter((k) => k !== key);
    this.#secretsChanged(now);
  }

  #secretsChanged(now: number): void {
    this.#settle(now);
    this.#secretVersion += 1;
    this.#secretChangedAt = now;
    this.#revision += 1;
    this.#currentAt = now + ROLLOUT;
    this.#events.unshift({ at: now, message: `(service ${this.choices.app}-api) (deployment ecs-svc/${this.#revision}) started.` });
    this.#settle(now);
  }
}
