import type { AccountView, Choices, DatabaseClass, Price, PriceLine } from "../bindings.gen.ts";
import { refuse } from "./refuse.ts";

const SOURCE = "AWS price list, read for eu-west-1";
const TABLE = "2026-10-01";
const classes: Record<DatabaseClass, number> = { "db.t4g.micro": 0.017, "db.t4g.small": 0.034, "db.t4g.medium": 0.068, "db.t4g.large": 0.136, "db.m7g.large": 0.187, "db.m7g.xlarge": 0.374 };
const machines = { small: 0.0184, medium: 0.0368, large: 0.0736, xlarge: 0.1472 };
const cents = (usd: number): number => Math.round(usd * 100) / 100;

/** The bill of these choices; `load` is how much of everything goes through it, 1 for hardly anything. */
function linesOf(c: Choices, load: number, day: string | null): PriceLine[] {
  const vcpu = c.servers.cpuUnits / 1024;
  const gib = c.servers.memoryMib / 1024;
  const [perVcpu, perGib] = day !== null ? [0.04, 0.004] : c.cpu === "arm64" ? [0.03238, 0.00356] : [0.04048, 0.004445];
  const lines: PriceLine[] = [];
  const add = (id: string, label: string, monthly: number, formula: string) => lines.push({ id, label, monthly: cents(monthly), formula, source: SOURCE, bundled: TABLE, fresh: null });
  if (c.launch === "ec2") {
    const [number, hour] = [Math.max(1, Math.ceil(c.servers.min / 2)), machines[c.machine ?? "small"]];
    add("servers", "Machines for the servers", number * 730 * hour, `${number} × 730 h × ${hour} USD`);
  } else {
    const ordinary = c.launch === "fargateSpot" ? Math.min(c.servers.min, c.spotBase ?? 1) : c.servers.min;
    add("servers", "Servers", (ordinary + (c.servers.min - ordinary) * 0.3) * 730 * (vcpu * perVcpu + gib * perGib), `${c.servers.min} × 730 h × (${vcpu} vCPU × ${perVcpu} USD + ${gib} GiB × ${perGib} USD)`);
  }
  const hour = day === null ? 0.0252 : 0.04;
  add("alb", "Load balancer", 730 * hour + load * 0.1 * 730 * 0.008, `730 h × ${hour} USD + ${load / 10} LCU × 730 h × 0.008 USD`);
  if (c.origin === "publicAlb") add("ipv4", "Public IPv4 addresses", 3 * 730 * 0.005, "3 × 730 h × 0.005 USD");
  if (c.network) { /* It costs what it costs without this application. */ } else if (c.nat === "endpoints") add("nat", "Endpoints", 10 * 730 * 0.011, "10 × 730 h × 0.011 USD");
  else if (c.nat === "instance") add("nat", "NAT instance", 730 * 0.0046 + 0.7, "730 h × 0.0046 USD + 8 GB × 0.088 USD");
  else { const n = c.nat === "gatewayPerZone" ? 2 : 1; add("nat", n === 1 ? "NAT gateway" : "Two NAT gateways", n * 730 * 0.048 + load * 5 * 0.048, `${n} × 730 h × 0.048 USD + ${load * 5} GB × 0.048 USD`); }
  if (c.database !== "none") {
    const [aurora, twice] = [c.databaseOptions?.aurora, c.databaseOptions?.multiAz ? 2 : 1];
    const units = aurora ? ((aurora.minAcu ?? 0.5) === 0 && c.servers.min === 0 ? 0 : Math.max(aurora.minAcu ?? 0.5, load > 1 ? 1 : 0.5)) : 0;
    if (aurora) add("database", `Aurora ${c.database === "postgres" ? "PostgreSQL" : "MySQL"}`, twice * units * 730 * 0.14 + 10 * 0.11 + load * 2 * 0.22, `${twice} × ${units} units × 730 h × 0.14 USD + 10 GB × 0.11 USD + ${load * 2} million × 0.22 USD`);
    const [hour, storage, copies] = [classes[c.databaseOptions?.class ?? "db.t4g.micro"], c.databaseOptions?.storageGb ?? 20, c.databaseOptions?.multiAz ? 2 : 1];
    if (!aurora) add("database", c.database === "postgres" ? "PostgreSQL database" : "MySQL database", copies * (730 * hour + storage * 0.127), `${copies} × (730 h × ${hour} USD + ${storage} GB × 0.127 USD)`);
  }
  add("secrets", "Secrets", c.database === "none" ? 0.8 : 1.6, `${c.database === "none" ? 2 : 4} × 0.40 USD`);
  if (c.webFirewall) add("web-firewall", "Web firewall", 8 + load * 0.6, `5 USD + 3 × 1 USD + ${load} million × 0.6 USD`);
  if (c.containerInsights) add("insights", "Detailed metrics of the servers", 8.7, "29 metrics × 0.3 USD");
  if (c.ownKey) add("key", "Encryption key of its own", 1.03, "1 key × 1 USD + 1 × 0.03 USD");
  add("operations", "Logs, images, builds and pipeline", 1.9 + load * 0.57, `20 builds × 5 min × 0.0034 USD + 1.56 USD + ${load} GB × 0.57 USD`);
  for (const line of lines) {
    if (line.id === "alb" || (line.id === "servers" && c.launch === "fargate")) line.fresh = day;
    if (day !== null && line.fresh && line.id === "servers") line.bundled = null;
  }
  return lines;
}

const sum = (lines: PriceLine[]): number => cents(lines.reduce((total, line) => total + line.monthly, 0));

/**
 * What these choices cost, with figures near the real ones. With the day on which AWS was asked: then it told the prices of Fargate, and
 * some of those of the load balancer.
 */
export function priceOf(c: Choices, day: string | null = null): Price {
  const [lines, busy] = [linesOf(c, 1, day), linesOf(c, 5, day)];
  return {
    region: c.region, lines, total: sum(lines), assumptions: "730 hours, 5 GB of outgoing traffic, 20 releases, no free tier, without tax.",
    traffic: { lines: busy, total: sum(busy), assumptions: "730 hours, 5 million requests, 25 GB of outgoing traffic, 20 releases, without tax." },
    date: TABLE, confirmed: c.region === "eu-west-1",
  };
}

/** The day on which AWS is asked here. */
export const DAY = "2026-11-28";

/** What AWS tells an account then. The name of an application decides whether it tells anything. */
export function listOf(account: AccountView | null, { app, region }: Choices) {
  if (!account) throw refuse("signedOut", "No account is connected.", "Choose the practice account or an AWS profile first.");
  if (account.practice) throw refuse("invalidInput", "The practice account has no price list.", "Connect an AWS account to refresh prices; until then the bundled table counts.");
  if (app === "fail-prices") throw refuse("accessDenied", "Could not ask AWS for prices: `pricing:GetProducts` is not allowed for `Deployer/sam`.", "Ask the account's administrator for the permission named above; the plan lists the whole policy it needs.");
  if (app === "no-network") throw refuse("unavailable", "Could not ask AWS for prices: `api.pricing.us-east-1.amazonaws.com` cannot be reached.", "Check the network connection and try again.");
  const units = Object.fromEntries(["fargate_arm_vcpu", "fargate_arm_gb", "balancer_hour"].map((name) => [name, { usd: 0.04, date: DAY }]));
  return { prices: { region, units }, read: 3, missing: ["balancer_unit"] };
}
