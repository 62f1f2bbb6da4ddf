import type {
  AccountProof, AccountTarget, DeviceCode, IdentityCenter, Keeping, KeychainView, KeyAge, MovedKey, NewRole, ProfileChange, ProfileSummary, ProfileView, SavedProfile, SignInCode, SignInMethod, SignInNeed, SignInStep, SsoAccount, SsoChoice, SurroundingsView, Way, WayIn,
} from "../index.ts";
import type { Unsubscribe } from "../host.ts";
import { type Clock, wait } from "./clock.ts";
import { HOME } from "./projects.ts";
import { refuse } from "./refuse.ts";

/** What the fake keychain does. */
export type FakeKeychain = "ready" | "missing" | "locked" | "denied" | "slow";

const DAY = 86_400_000;

/** How long a keychain that waits for its user is waited for, milliseconds. */
export const SLOW_KEYCHAIN = 30_000;

const problems: Record<Exclude<FakeKeychain, "ready">, { code: SignInCode; message: string; hint: string }> = {
  missing: { code: "keychainUnavailable", message: "No keychain can be reached: org.freedesktop.secrets was not provided by any service.", hint: "Start a keychain (GNOME Keyring or KWallet on Linux) and start the app again, or keep the secret in memory for this run." },
  locked: { code: "keychainLocked", message: "The keychain is locked: the collection is locked.", hint: "Unlock the keychain and try again." },
  denied: { code: "keychainDenied", message: "The keychain refused: access was denied.", hint: "Allow the app to use the keychain and try again." },
  slow: { code: "keychainSilent", message: "The keychain did not answer within 30 seconds.", hint: "Answer the keychain's question on the screen and try again." },
};

const organization: SsoAccount[] = [
  { id: "111122223333", name: "Acme development", roles: ["AdministratorAccess", "Deployer", "ReadOnlyAccess"] },
  { id: "444455556666", name: "Acme production", roles: ["Deployer", "ReadOnlyAccess"] },
  { id: "777788889999", name: "Acme sandbox", roles: ["AdministratorAccess"] },
  ...Array.from({ length: 23 }, (_, i) => ({ id: String(200_000_000_000 + i * 7_919), name: `Team ${String(i + 1).padStart(2, "0")}`, roles: ["ReadOnlyAccess"] })),
];

/** Profiles of the fake computer's AWS files. */
export const awsProfiles: ProfileSummary[] = [
  { name: "work", region: "eu-west-1", kind: "sso" },
  { name: "personal", region: null, kind: "keys" },
  { name: "expired", region: "us-east-1", kind: "login" },
  { name: "root", region: "us-east-1", kind: "keys" },
];

/**
 * Everything about signing in, in memory.
 *
 * The directory at `https://denied.…` says no, the one at `https://unassigned.…` signs in and lists nothing, the one at `https://elsewhere.…` is in another region; at `https://silent.…` the browser never comes back. An access key id with `ROOT` in it
 * belongs to the root user, one with `OLD` in it is 400 days old, one with `WRONG` in it is not known to AWS.
 */
export class FakeAccounts {
  readonly #clock: Clock;
  #keychain: FakeKeychain;
  #keeping: Keeping = "keychain";
  #files: boolean;
  #profiles: ProfileView[] = [];
  /** Only ids are remembered of access keys, as AWS would know them. */
  #keyIds = new Map<string, string>();
  #serial = 0;
  #needs: SignInNeed[] = [];
  #listeners = new Set<(needs: SignInNeed[]) => void>();
  #running = new Map<number, { cancel?: () => void; code?: (code: string) => void }>();
  #moved = new Map<string, string>();
  /** Profiles that came into the AWS files while the app was open, by `aws login` or an editor. */
  readonly written: ProfileSummary[] = [];
  #waiters: { profile: string; go: (met: boolean) => void }[] = [];

  constructor(clock: Clock, keychain: FakeKeychain, files: boolean, seeded: boolean) {
    this.#clock = clock;
    this.#keychain = keychain;
    this.#files = files;
    if (seeded) this.#seed();
  }

  #seed(): void {
    const center = (role: string, account: string): Way => ({ kind: "identityCenter", startUrl: "https://acme.awsapps.com/start", ssoRegion: "eu-west-1", accountId: account, roleName: role });
    this.#add("acme-dev", center("Deployer", "111122223333"), "eu-west-1", { lastUsedAt: this.#clock.now() - 2 * 3_600_000, accountId: "111122223333" });
    this.#add("acme-production", center("Deployer", "444455556666"), "eu-central-1", { production: true, lastUsedAt: this.#clock.now() - 9 * DAY, accountId: "444455556666" });
    this.#add("auditor", { kind: "assumeRole", roleArn: "arn:aws:iam::444455556666:role/audit", mfaSerial: "arn:aws:iam::111122223333:mfa/sam", externalId: "acme-7731", source: { kind: "saved", id: "acme-dev" } }, "eu-central-1", { readOnly: true, accountId: "444455556666" });
    const old = this.#add("old-key", { kind: "accessKeys", keyCreatedAt: this.#clock.now() - 400 * DAY }, "us-east-1", { lastUsedAt: this.#clock.now() - 30 * DAY, accountId: "210987654321" });
    this.#keyIds.set(old.profile.id, "AKIAOLD0000000000001");
    const lost = this.#add("lost", { kind: "accessKeys", keyCreatedAt: null }, "eu-west-1", {});
    lost.health = { kind: "secretMissing" };
    const dev = this.#profiles[0];
    if (dev) dev.health = { kind: "ready", until: this.#clock.now() + 50 * 60_000 };
    const production = this.#profiles[1];
    if (production) production.health = { kind: "signInNeeded" };
    const auditor = this.#profiles[2];
    if (auditor) auditor.health = { kind: "mfaNeeded" };
  }

  #add(label: string, way: Way, region: string | null, extra: Partial<SavedProfile>): ProfileView {
    const wanted = label.trim();
    if (wanted === "") throw refuse("invalidInput", "A profile needs a name.", "Type one.");
    if (this.#profiles.some((p) => p.profile.label.toLowerCase() === wanted.toLowerCase())) throw refuse("conflict", `Another saved profile is called \`${wanted}\`.`, "Choose another name.");
    this.#serial += 1;
    const id = wanted.toLowerCase().replace(/[^a-z0-9]+/g, "-");
    const memoryOnly = way.kind === "accessKeys" && this.#keeping === "memoryOnly";
    const profile: SavedProfile = { id, label: wanted, way, region, endpointUrl: null, accountId: null, readOnly: false, production: false, memoryOnly, createdAt: this.#clock.now() + this.#serial, lastUsedAt: null, ...extra };
    const place = memoryOnly ? "memory, until the app is closed" : "the keychain";
    const kept = {
      identityCenter: `The session is in ${place}; it ends by itself, and no key exists.`,
      accessKeys: `The access key is in ${place} and nowhere else.`,
      assumeRole: `The session of the role is in ${place}; it ends by itself.`,
      awsProfile: "Only its name is kept; credentials stay with the AWS configuration files.",
    }[way.kind];
    const view: ProfileView = { profile, health: { kind: "ready", until: null }, key: way.kind === "accessKeys" && !profile.endpointUrl ? age(way.keyCreatedAt, this.#clock.now()) : null, kept };
    this.#profiles.push(view);
    return view;
  }

  find(id: string): ProfileView {
    const found = this.#profiles.find((p) => p.profile.id === id);
    if (!found) throw refuse("notFound", `There is no saved profile \`${id}\`.`, "Go back to the list of profiles.");
    return found;
  }

  #ways(): WayIn[] {
    const way = (kind: WayIn["kind"], sentence: string, more: Partial<WayIn> = {}): WayIn => ({ kind, profile: null, center: null, sentence, ...more });
    const found = this.#files ? [
      way("knownIdentityCenter", "Sign in at https://acme.awsapps.com/start in the browser; no key is stored, the session ends by itself.", { center: { startUrl: "https://acme.awsapps.com/start", region: "eu-west-1" } }),
      way("loginSession", "The AWS profile `expired` uses `aws login`; run `aws login --profile expired` if its session is over.", { profile: "expired" }),
      way("keyInFile", "The AWS profile `personal` has its access key in a file; it works, and the app can move the key into the keychain.", { profile: "personal" }),
      way("keyInFile", "The AWS profile `root` has its access key in a file; it works, and the app can move the key into the keychain.", { profile: "root" }),
    ] : [];
    return [
      ...found,
      way("newIdentityCenter", "Your company has an access portal (its address ends in awsapps.com/start): sign in there, no key is stored."),
      ...(this.#files ? [way("awsLogin", "The AWS CLI is installed: run `aws login` to sign in with the console's name and password, without a key.")] : []),
      way("accessKeys", "An access key of an IAM user, typed or from the downloaded file; it goes into the keychain and nowhere else."),
      way("practice", "Try everything in a practice account on this computer; AWS is not involved and nothing costs money."),
    ];
  }

  async surroundings(): Promise<SurroundingsView> {
    await wait(this.#clock, 120);
    return { ways: this.#ways(), configFile: `${HOME}/.aws/config`, credentialsFile: `${HOME}/.aws/credentials` };
  }

  async keychain(): Promise<KeychainView> {
    if (this.#keeping === "memoryOnly") return { kind: "memoryOnly" };
    await wait(this.#clock, this.#keychain === "slow" ? SLOW_KEYCHAIN : 40);
    if (this.#keychain === "ready") return { kind: "ready" };
    return { kind: "problem", ...problems[this.#keychain] };
  }

  async keep(keeping: Keeping): Promise<KeychainView> {
    this.#keeping = keeping;
    if (keeping === "keychain") this.#profiles = this.#profiles.filter((p) => !p.profile.memoryOnly);
    return this.keychain();
  }

  /** The user of the fake computer unlocks, starts or answers the keychain. */
  mendKeychain(): void {
    this.#keychain = "ready";
  }

  async #needKeychain(): Promise<void> {
    const state = await this.keychain();
    if (state.kind === "problem") throw refuse(state.code === "keychainLocked" ? "keychainLocked" : "keychainUnavailable", state.message, state.hint, true);
  }

  /** Resolves after `ms`, or rejects when the sign-in is cancelled meanwhile. */
  #until(id: number, ms: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = this.#clock.after(ms, () => {
        this.#running.delete(id);
        resolve();
      });
      this.#running.set(id, {
        cancel: () => {
          stop();
          this.#running.delete(id);
          reject(refuse("cancelled", "The sign-in was cancelled.", "Start again when you like."));
        },
      });
    });
  }

  #begin(step: (step: SignInStep) => void): number {
    this.#serial += 1;
    step({ kind: "started", id: this.#serial });
    return this.#serial;
  }

  async #pass(id: number, center: IdentityCenter, method: SignInMethod, step: (step: SignInStep) => void): Promise<void> {
    await this.#needKeychain();
    if (!/^https:\/\/[^\s/]+\.[^\s]+/.test(center.startUrl)) throw refuse("invalidInput", `\`${center.startUrl}\` is not the address of an access portal.`, "It starts with https:// and stands in the invitation or on the start page of IAM Identity Center.");
    if (center.startUrl.includes("elsewhere")) throw refuse("failed", `Could not register the app with IAM Identity Center in the directory ${center.startUrl}: No such issuer (InvalidRequestException).`, "Check the address of the access portal and the region of the directory; both are in the console under IAM Identity Center, Settings.");
    const silent = center.startUrl.includes("silent");
    if (method === "browser") {
      step({ kind: "browserOpened", url: `https://oidc.${center.region}.amazonaws.com/authorize?client_id=zonke&state=4f1c9ab` });
      await this.#until(id, silent ? 600_000 : 4_000);
      if (silent) throw refuse("browserSilent", "The browser did not come back within 600 seconds.", "Sign in with a code instead; any browser on any device will do.", true);
    } else {
      const code: DeviceCode = { userCode: "HJKL-MNPQ", verificationUrl: `${center.startUrl}/#/device`, completeUrl: `${center.startUrl}/#/device?user_code=HJKL-MNPQ`, expiresAt: this.#clock.now() + 600_000 };
      step({ kind: "showCode", code });
      await this.#until(id, silent ? 600_000 : 8_000);
      if (silent) throw refuse("invalidInput", "The code was not confirmed in time.", "Start again; a new code is made.", true);
    }
    if (center.startUrl.includes("denied")) throw refuse("accessDenied", "The sign-in was refused: access_denied.", "Sign in again and allow the access, or ask whoever runs your IAM Identity Center.");
  }

  async ssoSignIn(center: IdentityCenter, method: SignInMethod, step: (step: SignInStep) => void): Promise<SsoAccount[]> {
    await this.#pass(this.#begin(step), center, method, step);
    await wait(this.#clock, 900);
    if (center.startUrl.includes("unassigned")) throw refuse("failed", `Could not list your roles in the account Shop (222222222222) in the directory ${center.startUrl}: No access (ForbiddenException).`, "Ask whoever runs your IAM Identity Center whether you are still assigned to the account, under AWS accounts there; then sign in again.");
    return structuredClone(organization);
  }

  async ssoAccounts(): Promise<SsoAccount[]> {
    await wait(this.#clock, 900);
    return structuredClone(organization);
  }

  async signInCode(id: number, code: string): Promise<void> {
    this.#running.get(id)?.code?.(code);
  }

  async signInCancel(id: number): Promise<void> {
    this.#running.get(id)?.cancel?.();
  }

  async addRoles(center: IdentityCenter, choices: SsoChoice[], region: string | null): Promise<SavedProfile[]> {
    await wait(this.#clock, 200);
    return structuredClone(choices.map((c) => this.#add(c.label, { kind: "identityCenter", startUrl: center.startUrl, ssoRegion: center.region, accountId: c.accountId, roleName: c.roleName }, region, { accountId: c.accountId }).profile));
  }

  async addKeys(label: string, region: string | null, accessKeyId: string, secretAccessKey: string, endpointUrl: string | null): Promise<SavedProfile> {
    if (accessKeyId === "" || secretAccessKey === "") throw refuse("invalidInput", "The access key id or the secret access key is empty.", "Enter both parts of the key.");
    if (!/^[A-Za-z0-9]+$/.test(accessKeyId)) throw refuse("invalidInput", "The access key id has characters that no access key id has.", "The id has 20 letters and digits and starts with AKIA; the longer part is the secret.");
    await this.#needKeychain();
    await wait(this.#clock, 150);
    const view = this.#add(label, { kind: "accessKeys", keyCreatedAt: null }, region, { endpointUrl });
    this.#keyIds.set(view.profile.id, accessKeyId);
    return structuredClone(view.profile);
  }

  async addKeysFile(label: string, region: string | null, path: string): Promise<SavedProfile> {
    await wait(this.#clock, 100);
    if (!path.endsWith("accessKeys.csv")) throw refuse("invalidInput", "This file has no columns `Access key ID` and `Secret access key`.", "Drop the CSV file that the AWS console offers when an access key is made, or type the key.");
    return this.addKeys(label, region, "AKIAFROMFILE00000001", "from-the-file", null);
  }

  async addRole(role: NewRole): Promise<SavedProfile> {
    await wait(this.#clock, 150);
    if (!/^arn:aws[a-z-]*:iam::\d{12}:role\/.+/.test(role.roleArn)) throw refuse("invalidInput", `\`${role.roleArn}\` is not the ARN of a role.`, "It looks like arn:aws:iam::123456789012:role/NAME and stands on the page of the role in IAM.");
    const view = this.#add(role.label, { kind: "assumeRole", roleArn: role.roleArn, mfaSerial: role.mfaSerial, externalId: role.externalId, source: role.source }, role.region, {});
    if (role.mfaSerial) view.health = { kind: "mfaNeeded" };
    return structuredClone(view.profile);
  }

  async addAws(label: string, name: string, region: string | null): Promise<SavedProfile> {
    await wait(this.#clock, 80);
    return structuredClone(this.#add(label, { kind: "awsProfile", name }, region, {}).profile);
  }

  async saved(): Promise<ProfileView[]> {
    await wait(this.#clock, 60);
    return structuredClone(this.#profiles);
  }

  async change(id: string, change: ProfileChange): Promise<ProfileView> {
    await wait(this.#clock, 80);
    const view = this.find(id);
    if (this.#profiles.some((p) => p !== view && p.profile.label.toLowerCase() === change.label.trim().toLowerCase())) throw refuse("conflict", `Another saved profile is called \`${change.label}\`.`, "Choose another name.");
    Object.assign(view.profile, change);
    return structuredClone(view);
  }

  async remove(id: string): Promise<SavedProfile> {
    await wait(this.#clock, 150);
    const view = this.find(id);
    const user = this.#profiles.find((p) => p.profile.way.kind === "assumeRole" && p.profile.way.source.kind === "saved" && p.profile.way.source.id === id);
    if (user) throw refuse("conflict", `\`${user.profile.label}\` signs in through \`${view.profile.label}\`.`, "Remove the profile that needs it first.");
    if (!view.profile.memoryOnly) await this.#needKeychain();
    this.#profiles = this.#profiles.filter((p) => p !== view);
    this.#keyIds.delete(id);
    return structuredClone(view.profile);
  }

  async moveKey(awsProfile: string, label: string): Promise<MovedKey> {
    if (this.#keeping === "memoryOnly") throw refuse("invalidInput", "Without a keychain the key would be gone when the program ends.", "Leave the key in its file until there is a keychain.");
    await this.#needKeychain();
    await wait(this.#clock, 200);
    const view = this.#add(label, { kind: "accessKeys", keyCreatedAt: this.#clock.now() - 200 * DAY }, "eu-west-1", {});
    this.#moved.set(view.profile.id, awsProfile);
    this.#keyIds.set(view.profile.id, "AKIAMOVED00000000001");
    return { profile: structuredClone(view.profile), line: `credential_process = zonke credentials ${view.profile.id}` };
  }

  async moveKeyBack(id: string): Promise<SavedProfile> {
    await wait(this.#clock, 200);
    const { profile } = this.find(id);
    if (!this.#moved.delete(id)) throw refuse("invalidInput", `No line in the credentials file refers to the profile \`${id}\`.`, "Make a new access key in IAM if a program needs one in the file; this one stays in the keychain.");
    this.#profiles = this.#profiles.filter((p) => p.profile.id !== id);
    return profile;
  }

  /** Whether a key of the AWS files is in the keychain now. */
  isMoved(awsProfile: string): boolean {
    return [...this.#moved.values()].includes(awsProfile);
  }

  /** What AWS knows of whoever uses this profile. */
  identity(id: string): { accountId: string; arn: string; root: boolean } {
    const { profile } = this.find(id);
    const keyId = this.#keyIds.get(id) ?? "";
    if (profile.endpointUrl) return { accountId: "000000000000", arn: "arn:aws:iam::000000000000:user/local", root: false };
    if (keyId.includes("WRONG")) throw refuse("signedOut", `AWS does not know the access key of \`${profile.label}\` (InvalidClientTokenId).`, "Check that the key is active in IAM, and enter it again.");
    if (keyId.includes("ROOT")) return { accountId: "210987654321", arn: "arn:aws:iam::210987654321:root", root: true };
    const accountId = profile.accountId ?? (profile.way.kind === "assumeRole" ? profile.way.roleArn.split(":")[4] : null) ?? "123456789012";
    const { way } = profile;
    const arn = way.kind === "identityCenter" ? `arn:aws:sts::${accountId}:assumed-role/AWSReservedSSO_${way.roleName}_1f2e3d/sam@acme.example`
      : way.kind === "assumeRole" ? `arn:aws:sts::${accountId}:assumed-role/${way.roleArn.split("/").at(-1)}/zonke`
      : `arn:aws:iam::${accountId}:user/sam`;
    return { accountId, arn, root: false };
  }

  async proof(target: AccountTarget, accountId: string, arn: string, region: string): Promise<AccountProof> {
    await wait(this.#clock, 350);
    const keyId = target.kind === "saved" ? this.#keyIds.get(target.id) : undefined;
    const madeAt = keyId?.includes("OLD") ? this.#clock.now() - 400 * DAY : this.#clock.now() - 12 * DAY;
    const longLived = keyId !== undefined || (target.kind === "profile" && target.name === "personal");
    const own = target.kind === "saved" ? this.find(target.id) : null;
    if (own && keyId && own.profile.way.kind === "accessKeys" && !own.profile.endpointUrl) {
      own.profile.way.keyCreatedAt = madeAt;
      own.key = age(madeAt, this.#clock.now());
    }
    if (own) {
      own.profile.accountId = accountId;
      own.profile.lastUsedAt = this.#clock.now();
    }
    const name = arn.split("/").at(-1) ?? "";
    const role = /assumed-role\/(?:AWSReservedSSO_)?([^_/]+)/.exec(arn)?.[1];
    const local = typeof own?.profile.endpointUrl === "string";
    return { accountId, alias: accountId === "111122223333" ? "acme-dev" : null, who: role ? `role ${role} as ${name}` : `IAM user ${name}`, arn, root: false, region, latencyMs: local ? 0.4 : 28.6, key: longLived && !local ? age(madeAt, this.#clock.now()) : null };
  }

  needs(listener: (needs: SignInNeed[]) => void): Unsubscribe {
    this.#listeners.add(listener);
    listener(structuredClone(this.#needs));
    return () => void this.#listeners.delete(listener);
  }

  #tell(): void {
    for (const listener of this.#listeners) listener(structuredClone(this.#needs));
  }

  /** The session of a profile is over: calls wait from now on. */
  expire(profile: string, label: string, how: SignInNeed["how"]): void {
    const message = how.kind === "mfa" ? `\`${label}\` needs a code of the MFA device ${how.serial}.` : `The session of \`${label}\` is over.`;
    const hint = how.kind === "mfa" ? "Enter the six digits that the device shows now." : how.kind === "elsewhere" ? `Run \`${how.command}\` in a terminal, then go on here.` : "Sign in; what you were doing goes on where it stopped.";
    this.#needs = [...this.#needs.filter((n) => n.profile !== profile), { profile, label, how, message, hint, since: this.#clock.now(), waiting: 0, putOff: false }];
    this.#tell();
  }

  /** Waits until a profile is signed in; whoever is put off fails. */
  async ready(profile: string): Promise<void> {
    const need = this.#needs.find((n) => n.profile === profile);
    if (!need) return;
    if (need.putOff) throw refuse("signedOut", need.message, need.hint, true);
    need.waiting += 1;
    this.#tell();
    const met = await new Promise<boolean>((go) => void this.#waiters.push({ profile, go }));
    if (!met) throw refuse("signedOut", need.message, need.hint, true);
  }

  /** The same for a profile that is about to be connected: what its health asks for is asked of its user. */
  async readyToConnect(id: string): Promise<void> {
    const { profile, health } = this.find(id);
    const via = profile.way.kind === "assumeRole" ? profile.way.mfaSerial : null;
    if (health.kind === "mfaNeeded" && via) this.expire(id, profile.label, { kind: "mfa", serial: via });
    else if (health.kind === "signInNeeded") this.expire(id, profile.label, { kind: "browser" });
    await this.ready(id);
  }

  #settle(profile: string, met: boolean): void {
    const mine = this.#waiters.filter((w) => w.profile === profile);
    this.#waiters = this.#waiters.filter((w) => w.profile !== profile);
    if (met) this.#needs = this.#needs.filter((n) => n.profile !== profile);
    else this.#needs = this.#needs.map((n) => (n.profile === profile ? { ...n, putOff: true, waiting: 0 } : n));
    this.#tell();
    for (const waiter of mine) waiter.go(met);
  }

  async signInAgain(profile: string, method: SignInMethod, step: (step: SignInStep) => void): Promise<void> {
    const need = this.#needs.find((n) => n.profile === profile);
    const id = this.#begin(step);
    if (need?.how.kind === "elsewhere") {
      await wait(this.#clock, 300);
    } else if (need?.how.kind === "mfa") {
      const { serial } = need.how;
      const code = await new Promise<string>((resolve, reject) => {
        this.#running.set(id, { code: resolve, cancel: () => reject(refuse("cancelled", "The sign-in was cancelled.", "Start again when you like.")) });
        step({ kind: "mfaWanted", profile: need.label, serial });
      });
      await wait(this.#clock, 400);
      if (code === "000000") throw refuse("accessDenied", "AWS does not accept this code.", "Wait for the next one; each works once.", true);
    } else {
      await this.#pass(id, { startUrl: "https://acme.awsapps.com/start", region: "eu-west-1" }, method, step);
    }
    const own = this.#profiles.find((p) => p.profile.id === profile);
    if (own) own.health = { kind: "ready", until: this.#clock.now() + 3_600_000 };
    this.#settle(profile, true);
  }

  async putOff(profile: string): Promise<void> {
    this.#settle(profile, false);
  }
}

function age(madeAt: number | null, now: number): KeyAge {
  if (madeAt === null) return { days: null, old: false, sentence: "The age of this access key is not known. Access keys never end by themselves." };
  const days = Math.floor((now - madeAt) / DAY);
  return days >= 90
    ? { days, old: true, sentence: `This access key is ${days} days old. Replace it, or switch to a way in whose sessions end by themselves.` }
    : { days, old: false, sentence: `This access key is ${days} days old. Access keys never end by themselves.` };
}
