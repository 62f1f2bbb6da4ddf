import type { Choices, DeploymentDelta, DeploymentPhase, DeploymentView, DnsRecord, Failure, ResourceRow, StackRole, StackView, StepView, WorkState } from "../bindings.gen.ts";
import { edgeResources, type FakeResource, resourcesOf } from "./resources.ts";

/** Seconds after which each part of a deployment begins and ends, from the moment the change set was executed. */
type Span = { from: number; to: number };

export type Deployment = {
  choices: Choices;
  /** When the change set was executed, or when the upload went on after an interruption. */
  startedAt: number;
  /** Whether the files for the pipeline were never uploaded. */
  interrupted: boolean;
};

const end = (resources: FakeResource[]) => Math.max(...resources.map((r) => r.to));

/** Whether this deployment is one that fails at its database. */
const fails = (c: Choices) => c.app === "fail-database" && c.database !== "none";

function spans(c: Choices): Record<"edge" | "pipeline" | "source" | "build" | "base" | "migrate" | "service" | "publish", Span> {
  const after = (span: Span, length: number): Span => ({ from: span.to, to: span.to + length });
  // With DNS elsewhere a person enters the records meanwhile.
  const edge = { from: 0, to: Math.max(0, ...edgeResources(c).map((r) => r.to)) };
  const pipeline = after(edge, end(resourcesOf("pipeline", c)));
  const source = after(pipeline, 2);
  const build = after(source, 9);
  const base = after(build, end(resourcesOf("base", c)) + 1);
  const migrate = after(base, c.database === "none" ? 0 : 4);
  const service = after(migrate, end(resourcesOf("service", c)) + 1);
  return { edge, pipeline, source, build, base, migrate, service, publish: after(service, 3) };
}

/** How long a deployment takes, in seconds. */
export const duration = (c: Choices): number => spans(c).publish.to;

const FAILED_AT = 24;
const ROLLED_BACK_AFTER = 12;

const failure: Failure = {
  what: "Database", resourceType: "AWS::RDS::DBInstance",
  reason: "Cannot create instance: DBInstance class db.t4g.micro is not available in the zones of this subnet group. (Service: Rds, Status Code: 400)",
  meaning: "AWS has no machine of this size left in the two zones that were chosen.",
  fix: "Deploy again in another region, or wait an hour and deploy again here. Nothing is left over from this attempt in the base stack.",
};

function row(stack: StackRole, resource: FakeResource, at: number, origin: number, failing: boolean): ResourceRow | null {
  const local = at;
  if (local < resource.from) return null;
  const base = { stack, logicalId: resource.id, resourceType: resource.type, description: resource.description, startedAt: origin + resource.from * 1000, reason: null };
  const done = (status: string, state: WorkState, to: number, reason: string | null = null): ResourceRow => ({ ...base, status, state, reason, endedAt: origin + to * 1000 });
  const going = (status: string, state: WorkState): ResourceRow => ({ ...base, status, state, endedAt: null });
  if (failing && local >= FAILED_AT) {
    if (resource.from >= FAILED_AT) return null;
    if (resource.id === "Database") return done("CREATE_FAILED", "failed", FAILED_AT, failure.reason);
    if (resource.to > FAILED_AT) return done("CREATE_FAILED", "failed", FAILED_AT, "Resource creation cancelled");
    // Undone in the reverse order of creation.
    const undoing = FAILED_AT + 1 + (ROLLED_BACK_AFTER - 2) * (1 - resource.from / FAILED_AT);
    if (local >= undoing) return done("DELETE_COMPLETE", "rolledBack", undoing);
    if (local >= undoing - 2) return going("DELETE_IN_PROGRESS", "rolledBack");
    return done("CREATE_COMPLETE", "succeeded", resource.to);
  }
  return local >= resource.to ? done("CREATE_COMPLETE", "succeeded", resource.to) : going("CREATE_IN_PROGRESS", "running");
}

function stack(role: StackRole, c: Choices, span: Span, elapsed: number, origin: number): StackView | null {
  if (elapsed < span.from) return null;
  const failing = role === "base" && fails(c);
  const local = elapsed - span.from;
  const resources = resourcesOf(role, c)
    .map((resource) => row(role, resource, local, origin + span.from * 1000, failing))
    .filter((r) => r !== null)
    .toSorted((a, b) => a.startedAt - b.startedAt);
  const [status, state]: [string, WorkState] =
    failing && local >= FAILED_AT + ROLLED_BACK_AFTER ? ["ROLLBACK_COMPLETE", "failed"]
    : failing && local >= FAILED_AT ? ["ROLLBACK_IN_PROGRESS", "rolledBack"]
    : elapsed >= span.to ? ["CREATE_COMPLETE", "succeeded"]
    : ["CREATE_IN_PROGRESS", "running"];
  return { role, name: `${c.app}-${role}`, status, state, resources };
}

/** The records that prove a domain whose DNS is elsewhere. */
const proof = (c: Choices): DnsRecord[] =>
  c.domain?.dns.kind === "outside" ? [c.domain.name, ...(c.domain.www ? [`www.${c.domain.name}`] : [])].map((name) => ({ name: `_3f1c9ab27d5e4f0a8b6c.${name}`, kind: "CNAME", value: "_9d2b7e41c0f84a5f.xlfgrmvvlj.acm-validations.aws", seen: false })) : [];

/** What AWS would say about this deployment at a moment. */
export function deploymentAt(d: Deployment, now: number): DeploymentView {
  const c = d.choices;
  const s = spans(c);
  const elapsed = d.interrupted ? s.pipeline.to : (now - d.startedAt) / 1000;
  const failedAt = fails(c) ? s.base.from + FAILED_AT : Infinity;
  const over = fails(c) ? failedAt + ROLLED_BACK_AFTER : s.publish.to;
  const phase: DeploymentPhase = d.interrupted ? "interrupted" : elapsed < over ? "running" : fails(c) ? "failed" : "succeeded";

  const step = (id: string, title: string, span: Span, going: string, done: string): StepView => {
    if (span.from >= failedAt || (span.to > failedAt && elapsed < failedAt && elapsed < span.from)) {
      return { id, title, state: elapsed >= failedAt ? "skipped" : "waiting", detail: "", records: [] };
    }
    if (id === "stage:Base" && elapsed >= failedAt) return { id, title, state: "failed", detail: elapsed >= over ? "Rolled back" : "Rolling back", records: [] };
    if (elapsed >= span.to && !(d.interrupted && !["edgeStack", "pipelineStack"].includes(id))) return { id, title, state: "succeeded", detail: done, records: [] };
    if (elapsed >= span.from && !d.interrupted) return { id, title, state: "running", detail: going, records: id === "edgeStack" ? proof(c) : [] };
    return { id, title, state: "waiting", detail: d.interrupted && id === "stage:Source" ? "The files for the pipeline are not uploaded yet" : "", records: [] };
  };
  const steps = [
    ...(edgeResources(c).length === 0 ? [] : [step("edgeStack", c.domain ? `Get a certificate for ${c.domain.name}` : "Set up the web firewall", s.edge, c.domain?.dns.kind === "outside" ? "AWS issues the certificate when it sees the records below. Enter them at your DNS provider; AWS looks every few minutes for 72 hours, and this goes on by itself, also while the app is closed." : "", "")]),
    step("pipelineStack", "Build the pipeline", s.pipeline, "CloudFormation creates the pipeline stack", "Pipeline stack complete"),
    step("stage:Source", "Fetch the source", s.source, `Reading ${c.repository ?? "the repository"}, branch ${c.branch}`, `Commit 4f1c9ab of ${c.branch}`),
    step("stage:Build", "Build the API and the front end", s.build, "Two builds run side by side", "Image and files are ready"),
    step("stage:Base", "Build the network, the edge and the data", s.base, "CloudFormation creates the base stack", "Base stack complete"),
    ...(c.database === "none" ? [] : [step("stage:Migrate", "Migrate the database", s.migrate, "2 migrations to apply", "2 migrations applied")]),
    step("stage:Service", "Start the servers", s.service, "Waiting for healthy servers", "Servers are healthy"),
    step("stage:Publish", "Publish the front end", s.publish, "Uploading files", "28 files uploaded"),
  ];
  const stacks = (["edge", "pipeline", "base", "service"] as const)
    .filter((role) => resourcesOf(role, c).length > 0)
    .map((role) => (d.interrupted && role !== "pipeline" && role !== "edge" ? null : stack(role, c, s[role], fails(c) && role === "service" ? -1 : elapsed, d.startedAt)))
    .filter((x) => x !== null);

  const outcome = phase === "succeeded"
    ? { sentence: `${c.app} is running.`, hint: `Push to ${c.branch} to release the next version.`, siteUrl: `https://d3kq81z0${c.app.length}xyz.cloudfront.net`, failure: null }
    : phase === "failed"
      ? { sentence: "The database could not be created; the base stack was rolled back.", hint: failure.fix, siteUrl: null, failure }
      : null;
  return { app: c.app, phase, steps, stacks, outcome };
}

/** The difference between two moments, as AWS's watcher would send it; nothing when nothing changed. */
export function deploymentDelta(before: DeploymentView, after: DeploymentView): DeploymentDelta | null {
  if (JSON.stringify(before) === JSON.stringify(after)) return null;
  const stacks = after.stacks.flatMap((next) => {
    const old = before.stacks.find((s) => s.role === next.role);
    const resources = next.resources.filter((r) => JSON.stringify(r) !== JSON.stringify(old?.resources.find((o) => o.logicalId === r.logicalId)));
    return old && resources.length === 0 && old.status === next.status ? [] : [{ ...next, resources }];
  });
  return { phase: after.phase, steps: after.steps, stacks, outcome: after.outcome };
}
