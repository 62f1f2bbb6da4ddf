import type { AuditEntry, AuditFilter, AuditPage } from "../bindings.gen.ts";
import { type Clock, wait } from "./clock.ts";
import { HOME } from "./projects.ts";
import { refuse } from "./refuse.ts";

const kinds: [service: string, operation: string, resource: string | null, changes: boolean][] = [
  ["STS", "GetCallerIdentity", null, false], ["CloudFormation", "DescribeStacks", "ledger-pipeline", false], ["CloudFormation", "DescribeStackEvents", "ledger-base", false],
  ["CodePipeline", "GetPipelineState", "ledger", false], ["ECS", "DescribeServices", "ledger", false], ["Secrets Manager", "PutSecretValue", "ledger/app", true],
  ["CloudFormation", "CreateChangeSet", "ledger-pipeline", true], ["S3", "PutObject", "ledger-artifacts/infra/infra.zip", true],
];
const PROFILES = ["work", "acme-dev", "acme-production"];

/** The audit log of the fake app: `count` calls, one every nine seconds, the newest now. */
export class FakeAudit {
  readonly #clock: Clock;
  readonly #count: number;

  constructor(clock: Clock, count: number) {
    this.#clock = clock;
    this.#count = count;
  }

  #entry(i: number, now: number): AuditEntry & { changes: boolean } {
    const [service, operation, resource, changes] = kinds[i % kinds.length] ?? ["STS", "GetCallerIdentity", null, false];
    const result = i % 37 === 5 ? "ThrottlingException" : i % 53 === 6 ? "AccessDenied" : i % 211 === 7 ? "no answer" : "ok";
    const profile = PROFILES[(i >> 5) % PROFILES.length] ?? "work";
    const requestId = result === "no answer" ? null : `${(i * 2_654_435_761 % 4_294_967_296).toString(16).padStart(8, "0")}-5b52-4d0e-9a3c-${i.toString(16).padStart(12, "0")}`;
    return { time: new Date(now - i * 9_000).toISOString(), profile, service, operation, resource, requestId, result, changes };
  }

  async page(filter: AuditFilter, skip: number, limit: number): Promise<AuditPage> {
    await wait(this.#clock, 80);
    if (this.#count < 0) throw refuse("failed", "The log could not be read or written: permission denied.", "Check that the app's folder may be read and that there is room where you save.");
    const now = this.#clock.now();
    const text = filter.text?.trim().toLowerCase() ?? "";
    const matches: AuditEntry[] = [];
    for (let i = 0; i < this.#count; i += 1) {
      const { changes, ...entry } = this.#entry(i, now);
      const said = [entry.operation, entry.resource ?? "", entry.requestId ?? "", entry.result].join("\n").toLowerCase();
      if ((!filter.profile || filter.profile === entry.profile) && (!filter.service || filter.service === entry.service) && (!filter.failed || entry.result !== "ok") && (!filter.changes || changes) && said.includes(text)) matches.push(entry);
    }
    const some = this.#count > 0;
    return { entries: matches.slice(skip, skip + limit), total: matches.length, profiles: some ? PROFILES.toSorted() : [], services: some ? [...new Set(kinds.map(([service]) => service))].toSorted() : [] };
  }

  async export(): Promise<string | null> {
    await wait(this.#clock, 200);
    return `${HOME}/zonke-audit.jsonl`;
  }
}
