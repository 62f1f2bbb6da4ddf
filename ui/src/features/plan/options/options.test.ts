import { expect, test } from "vitest";
import type { Quote } from "../../../host/index.ts";
import { type Complete, complete } from "./complete.ts";
import { concerns, groupOf, groups } from "./groups.ts";
import { alternatives, effect, excluded, type Quotes, unfilled } from "./option.ts";

const plain: Complete = complete({ app: "shop", region: "eu-west-1", branch: "main", repository: null, provider: "gitHub", database: "postgres", launch: "fargate", cpu: "arm64", origin: "publicAlb", servers: { cpuUnits: 512, memoryMib: 1024, min: 1, max: 1 } });
const full: Complete = { ...plain, network: { vpcId: "vpc-1", publicSubnets: ["subnet-1"], privateSubnets: ["subnet-2"], isolatedSubnets: ["subnet-3"] }, databaseOptions: { ...plain.databaseOptions, aurora: { minAcu: 0, maxAcu: 4, pauseMinutes: 10 } }, machine: "small", environment: "staging", domain: { name: "example.com", www: true, dns: { kind: "route53", zoneId: "Z1" } }, webFirewall: { requestsPerFiveMinutes: 9 }, rollout: { kind: "blueGreen", bakeMinutes: 1 }, uiConfig: { path: "c.json", values: {} } };

function leaves(value: unknown, path: string): string[] {
  if (typeof value !== "object" || Array.isArray(value) || value === null || Object.keys(value).length === 0) return [path];
  return Object.entries(value).flatMap(([key, held]) => leaves(held, path === "" ? key : `${path}.${key}`));
}

test("every choice of a plan has an option in one group", () => {
  for (const path of [...leaves(full, ""), "scaleBy.perMinute"]) {
    expect(groups.flatMap((g) => g.options).filter((o) => concerns(path, o.path)), path).toHaveLength(1);
    expect(groupOf(path), path).not.toBeNull();
  }
});

test("an alternative changes its own choice, and what is off has none", () => {
  const all = alternatives(groups, plain);
  expect(all.get("nat=instance")).toEqual({ ...plain, nat: "instance" });
  expect(all.get("servers.min+")?.servers).toMatchObject({ min: 2, max: 2 });
  expect(all.get("databaseOptions.multiAz=true")?.databaseOptions).toMatchObject({ multiAz: true, storageGb: 20 });
  expect([...all.keys()].filter((key) => key.startsWith("nat="))).toHaveLength(3);
  expect(all.has("machine=small")).toBe(false);
  expect(alternatives(groups, { ...plain, launch: "ec2" }).has("machine=small")).toBe(true);
});

const quote = (monthly: number): Quote => ({ monthly, refusal: null });
const refused: Quote = { monthly: null, refusal: { field: "scaleBy.perMinute", rule: "not together" } };

test("a change that only opens fields to be filled in is not excluded", () => {
  const zone: Quote = { monthly: null, refusal: { field: "domain.dns.zoneId", rule: "the id of a zone" } };
  const quotes: Quotes = { now: quote(1), of: () => zone };
  expect(excluded(quotes, "domain.dns.kind=route53")).toBe("the id of a zone");
  expect(excluded(quotes, "domain.dns.kind=route53", ["domain.dns.zoneId"])).toBeNull();
  expect([unfilled(quotes, "any", ["domain.dns.zoneId"]), unfilled(quotes, "any", ["network.vpcId"]), unfilled(quotes, "any")]).toEqual([true, false, false]);
});

test("an effect is a difference in cents, and nothing while one side is unknown", () => {
  const quotes: Quotes = { now: quote(98.65), of: (key) => ({ more: quote(102), less: quote(98.6), same: quote(98.65), no: refused })[key] ?? null };
  expect(["more", "less", "same", "no", "unknown"].map((key) => effect(quotes, key))).toEqual(["+$3.35", "−$0.05", "same price", null, null]);
});

test("a change is excluded only while the choices themselves are possible", () => {
  expect(excluded({ now: quote(1), of: () => refused }, "any")).toBe("not together");
  expect(excluded({ now: refused, of: () => refused }, "any")).toBeNull();
});
