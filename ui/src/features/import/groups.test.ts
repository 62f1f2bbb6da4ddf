import { describe, expect, it } from "vitest";
import { inspect } from "../../host/fake/projects.ts";
import { isComplete } from "./FindingsView.tsx";
import { groupsOf } from "./groups.ts";

describe("findings in groups", () => {
  it("stand where a person looks for them, each with its own evidence", () => {
    const groups = groupsOf(inspect("/home/sam/projects/guestbook"));
    expect(groups.map((g) => g.title)).toEqual(["Front end", "API", "Database", "Build", "Settings"]);
    const port = groups[1]?.facts.find((f) => f.label === "Listens on");
    expect(port?.value).toBe("PORT, otherwise 3000");
    expect(port?.evidence.map((e) => e.file)).toEqual(["apps/api/src/main.ts"]);
  });

  it("leave out the half that is not chosen", () => {
    expect(groupsOf(inspect("/home/sam/projects/bookshop")).map((g) => g.title)).toEqual(["Front end", "Build", "Settings"]);
  });
});

describe("a choice", () => {
  it("is needed while a half has candidates and none is taken", () => {
    const findings = inspect("/home/sam/projects/bookshop");
    expect(isComplete(findings)).toBe(false);
    expect(isComplete({ ...findings, chosen: { ...findings.chosen, backend: "apps/api" } })).toBe(true);
  });

  it("does not help a project that is not supported", () => {
    expect(isComplete(inspect("/home/sam/projects/storefront"))).toBe(false);
  });

  it("is not needed for a half that does not exist", () => {
    const findings = inspect("/home/sam/projects/guestbook");
    expect(isComplete({ ...findings, backends: [], chosen: { ...findings.chosen, backend: null } })).toBe(true);
  });
});
