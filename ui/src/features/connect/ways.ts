import { queryOptions } from "@tanstack/react-query";
import type { AccountTarget, Host, IdentityCenter, ProfileKind, ProfileSummary, ProfileView, WayIn } from "../../host/index.ts";

/** What this computer offers; known at once, because only files are read. */
export const surroundingsQuery = (host: Host) => queryOptions({ queryKey: ["surroundings"], queryFn: () => host.surroundingsLook(), staleTime: 60_000 });

/** A way into AWS that has steps of its own. */
export type WayChoice =
  | { way: "center"; center: IdentityCenter | null }
  | { way: "keys"; file: string | null }
  | { way: "role" }
  | { way: "process" }
  | { way: "awsLogin" }
  | { way: "endpoint" }
  | { way: "beginner" }
  | { way: "moveKey"; profile: string };

/** One line of the list of ways in. */
export type Offer = {
  key: string;
  title: string;
  /** Why one would take it, one sentence; names between backticks. */
  reason: string;
  /** Whether something on this computer stands behind it. */
  found: boolean;
  act: { kind: "connect"; target: AccountTarget; label: string } | { kind: "open"; choice: WayChoice; label: string };
  /** Whether it was used last. */
  last: boolean;
  /** Profile whose key lies in a file. */
  keyInFile: string | null;
};

const kindWord: Record<ProfileKind, string> = {
  sso: "signed in by the AWS CLI through IAM Identity Center", login: "signed in by `aws login`", assumeRole: "assumes a role", process: "gets its credentials from a program",
  keys: "has its access key in a file", other: "of the AWS files",
};

/** Best first: what ends by itself before what lasts. */
const kindRank: Record<ProfileKind, number> = { sso: 0, login: 1, assumeRole: 2, process: 3, keys: 4, other: 5 };

const ago = (at: number, now: number): string => {
  const hours = Math.floor((now - at) / 3_600_000);
  return hours < 1 ? "used just now" : hours < 48 ? `used ${hours} h ago` : `used ${Math.floor(hours / 24)} days ago`;
};

const healthWord = (view: ProfileView): string => {
  switch (view.health.kind) {
    case "ready": return "ready";
    case "signInNeeded": return "needs a sign-in";
    case "mfaNeeded": return "needs an MFA code";
    case "secretMissing": return "its key is missing in the keychain";
    case "keychainProblem": return "the keychain does not answer";
  }
};

/** Everything one can do to get into an account, best first. */
export function offers(ways: WayIn[], saved: ProfileView[], files: ProfileSummary[], last: AccountTarget | null, region: string, now: number): Offer[] {
  const list: Offer[] = [];
  const usedLast = (target: AccountTarget) => (last?.kind === "saved" && target.kind === "saved" && last.id === target.id) || (last?.kind === "profile" && target.kind === "profile" && last.name === target.name);
  const connect = (key: string, title: string, reason: string, target: AccountTarget, keyInFile: string | null = null) =>
    list.push({ key, title, reason, found: true, act: { kind: "connect", target, label: `Connect ${title}` }, last: usedLast(target), keyInFile });
  const open = (choice: WayChoice, title: string, reason: string, label: string, found = false) => list.push({ key: `${choice.way}${found ? title : ""}`, title, reason, found, act: { kind: "open", choice, label }, last: false, keyInFile: null });

  for (const view of saved.toSorted((a, b) => (b.profile.lastUsedAt ?? 0) - (a.profile.lastUsedAt ?? 0))) {
    const { profile } = view;
    const parts = [profile.accountId, profile.region ?? region, healthWord(view), profile.lastUsedAt === null ? null : ago(profile.lastUsedAt, now)];
    connect(`saved:${profile.id}`, profile.label, parts.filter((p) => p !== null).join(" · "), { kind: "saved", id: profile.id, region: profile.region === null ? region : null });
  }
  for (const way of ways) if (way.kind === "knownIdentityCenter" && way.center) open({ way: "center", center: way.center }, `IAM Identity Center, ${new URL(way.center.startUrl).host}`, way.sentence, "Sign in", true);
  const kept = new Set(saved.map((v) => (v.profile.way.kind === "awsProfile" ? v.profile.way.name : null)));
  const inFile = new Set(ways.filter((w) => w.kind === "keyInFile").map((w) => w.profile));
  for (const profile of files.toSorted((a, b) => kindRank[a.kind] - kindRank[b.kind])) {
    if (kept.has(profile.name)) continue;
    connect(`aws:${profile.name}`, profile.name, `AWS profile, ${kindWord[profile.kind]} · ${profile.region ?? region}`, { kind: "profile", name: profile.name, region: profile.region ?? region }, inFile.has(profile.name) ? profile.name : null);
  }
  const known = list.some((o) => o.act.kind === "open" && o.act.choice.way === "center");
  open({ way: "center", center: null }, known ? "IAM Identity Center, another portal" : "IAM Identity Center", "Your company has an access portal: sign in there in the browser. No key exists, and the session ends by itself.", "Sign in");
  open({ way: "awsLogin" }, "aws login", "Sign in with the console's name and password through the AWS CLI, without a key.", "Show how");
  open({ way: "role" }, "Assume a role", "One of your profiles may use a role, perhaps with an MFA code or an external id.", "Set up");
  open({ way: "process" }, "A program that gives credentials", "A tool such as aws-vault or your company's own, through `credential_process`.", "Show how");
  open({ way: "keys", file: null }, "Access key", "Typed, or from the downloaded CSV file. It goes into the keychain and nowhere else, but it never ends by itself.", "Enter a key");
  open({ way: "endpoint" }, "Another address", "LocalStack or another service that speaks AWS's language.", "Set up");
  open({ way: "beginner" }, "I have no account or no key yet", "What to click in AWS, step by step, with a stack that makes the user, or the permissions to copy.", "Show me");
  return list.toSorted((a, b) => Number(b.last) - Number(a.last));
}

/** A name for a profile that nobody has yet. */
export function freeLabel(wanted: string, taken: readonly string[]): string {
  const base = wanted.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "") || "account";
  const used = new Set(taken.map((t) => t.toLowerCase()));
  for (let n = 1; ; n += 1) {
    const label = n === 1 ? base : `${base}-${n}`;
    if (!used.has(label)) return label;
  }
}
