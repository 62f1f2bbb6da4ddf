import type { AccountView, Choices, Deployer, DeployerReview, DeployerWish, PlannedStack, ResourceRow, StackView } from "../bindings.gen.ts";
import { type Clock, wait } from "./clock.ts";
import { refuse } from "./refuse.ts";
import { type FakeResource, renderTemplate } from "./resources.ts";

const RIGHTS: FakeResource = { id: "Rights1", type: "AWS::IAM::ManagedPolicy", description: "What the plan needs, each statement with its reason", from: 0, to: 4, properties: {} };
const ROLE: FakeResource = { id: "Role", type: "AWS::IAM::Role", description: "Role of whoever deploys this application, for one session at a time", from: 4, to: 9, properties: {} };
const GROUP: FakeResource = { ...ROLE, id: "Group", type: "AWS::IAM::Group", description: "Group of those who deploy this application" };
const USER: FakeResource = { ...ROLE, id: "User", type: "AWS::IAM::User", description: "User who deploys this application; has no password and no key until you make one" };

/** Roles for plans. Application `no-rights` may not be given one, `fail-role` fails while its role is made. */
export class FakeDeployers {
  /** The wish each role was made with, by account and application. */
  #made = new Map<string, DeployerWish>();
  #reviewed = new Map<string, DeployerWish>();
  #serial = 0;

  plan(choices: Choices, deployer: Deployer): PlannedStack {
    const template = renderTemplate(choices.app, "deployer", deployer.holder.kind === "user" ? [GROUP, USER, RIGHTS] : [ROLE, RIGHTS]);
    return { role: "deployer", name: `${choices.app}-deployer`, region: choices.region, templateFile: "deployer.template.yaml", template: template.text, parameters: [], resources: template.rows };
  }

  async review(clock: Clock, account: AccountView, choices: Choices, wish: DeployerWish): Promise<DeployerReview> {
    await wait(clock, 700);
    if (choices.app === "no-rights" || account.readOnly) throw refuse("accessDenied", "`iam:CreateRole` is not allowed for `Deployer/sam`.", "Ask the account's administrator to make the role: the template can be saved on the first screen.");
    const before = this.#made.get(`${account.accountId}:${choices.app}`);
    const same = before !== undefined && JSON.stringify(before) === JSON.stringify(wish);
    this.#serial += 1;
    const id = `${choices.app}-deployer-${this.#serial}`;
    if (!same) this.#reviewed.set(id, wish);
    const changes = [RIGHTS, ROLE].map((r) => ({ logicalId: r.id, resourceType: r.type, description: r.description, action: before ? "modify" as const : "add" as const, properties: before ? ["MaxSessionDuration"] : [] })).filter((c) => !before || c.logicalId === "Role");
    return { id: same ? null : id, app: choices.app, stack: `${choices.app}-deployer`, account, update: before !== undefined, trusted: wish.onlyMe ? account.arn.split(":").at(-1)?.replace(/^assumed-role\/([^/]+)\/.*/, "role/$1") ?? null : null, changes: same ? [] : changes, roleArn: before ? arnOf(account, choices.app) : null };
  }

  async make(clock: Clock, account: AccountView, app: string, id: string, tell: (stack: StackView) => void): Promise<string> {
    const wish = this.#reviewed.get(id);
    if (!wish) throw refuse("notFound", "This review is no longer there.", "Review the role again.");
    const rows: ResourceRow[] = [];
    for (const resource of [RIGHTS, ROLE]) {
      const row: ResourceRow = { stack: "deployer", logicalId: resource.id, resourceType: resource.type, description: resource.description, status: "CREATE_IN_PROGRESS", state: "running", reason: null, startedAt: clock.now(), endedAt: null };
      rows.push(row);
      tell(view(app, rows, "CREATE_IN_PROGRESS", "running"));
      // eslint-disable-next-line no-await-in-loop -- one after the other, as CloudFormation does
      await wait(clock, 4000);
      if (app === "fail-role" && resource === ROLE) throw refuse("invalidInput", "The role could not be made: AWS does not know who should be trusted (Role: Invalid principal in policy).", "Let everybody in the account take it on, or connect as somebody who still exists.");
      Object.assign(row, { status: "CREATE_COMPLETE", state: "succeeded", endedAt: clock.now() });
      tell(view(app, rows, "CREATE_IN_PROGRESS", "running"));
    }
    tell(view(app, rows, "CREATE_COMPLETE", "succeeded"));
    this.#reviewed.delete(id);
    this.#made.set(`${account.accountId}:${app}`, wish);
    return arnOf(account, app);
  }

  async discard(clock: Clock, _app: string, id: string): Promise<void> {
    await wait(clock, 300);
    this.#reviewed.delete(id);
  }
}

const arnOf = (account: AccountView, app: string): string => `arn:aws:iam::${account.accountId}:role/zonke/${app}/${app}-deployer-Role-1A2B3C4D5E6F`;

const view = (app: string, rows: ResourceRow[], status: string, state: StackView["state"]): StackView => ({ role: "deployer", name: `${app}-deployer`, status, state, resources: structuredClone(rows) });
