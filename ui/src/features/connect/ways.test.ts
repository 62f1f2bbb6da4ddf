import { describe, expect, it } from "vitest";
import type { ProfileSummary, ProfileView, WayIn } from "../../host/index.ts";
import { matching } from "./RolesStep.tsx";
import { freeLabel, offers } from "./ways.ts";

const way = (kind: WayIn["kind"], more: Partial<WayIn> = {}): WayIn => ({ kind, profile: null, center: null, sentence: "Because.", ...more });
const files: ProfileSummary[] = [{ name: "old", region: null, kind: "keys" }, { name: "corp", region: "eu-central-1", kind: "sso" }];
const saved = (label: string, lastUsedAt: number | null, extra: Partial<ProfileView["profile"]> = {}): ProfileView => ({
  profile: { id: label, label, way: { kind: "accessKeys", keyCreatedAt: null }, region: "eu-west-1", endpointUrl: null, accountId: "123456789012", readOnly: false, production: false, memoryOnly: false, createdAt: 0, lastUsedAt, ...extra },
  health: { kind: "ready", until: null }, key: null, kept: "",
});
const titles = (list: { title: string }[]) => list.map((o) => o.title);

describe("the ways in", () => {
  it("are what always works on an empty computer, a portal before a key", () => {
    const list = offers([], [], [], null, "eu-west-1", 0);
    expect(titles(list)[0]).toBe("IAM Identity Center");
    expect(titles(list).indexOf("IAM Identity Center")).toBeLessThan(titles(list).indexOf("Access key"));
    expect(titles(list)).toContain("I have no account or no key yet");
  });

  it("begin with saved profiles by last use, then sessions that end, then keys in files", () => {
    const center = way("knownIdentityCenter", { center: { startUrl: "https://corp.awsapps.com/start", region: "eu-west-1" } });
    const list = offers([center, way("keyInFile", { profile: "old" })], [saved("rare", 1), saved("daily", 2)], files, null, "eu-west-1", 3_600_000 * 5);
    expect(titles(list).slice(0, 5)).toEqual(["daily", "rare", "IAM Identity Center, corp.awsapps.com", "corp", "old"]);
    expect(list.find((o) => o.title === "old")).toMatchObject({ keyInFile: "old", act: { kind: "connect", target: { kind: "profile", name: "old", region: "eu-west-1" } } });
    expect(list[0]?.reason).toBe("123456789012 · eu-west-1 · ready · used 4 h ago");
  });

  it("put what was used last in front of everything, and name a kept AWS profile once", () => {
    const kept = saved("corp", null, { id: "corp-1", way: { kind: "awsProfile", name: "corp" } });
    const list = offers([], [kept], files, { kind: "profile", name: "old", region: null }, "eu-west-1", 0);
    expect(titles(list).slice(0, 2)).toEqual(["old", "corp"]);
    expect(titles(list).filter((t) => t === "corp")).toHaveLength(1);
  });
});

it("a free name avoids the taken ones without regard to case", () => {
  expect(freeLabel("Acme Production, Deployer!", [])).toBe("acme-production-deployer");
  expect(freeLabel("work", ["Work", "work-2"])).toBe("work-3");
  expect(freeLabel("—", [])).toBe("account");
});

it("a search needs every word, in the account or in the role", () => {
  const accounts = [{ id: "111122223333", name: "Acme dev", roles: ["Admin", "Reader"] }, { id: "444455556666", name: "Acme prod", roles: ["Reader"] }];
  expect(matching(accounts, "prod reader").map((a) => a.id)).toEqual(["444455556666"]);
  expect(matching(accounts, "admin")).toEqual([{ id: "111122223333", name: "Acme dev", roles: ["Admin"] }]);
  expect(matching(accounts, "1111")[0]?.roles).toEqual(["Admin", "Reader"]);
  expect(matching(accounts, "nobody")).toEqual([]);
  expect(matching(accounts, " ")).toEqual(accounts);
});
