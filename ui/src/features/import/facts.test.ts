import { describe, expect, it } from "vitest";
import { edited, overridden } from "../../host/fake/overriding.ts";
import { inspect } from "../../host/fake/projects.ts";
import type { Overrides } from "../../host/index.ts";
import { isComplete } from "./completeness.ts";
import { groupsOf } from "./facts.ts";
import { byWeight } from "./warnings.ts";

const nothing: Overrides = { project: {}, frontends: {}, backends: {} };

describe("findings in groups", () => {
  it("stand where a person looks for them, each with its own evidence", () => {
    const groups = groupsOf(inspect("/home/sam/projects/guestbook"), nothing);
    expect(groups.map((g) => g.title)).toEqual(["Front end", "API", "Database", "Build", "Settings"]);
    const port = groups[1]?.facts.find((f) => f.label === "Port");
    expect(port?.value).toBe("3000");
    expect(port?.evidence.map((e) => e.file)).toEqual(["apps/api/src/main.ts"]);
  });

  it("say what the application is made from, where that is known", () => {
    const found = inspect("/home/sam/projects/guestbook");
    const madeFrom = (reach: string[]) => groupsOf({ ...found, reach }, nothing).flatMap((g) => g.facts).find((f) => f.label === "Made from")?.value;
    expect([madeFrom([]), madeFrom(["."]), madeFrom(["api/", "package.json"])]).toEqual([undefined, "Everything in the folder", "api/, package.json"]);
  });

  it("leave out the half that is not chosen", () => {
    expect(groupsOf(inspect("/home/sam/projects/bookshop"), nothing).map((g) => g.title)).toEqual(["Front end", "Build", "Settings"]);
  });

  it("can all be changed, each field once, except those that follow from others", () => {
    const fields = groupsOf(inspect("/home/sam/projects/guestbook"), nothing).flatMap((g) => g.facts).map((f) => f.editable?.field).filter((f) => f !== undefined);
    expect(new Set(fields).size).toBe(fields.length);
    expect(fields.length).toBe(25);
  });

  it("say what the user set, and when it is not used", () => {
    const found = inspect("/home/sam/projects/guestbook");
    const overrides = edited(nothing, [{ field: "port", value: "8080" }], found.chosen);
    const port = (findings: typeof found) => groupsOf(findings, overrides)[1]?.facts.find((f) => f.label === "Port");
    expect(port(overridden(found, overrides))).toMatchObject({ value: "8080", editable: { state: "set" } });
    expect(port(found)).toMatchObject({ value: "3000", editable: { state: "ignored" } });
  });
});

describe("a choice", () => {
  it("is needed while a half has candidates and none is taken", () => {
    const found = inspect("/home/sam/projects/bookshop");
    expect(isComplete(found)).toBe(false);
    const overrides = edited(nothing, [{ field: "backend", value: "apps/api" }], found.chosen);
    expect(isComplete(overridden(found, overrides))).toBe(true);
  });

  it("does not help a project that is not supported", () => {
    expect(isComplete(inspect("/home/sam/projects/storefront"))).toBe(false);
  });

  it("does not make a whole of a half", () => {
    const findings = inspect("/home/sam/projects/guestbook");
    expect(isComplete({ ...findings, backends: [], chosen: { ...findings.chosen, backend: null } })).toBe(false);
  });

  it("is asked for a port that nobody knows", () => {
    const found = inspect("/home/sam/projects/ferry");
    expect(isComplete(found)).toBe(false);
    const overrides = edited(nothing, [{ field: "port", value: "4321" }], found.chosen);
    expect(isComplete(overridden(found, overrides))).toBe(true);
  });
});

describe("warnings", () => {
  it("come heaviest first", () => {
    const { warnings } = inspect("/home/sam/projects/ferry");
    expect(byWeight(warnings).map((g) => [g.weight, g.warnings.map((w) => w.code)])).toEqual([
      ["before", ["branch-not-pushed"]], ["different", ["body-limit"]], ["know", ["node-versions-differ"]],
    ]);
  });
});
