import { beforeEach, describe, expect, it } from "vitest";
import { HostError } from "../host.ts";
import type { DeploymentDelta, DeploymentView, SecretsView, ServersView, Update } from "../bindings.gen.ts";
import { mergeDeployment } from "../../features/deploy/merge.ts";
import { FakeBackend } from "./backend.ts";
import { ManualClock } from "./clock.ts";
import { suggested } from "./planner.ts";
import { inspect } from "./projects.ts";

let clock: ManualClock;
let backend: FakeBackend;

/** Lets time pass until the promise settles. */
async function settled<T>(promise: Promise<T>): Promise<T> {
  const state = { done: false };
  const mark = () => {
    state.done = true;
  };
  promise.then(mark, mark);
  // eslint-disable-next-line no-await-in-loop -- each step waits for the one before
  for (let i = 0; i < 200 && !state.done; i += 1) await clock.advance(50);
  return promise;
}

async function deploy(app: string, extra: Partial<ReturnType<typeof suggested>> = {}): Promise<void> {
  const findings = inspect("/home/sam/projects/guestbook");
  await settled(backend.accountConnect({ kind: "profile", name: "work", region: null }));
  const review = await settled(backend.deployReview(findings, { ...suggested(findings), app, ...extra }));
  await settled(backend.deployExecute(review.id));
}

function watchDeployment(app: string) {
  const updates: Update<DeploymentView, DeploymentDelta>[] = [];
  const stop = backend.deploymentWatch(app, { update: (u) => updates.push(u), failed: (error) => { throw error; } });
  const view = () => updates.reduce<DeploymentView | null>((state, { body }) => (body.type === "snapshot" ? body.data : body.type === "delta" && state ? mergeDeployment(state, body.data) : state), null);
  return { updates, stop, view };
}

beforeEach(() => {
  clock = new ManualClock();
  backend = new FakeBackend(clock);
});

describe("a deployment", () => {
  it("starts with a snapshot, counts its messages and ends with all three stacks complete", async () => {
    await deploy("shop");
    const watch = watchDeployment("shop");
    await clock.advance(120_000);
    expect(watch.updates[0]?.body.type).toBe("snapshot");
    expect(watch.updates.map((u) => u.seq)).toEqual(watch.updates.map((_, i) => i));
    expect(watch.view()?.phase).toBe("succeeded");
    expect(watch.view()?.stacks.map((s) => [s.role, s.status])).toEqual([["pipeline", "CREATE_COMPLETE"], ["base", "CREATE_COMPLETE"], ["service", "CREATE_COMPLETE"]]);
    expect(watch.view()?.outcome?.siteUrl).toMatch(/^https:/);
  });

  it("looks the same through deltas as to someone who comes late", async () => {
    await deploy("shop");
    const early = watchDeployment("shop");
    await clock.advance(40_000);
    const late = watchDeployment("shop");
    await clock.advance(1_000);
    expect(early.view()).toEqual(late.view());
    expect(early.view()?.phase).toBe("running");
  });

  it("with a failing database names it first, rolls the base stack back and leaves no service", async () => {
    await deploy("fail-database");
    const watch = watchDeployment("fail-database");
    await clock.advance(120_000);
    const view = watch.view();
    expect(view?.phase).toBe("failed");
    expect(view?.outcome?.failure?.what).toBe("Database");
    expect(view?.stacks.find((s) => s.role === "base")?.status).toBe("ROLLBACK_COMPLETE");
    expect(view?.stacks.some((s) => s.role === "service")).toBe(false);
    expect(view?.steps.filter((s) => s.state === "skipped").map((s) => s.id)).toEqual(["stage:Migrate", "stage:Service", "stage:Publish"]);
  });

  it("stops asking when nobody watches any more", async () => {
    await deploy("shop");
    const watch = watchDeployment("shop");
    await clock.advance(5_000);
    watch.stop();
    const count = watch.updates.length;
    await clock.advance(60_000);
    expect(watch.updates).toHaveLength(count);
  });
});

describe("operating", () => {
  async function latest<S>(watch: (update: (u: Update<S, S>) => void) => () => void, ms: number): Promise<S> {
    let state: S | null = null;
    const stop = watch(({ body }) => {
      if (body.type === "snapshot" || body.type === "delta") state = body.data;
    });
    await clock.advance(ms);
    stop();
    if (state === null) throw new Error("no message came");
    return state;
  }
  const servers = (ms = 3000) => latest<ServersView>((update) => backend.serversWatch("shop", { update, failed: () => {} }), ms);
  const secrets = (ms = 3000) => latest<SecretsView>((update) => backend.secretsWatch("shop", { update, failed: () => {} }), ms);

  it("scales up and down to what was asked", async () => {
    await deploy("shop");
    await clock.advance(120_000);
    expect((await servers(10_000)).running).toBe(1);
    await settled(backend.serversScale("shop", 3, 3));
    expect(await servers(1_000)).toMatchObject({ desired: 3, running: 1, pending: 2 });
    expect((await servers(10_000)).running).toBe(3);
    await settled(backend.serversScale("shop", 1, 1));
    expect((await servers(3_000)).running).toBe(1);
  });

  it("replaces the servers after a secret has changed and says when they are current", async () => {
    await deploy("shop");
    await clock.advance(120_000);
    const before = (await servers(10_000)).tasks.find((t) => t.status === "RUNNING");
    await settled(backend.secretPut("shop", "STRIPE_KEY", "canary"));
    const during = await secrets(1_000);
    expect(during.serversCurrent).toBe(false);
    expect(during.keys).toContainEqual({ name: "STRIPE_KEY", managed: false, injected: false });
    const after = await secrets(15_000);
    expect(after.serversCurrent).toBe(true);
    expect(JSON.stringify(after)).not.toContain("canary");
    const tasks = (await servers(3_000)).tasks;
    expect(tasks.find((t) => t.id === before?.id)?.status ?? "gone").not.toBe("RUNNING");
    await settled(backend.secretDelete("shop", "STRIPE_KEY"));
    expect((await secrets(1_000)).keys.map((k) => k.name)).toEqual(["DATABASE_URL", "JWT_SECRET"]);
  });
});

describe("refusals", () => {
  it("carry a code and what to do next", async () => {
    const refused: Promise<unknown>[] = [
      backend.applicationList(),
      backend.accountConnect({ kind: "profile", name: "root", region: null }),
      backend.accountConnect({ kind: "practice" }),
      backend.projectInspect(["/home/sam/projects/nowhere"], () => {}),
      new FakeBackend(clock, { python: false }).practiceStart(() => {}),
    ];
    const errors = await Promise.all(refused.map((p) => settled(p).then(() => null, (e: unknown) => e)));
    expect(errors.map((e) => (e instanceof HostError ? e.code : e))).toEqual(["signedOut", "rootRefused", "practiceUnavailable", "invalidInput", "practiceUnavailable"]);
    // The importer says what to do next in the same sentence.
    for (const error of errors) expect((error as HostError).hint || (error as HostError).message).toMatch(/\..*\.$|^[^.]+\.$/);
  });
});
