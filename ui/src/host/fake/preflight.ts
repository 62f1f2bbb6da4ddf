import type { AccountView, Choices, Preflight, PreflightCheck, PreflightId, PreflightResult } from "../bindings.gen.ts";
import { type Clock, wait } from "./clock.ts";

type Row = [id: PreflightId, title: string, result: PreflightResult, found: string, fix?: string, link?: string | undefined, missing?: string[]];

/** Checks of an account that is new to CloudFront and lacks two permissions, unless it is a practice account; one after the other. */
export async function runPreflight(clock: Clock, account: AccountView, choices: Choices, tell: (check: PreflightCheck) => void): Promise<Preflight> {
  const troubled = choices.app === "new-account";
  const rows: Row[] = [
    account.readOnly
      ? ["identity", "Who you are", "blocked", "You are signed in through a profile that is read-only.", "Turn read-only off for this profile, or use another one."]
      : ["identity", "Who you are", "ok", `You are role Deployer as sam in account ${account.accountId}.`],
    ["region", "Region", "ok", `${account.region} is enabled.`],
    troubled
      ? ["permissions", "Permissions", "blocked", "2 of 214 permissions of the plan's policy are missing.", "Add the plan's policy to the role `Deployer`.", "https://console.aws.amazon.com/iam/home#/roles/details/Deployer", ["ecs:CreateCluster", "cloudfront:CreateDistribution"]]
      : ["permissions", "Permissions", "ok", "Everything the plan's policy allows is allowed."],
    ["accountPlan", "Plan of the account", troubled ? "warning" : "ok", troubled ? "The account is on the free plan: backups of the database are kept for one day." : "The account is on the paid plan.", troubled ? "Move to the paid plan for longer backups." : ""],
    ["addresses", "Elastic addresses", "ok", "4 of 5 are free; the plan needs 1."],
    ["networks", "Networks", "ok", "3 of 5 VPCs are free; the plan needs 1."],
    ["fargate", "Fargate", "ok", "6 vCPUs may run at once; the plan needs 0.5."],
    ["functions", "Functions", "unknown", "The limit cannot be read from here; the deployment will show it."],
    ["cloudFront", "CloudFront", troubled ? "blocked" : "ok", troubled ? "AWS has not verified this account for CloudFront yet." : "Distributions may be made.", troubled ? "Open a case with AWS support (free) and ask for verification; it takes about a day." : "", troubled ? "https://console.aws.amazon.com/support/home#/case/create" : undefined],
    ["names", "Names", "ok", `No stack or bucket is in the way of \`${choices.app}\`.`],
    ["connection", "Source host", "ok", "The connection is available."],
  ];
  const checks: PreflightCheck[] = [];
  for (const [id, title, result, found, fix = "", link, missing = []] of rows) {
    // eslint-disable-next-line no-await-in-loop -- they come one after the other, as from AWS
    await wait(clock, 220);
    const check: PreflightCheck = { id, title, result, found, fix, link: link ?? null, missing, at: clock.now() };
    checks.push(check);
    tell(check);
  }
  return { app: choices.app, accountId: account.accountId, region: account.region, checks, at: clock.now() };
}
