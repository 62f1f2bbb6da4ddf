import type { Aurora, DatabaseClass, Domain, GitProvider } from "../../../host/index.ts";
import { regions } from "../../../ui/regions.ts";
import { count, nameOf } from "../../../ui/words.ts";
import { auroraStart, type Complete } from "./complete.ts";
import type { Group } from "./option.ts";

const orNull = (text: string): string | null => (text.trim() === "" ? null : text);
const gb = (mib: number): string => `${mib / 1024} GB`;
const servers = (c: Complete, part: Partial<Complete["servers"]>): Complete => ({ ...c, servers: { ...c.servers, ...part } });
const database = (c: Complete, part: Partial<Complete["databaseOptions"]>): Complete => ({ ...c, databaseOptions: { ...c.databaseOptions, ...part } });
const domain = (c: Complete, part: Partial<Domain>): Complete => ({ ...c, domain: { name: "", www: false, dns: { kind: "outside" }, ...c.domain, ...part } });
const fixed = (c: Complete): boolean => c.servers.min === c.servers.max;
const hosts: Record<GitProvider, string> = { gitHub: "GitHub", gitLab: "GitLab", bitbucket: "Bitbucket", azureDevOps: "Azure DevOps" };
const launches = { fargate: "Fargate", fargateSpot: "Spot", ec2: "EC2" };
const ways = { gateway: "One NAT gateway", gatewayPerZone: "A NAT gateway in each zone", instance: "NAT instance", endpoints: "Endpoints only" };
const engines = { none: "None", postgres: "PostgreSQL", mysql: "MySQL" };
const classes: Record<DatabaseClass, string> = {
  "db.t4g.micro": "t4g.micro, 1 GB", "db.t4g.small": "t4g.small, 2 GB", "db.t4g.medium": "t4g.medium, 4 GB", "db.t4g.large": "t4g.large, 8 GB", "db.m7g.large": "m7g.large, 8 GB", "db.m7g.xlarge": "m7g.xlarge, 16 GB",
};
const noDatabase = (c: Complete): string | null => (c.database === "none" ? "Only with a database." : null);
const acus = [0.5, 1, 2, 4, 8, 16, 32, 64, 128];
const noInstance = (c: Complete): string | null => noDatabase(c) ?? (c.databaseOptions.aurora ? "Aurora follows the load and the data." : null);
const noAurora = (c: Complete): string | null => noDatabase(c) ?? (c.databaseOptions.aurora ? null : "Only with Aurora.");
const aurora = (c: Complete, part: Partial<Aurora>): Complete => database(c, { aurora: { ...auroraStart, ...c.databaseOptions.aurora, ...part } });
const units = (n: number): string => (n === 1 ? "1 unit, 2 GB" : `${n} units, ${n * 2} GB`);
const withOwn = (numbers: number[], own: number | undefined): number[] => [...new Set(own === undefined ? numbers : [...numbers, own])].toSorted((a, b) => a - b);
const subnetsLike = "subnet-0123456789abcdef0\nsubnet-0123456789abcdef1";
const noNetwork = (c: Complete): string | null => (c.network ? null : "Only with a network of your own.");
const network = (c: Complete, part: Partial<NonNullable<Complete["network"]>>): Complete => ({ ...c, network: { vpcId: "", publicSubnets: [], privateSubnets: [], isolatedSubnets: [], ...c.network, ...part } });
const noDomain = (c: Complete): string | null => (c.domain ? null : "Only with a domain.");
const list = <K extends string>(words: Record<K, string>) => () => (Object.entries(words) as [K, string][]).map(([value, label]) => ({ value, label }));

/** Memory that a server may have, in MiB; what does not fit its processor is left out by the planner. */
const memories = [512, 1024, 2048, 3072, 4096, 5120, 6144, 7168, 8192, 10_240, 12_288, 14_336, 16_384, 20_480, 24_576, 30_720];
const logDays = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

/** Every choice of a plan, in the groups of the panel. */
export const groups: Group[] = [
  {
    id: "application", title: "Application",
    summary: (c) => `${nameOf(c)}, ${c.branch} of ${c.repository ?? "no repository yet"}`,
    options: [
      { kind: "text", path: "app", label: "Application name", value: (c) => c.app, with: (c, app) => ({ ...c, app }), sentence: () => "Begins every name in AWS." },
      { kind: "text", path: "environment", label: "Environment", placeholder: "none", value: (c) => c.environment ?? "", with: (c, text) => ({ ...c, environment: orNull(text) }), sentence: () => "Such as staging: several stand beside each other, each with everything of its own." },
      { kind: "pick", path: "region", label: "Region", values: (c) => (regions.some((r) => r.value === c.region) ? regions : [{ value: c.region, label: c.region }, ...regions]), value: (c) => c.region, with: (c, region) => ({ ...c, region }), sentence: () => "Where everything stands." },
      { kind: "text", path: "repository", label: "Repository", placeholder: "owner/name", value: (c) => c.repository ?? "", with: (c, text) => ({ ...c, repository: orNull(text) }), sentence: () => "The pipeline fetches commits from there." },
      { kind: "pick", path: "provider", label: "Source host", values: list(hosts), value: (c) => c.provider, with: (c, provider) => ({ ...c, provider: provider as GitProvider }), sentence: () => "Where the repository lives." },
      { kind: "text", path: "branch", label: "Branch", value: (c) => c.branch, with: (c, branch) => ({ ...c, branch }), sentence: () => "Commits to it are released." },
    ],
  },
  {
    id: "servers", title: "Servers",
    summary: (c) => `${fixed(c) ? c.servers.min : `${c.servers.min}–${c.servers.max}`} × ${c.servers.cpuUnits / 1024} vCPU, ${gb(c.servers.memoryMib)} on ${c.launch === "fargateSpot" ? "Fargate Spot" : launches[c.launch]}`,
    options: [
      { kind: "pick", row: true, path: "launch", label: "Servers run on", values: list(launches), value: (c) => c.launch, with: (c, launch) => ({ ...c, launch: launch as Complete["launch"] }), sentence: (c) => ({ fargate: "No machines to look after.", fargateSpot: "Spare capacity of Fargate; AWS may take servers back.", ec2: "Machines of an Auto Scaling group." })[c.launch] },
      { kind: "amount", path: "spotBase", label: "Servers that Spot cannot take", value: (c) => c.spotBase, with: (c, spotBase) => ({ ...c, spotBase }), off: (c) => (c.launch === "fargateSpot" ? null : "Only with Spot."), sentence: () => "They stay on ordinary Fargate, so that something always answers.", more: { step: 1, words: "One more" } },
      { kind: "pick", fitting: true, path: "machine", label: "Machine", values: () => [{ value: "", label: "The smallest that fits" }, { value: "small", label: "small, 2 GB" }, { value: "medium", label: "medium, 4 GB" }, { value: "large", label: "large, 8 GB" }, { value: "xlarge", label: "xlarge, 16 GB" }], value: (c) => c.machine ?? "", with: (c, machine) => ({ ...c, machine: (orNull(machine) as Complete["machine"]) }), off: (c) => (c.launch === "ec2" ? null : "Only with EC2."), sentence: () => "A larger one holds several servers." },
      { kind: "pick", row: true, path: "cpu", label: "Processor", values: list({ arm64: "ARM64", x86_64: "x86-64" }), value: (c) => c.cpu, with: (c, cpu) => ({ ...c, cpu: cpu as Complete["cpu"] }), sentence: (c) => (c.cpu === "arm64" ? "Graviton, about a fifth cheaper." : "For native modules without an ARM build.") },
      { kind: "pick", path: "servers.cpuUnits", label: "Processors of a server", values: () => [256, 512, 1024, 2048, 4096].map((n) => ({ value: String(n), label: `${n / 1024} vCPU` })), value: (c) => String(c.servers.cpuUnits), with: (c, text) => servers(c, { cpuUnits: Number(text), memoryMib: 2 * Number(text) }), sentence: () => "Sets the memory to twice as many GB." },
      { kind: "pick", fitting: true, path: "servers.memoryMib", label: "Memory of a server", values: (c) => [...new Set([...memories, c.servers.memoryMib])].toSorted((a, b) => a - b).map((n) => ({ value: String(n), label: gb(n) })), value: (c) => String(c.servers.memoryMib), with: (c, text) => servers(c, { memoryMib: Number(text) }), sentence: () => "What fits these processors." },
      { kind: "amount", path: "servers.min", label: "Servers, lowest", value: (c) => c.servers.min, with: (c, min) => servers(c, fixed(c) ? { min, max: min } : { min }), sentence: (c) => (fixed(c) ? "A fixed number." : "They run all month."), more: { step: 1, words: "One more" } },
      { kind: "amount", path: "servers.max", label: "Servers, highest", value: (c) => c.servers.max, with: (c, max) => servers(c, { max }), sentence: (c) => (fixed(c) ? "Raise it to let traffic decide." : "Traffic decides within this range.") },
      { kind: "pick", row: true, path: "scaleBy.metric", label: "Their number follows", values: list({ cpu: "Processors", requests: "Requests" }), value: (c) => c.scaleBy.metric, with: (c, metric) => ({ ...c, scaleBy: metric === "cpu" ? { metric: "cpu", percent: 60 } : { metric: "requests", perMinute: 1000 } }), sentence: () => "Within the range of lowest and highest." },
      { kind: "amount", path: "scaleBy.percent", label: "Use of the processors, percent", value: (c) => (c.scaleBy.metric === "cpu" ? c.scaleBy.percent : 60), with: (c, percent) => ({ ...c, scaleBy: { metric: "cpu", percent } }), off: (c) => (c.scaleBy.metric === "cpu" ? null : "Their number follows requests."), sentence: () => "Kept by adding and taking servers." },
      { kind: "amount", path: "scaleBy.perMinute", label: "Requests a minute for each", value: (c) => (c.scaleBy.metric === "requests" ? c.scaleBy.perMinute : 1000), with: (c, perMinute) => ({ ...c, scaleBy: { metric: "requests", perMinute } }), off: (c) => (c.scaleBy.metric === "requests" ? null : "Their number follows processors."), sentence: () => "Kept by adding and taking servers." },
    ],
  },
  {
    id: "database", title: "Database",
    summary: (c) => (c.database === "none" ? "None" : `${c.databaseOptions.aurora ? `Aurora ${engines[c.database]}, ${c.databaseOptions.aurora.minAcu}–${c.databaseOptions.aurora.maxAcu} units` : `${engines[c.database]}, ${c.databaseOptions.class.slice(3)}, ${c.databaseOptions.storageGb} GB`}${c.databaseOptions.multiAz ? ", standby" : ""}`),
    options: [
      { kind: "pick", row: true, path: "database", label: "Database", values: list(engines), value: (c) => c.database, with: (c, engine) => ({ ...c, database: engine as Complete["database"] }), sentence: (c) => (c.database === "none" ? "Nothing of a database is built." : "In isolated subnets; only the servers reach it.") },
      { kind: "pick", row: true, path: "databaseOptions.aurora", label: "Kind of database", values: list({ instance: "An instance", aurora: "Aurora Serverless" }), value: (c) => (c.databaseOptions.aurora ? "aurora" : "instance"), with: (c, kind) => (kind === "aurora" ? aurora(c, {}) : database(c, { aurora: null })), off: noDatabase, sentence: (c) => (c.databaseOptions.aurora ? "Capacity follows the load, storage the data. It cannot become an instance later." : "One size, the same price every hour. It cannot become Aurora later.") },
      { kind: "pick", path: "databaseOptions.aurora.minAcu", label: "Capacity, lowest", values: (c) => withOwn([0, ...acus], c.databaseOptions.aurora?.minAcu).map((n) => ({ value: String(n), label: n === 0 ? "0, it may pause" : units(n) })), value: (c) => String(c.databaseOptions.aurora?.minAcu ?? auroraStart.minAcu), with: (c, text) => aurora(c, { minAcu: Number(text), maxAcu: Math.max(Number(text), c.databaseOptions.aurora?.maxAcu ?? auroraStart.maxAcu) }), off: noAurora, sentence: (c) => (c.databaseOptions.aurora?.minAcu === 0 ? "Pauses while nobody is connected, then takes up to half a minute to wake. Servers that run keep it awake." : "Paid for all month.") },
      { kind: "pick", fitting: true, path: "databaseOptions.aurora.maxAcu", label: "Capacity, highest", values: (c) => withOwn(acus.slice(1), c.databaseOptions.aurora?.maxAcu).map((n) => ({ value: String(n), label: units(n) })), value: (c) => String(c.databaseOptions.aurora?.maxAcu ?? auroraStart.maxAcu), with: (c, text) => aurora(c, { maxAcu: Number(text) }), off: noAurora, sentence: () => "Paid for only while the load asks for it." },
      { kind: "amount", path: "databaseOptions.aurora.pauseMinutes", label: "Pauses after, minutes", value: (c) => c.databaseOptions.aurora?.pauseMinutes ?? auroraStart.pauseMinutes, with: (c, pauseMinutes) => aurora(c, { pauseMinutes }), off: (c) => noAurora(c) ?? (c.databaseOptions.aurora?.minAcu === 0 ? null : "Only with a lowest capacity of 0."), sentence: () => "Without a connection, 5 to 1440." },
      { kind: "pick", path: "databaseOptions.class", label: "Class", values: list(classes), value: (c) => c.databaseOptions.class, with: (c, name) => database(c, { class: name as DatabaseClass }), off: noInstance, sentence: () => "Processors and memory; can be changed later." },
      { kind: "amount", path: "databaseOptions.storageGb", label: "Storage, GB", value: (c) => c.databaseOptions.storageGb, with: (c, storageGb) => database(c, { storageGb }), off: noInstance, sentence: () => "It never becomes smaller again.", more: { step: 10, words: "10 GB more" } },
      { kind: "amount", path: "databaseOptions.maxStorageGb", label: "Storage grows up to, GB", value: (c) => c.databaseOptions.maxStorageGb, with: (c, maxStorageGb) => database(c, { maxStorageGb }), off: noInstance, sentence: () => "By itself, when it runs full; paid for then." },
      { kind: "flag", path: "databaseOptions.multiAz", label: "Standby in a second zone", value: (c) => c.databaseOptions.multiAz, with: (c, multiAz) => database(c, { multiAz }), off: noDatabase, sentence: () => "Takes over within two minutes when a zone fails." },
      { kind: "amount", path: "databaseOptions.backupDays", label: "Backups are kept, days", value: (c) => c.databaseOptions.backupDays, with: (c, backupDays) => database(c, { backupDays }), off: noDatabase, sentence: () => "Any second of them can be restored." },
    ],
  },
  {
    id: "network", title: "Network",
    summary: (c) => c.network ? `${c.origin === "publicAlb" ? "Locked public" : "Internal"} load balancer in ${c.network.vpcId || "your own VPC"}` : `${c.origin === "publicAlb" ? "Locked public" : "Internal"} load balancer, ${ways[c.nat].charAt(0).toLowerCase()}${ways[c.nat].slice(1)}`.replace("nAT", "NAT"),
    options: [
      { kind: "pick", row: true, path: "origin", label: "Load balancer", values: list({ publicAlb: "Locked public", vpcOrigin: "Internal" }), value: (c) => c.origin, with: (c, origin) => ({ ...c, origin: origin as Complete["origin"] }), sentence: (c) => (c.origin === "publicAlb" ? "Has a public address and admits CloudFront only." : "Has no public address; CloudFront reaches into the network.") },
      { kind: "pick", row: true, path: "network", opens: ["network.vpcId"], label: "Network", values: list({ own: "Made for it", existing: "One of mine" }), value: (c) => (c.network ? "existing" : "own"), with: (c, kind) => ({ ...c, network: kind === "existing" ? { vpcId: "", publicSubnets: [], privateSubnets: [], isolatedSubnets: [] } : null }), sentence: (c) => (c.network ? "Nothing of it is made, changed or taken away. What cannot be seen from here is under Checks: you vouch for it." : "Subnets, routes and firewalls of its own, apart from everything else.") },
      { kind: "text", path: "network.vpcId", label: "VPC", placeholder: "vpc-0123456789abcdef0", value: (c) => c.network?.vpcId ?? "", with: (c, vpcId) => network(c, { vpcId: vpcId.trim() }), off: noNetwork, sentence: () => "Its id; in the region of the plan." },
      { kind: "lines", path: "network.publicSubnets", label: "Public subnets", placeholder: subnetsLike, value: (c) => c.network?.publicSubnets ?? [], with: (c, publicSubnets) => network(c, { publicSubnets }), off: noNetwork, sentence: () => "For the load balancer: two or more, one in each zone, with a route to an internet gateway." },
      { kind: "lines", path: "network.privateSubnets", label: "Private subnets", placeholder: subnetsLike, value: (c) => c.network?.privateSubnets ?? [], with: (c, privateSubnets) => network(c, { privateSubnets }), off: noNetwork, sentence: () => "For the servers: in two zones or more, with a way out and none in." },
      { kind: "lines", path: "network.isolatedSubnets", label: "Isolated subnets", placeholder: subnetsLike, value: (c) => c.network?.isolatedSubnets ?? [], with: (c, isolatedSubnets) => network(c, { isolatedSubnets }), off: (c) => noNetwork(c) ?? noDatabase(c), sentence: () => "For the database: in two zones or more, without a route to anywhere." },
      { kind: "pick", path: "nat", label: "Way out of the network", values: list(ways), value: (c) => c.nat, with: (c, nat) => ({ ...c, nat: nat as Complete["nat"] }), off: (c) => (c.network ? "Your network has its own." : null), sentence: (c) => ({ gateway: "If its zone fails, servers cannot call anyone.", gatewayPerZone: "A zone may fail and the other still has a way out.", instance: "One small machine: cheap, and away while it is replaced.", endpoints: "To services of AWS only; no way to the internet." })[c.nat] },
    ],
  },
  {
    id: "edge", title: "Edge and domain",
    summary: (c) => `${c.domain ? c.domain.name : "Address of CloudFront"}, ${c.webFirewall ? "web firewall" : "no firewall"}`,
    options: [
      { kind: "text", path: "domain.name", label: "Domain", placeholder: "none", value: (c) => c.domain?.name ?? "", with: (c, text) => (text.trim() === "" ? { ...c, domain: null } : domain(c, { name: text })), sentence: () => "Such as app.example.com; without one the site has an address of CloudFront." },
      { kind: "flag", path: "domain.www", label: "www. leads to it too", value: (c) => c.domain?.www ?? false, with: (c, www) => domain(c, { www }), off: noDomain, sentence: () => "One more name in the certificate." },
      { kind: "pick", row: true, path: "domain.dns.kind", opens: ["domain.dns.zoneId"], label: "DNS", values: list({ outside: "Elsewhere", route53: "Route 53" }), value: (c) => c.domain?.dns.kind ?? "outside", with: (c, kind) => domain(c, { dns: kind === "route53" ? { kind: "route53", zoneId: "" } : { kind: "outside" } }), off: noDomain, sentence: (c) => (c.domain?.dns.kind === "route53" ? "CloudFormation writes every record." : "The records to enter there are shown.") },
      { kind: "text", path: "domain.dns.zoneId", label: "Hosted zone", placeholder: "Z0123456789ABCDEFGHIJ", value: (c) => (c.domain?.dns.kind === "route53" ? c.domain.dns.zoneId : ""), with: (c, zoneId) => domain(c, { dns: { kind: "route53", zoneId: zoneId.trim().replace(/^\/hostedzone\//, "") } }), off: (c) => noDomain(c) ?? (c.domain?.dns.kind === "route53" ? null : "Only with Route 53."), sentence: () => "The id of the public hosted zone that answers for the domain: in the Route 53 console it stands beside the zone's name." },
      { kind: "flag", path: "webFirewall", label: "Web firewall", value: (c) => c.webFirewall !== null, with: (c, on) => ({ ...c, webFirewall: on ? { requestsPerFiveMinutes: 2000 } : null }), sentence: () => "Refuses known attacks and addresses that ask too much." },
      { kind: "amount", path: "webFirewall.requestsPerFiveMinutes", label: "Requests of an address in 5 minutes", value: (c) => c.webFirewall?.requestsPerFiveMinutes ?? 2000, with: (c, requestsPerFiveMinutes) => ({ ...c, webFirewall: { requestsPerFiveMinutes } }), off: (c) => (c.webFirewall ? null : "Only with the web firewall."), sentence: () => "Beyond it, the address is refused for a while." },
    ],
  },
  {
    id: "watching", title: "Safety and watching",
    summary: (c) => [`Logs for ${count(c.logDays, "day")}`, c.alarmAddress ? `alarms to ${c.alarmAddress}` : "no alarm address", c.ownKey ? "own key" : null].filter(Boolean).join(", "),
    options: [
      { kind: "text", path: "alarmAddress", label: "Alarms go to", placeholder: "nobody", value: (c) => c.alarmAddress ?? "", with: (c, text) => ({ ...c, alarmAddress: orNull(text) }), sentence: () => "An e-mail address for alarms and failed releases." },
      { kind: "pick", path: "logDays", label: "Logs are kept", values: () => logDays.map((n) => ({ value: String(n), label: count(n, "day") })), value: (c) => String(c.logDays), with: (c, text) => ({ ...c, logDays: Number(text) }), sentence: () => "Paid for when written; keeping 1 GB costs cents." },
      { kind: "flag", path: "containerInsights", label: "Detailed metrics of the servers", value: (c) => c.containerInsights, with: (c, containerInsights) => ({ ...c, containerInsights }), sentence: () => "Container insights: processor, memory and network of each." },
      { kind: "flag", path: "ownKey", label: "Encryption key of its own", value: (c) => c.ownKey, with: (c, ownKey) => ({ ...c, ownKey }), sentence: () => "For logs, secrets, images and the database; cannot be changed after the first deployment." },
    ],
  },
  {
    id: "release", title: "Release",
    summary: (c) => `${c.rollout.kind === "rolling" ? "Rolling" : `Blue/green, ${c.rollout.bakeMinutes} min`}, ${c.dockerfile ?? "generated Dockerfile"}`,
    options: [
      { kind: "pick", row: true, path: "rollout.kind", label: "Servers are replaced", values: list({ rolling: "Rolling", blueGreen: "Blue/green" }), value: (c) => c.rollout.kind, with: (c, kind) => ({ ...c, rollout: kind === "rolling" ? { kind: "rolling" } : { kind: "blueGreen", bakeMinutes: 5 } }), sentence: (c) => (c.rollout.kind === "rolling" ? "One after the other." : "All at once, beside the old ones; there is no way back to rolling later.") },
      { kind: "amount", path: "rollout.bakeMinutes", label: "Old servers stay, minutes", value: (c) => (c.rollout.kind === "blueGreen" ? c.rollout.bakeMinutes : 5), with: (c, bakeMinutes) => ({ ...c, rollout: { kind: "blueGreen", bakeMinutes } }), off: (c) => (c.rollout.kind === "blueGreen" ? null : "Only with blue/green."), sentence: () => "The way back after the traffic has moved." },
      { kind: "pick", row: true, path: "releaseOn", label: "A release starts with", values: list({ whatMatters: "What matters", everyCommit: "Every commit" }), value: (c) => c.releaseOn, with: (c, releaseOn) => ({ ...c, releaseOn: releaseOn as Complete["releaseOn"] }), sentence: (c) => (c.releaseOn === "whatMatters" ? "Commits that touch what the application is made from; the checks name the paths." : "Every commit to the branch, also one that changes documents only.") },
      { kind: "text", path: "dockerfile", label: "Own Dockerfile", placeholder: "generated", value: (c) => c.dockerfile ?? "", with: (c, text) => ({ ...c, dockerfile: orNull(text) }), sentence: () => "A path in the repository, such as api/Dockerfile." },
    ],
  },
  {
    id: "advanced", title: "Advanced",
    summary: (c) => [count(Object.keys(c.tags).length, "tag"), count(Object.keys(c.uiVariables).length, "variable of the page", "variables of the page"), c.permissionsBoundary ? "boundary" : null].filter(Boolean).join(", "),
    options: [
      { kind: "pairs", path: "tags", label: "Tags", value: (c) => c.tags, with: (c, tags) => ({ ...c, tags }), sentence: () => "On everything, besides those of the app." },
      { kind: "text", path: "permissionsBoundary", label: "Permissions boundary", placeholder: "arn:aws:iam::…:policy/…", value: (c) => c.permissionsBoundary ?? "", with: (c, text) => ({ ...c, permissionsBoundary: orNull(text) }), sentence: () => "ARN of a policy beyond which no role may go." },
      { kind: "pairs", path: "uiVariables", label: "Variables of the page", value: (c) => c.uiVariables, with: (c, uiVariables) => ({ ...c, uiVariables }), sentence: () => "Baked in when it is built. Public, never a secret." },
      { kind: "text", path: "uiConfig.path", label: "File with settings of the page", placeholder: "none", value: (c) => c.uiConfig?.path ?? "", with: (c, text) => ({ ...c, uiConfig: text.trim() === "" ? null : { path: text, values: c.uiConfig?.values ?? {} } }), sentence: () => "Such as config.json; the page fetches it when it starts." },
      { kind: "pairs", path: "uiConfig.values", label: "Entries of that file", value: (c) => c.uiConfig?.values ?? {}, with: (c, values) => ({ ...c, uiConfig: { path: c.uiConfig?.path ?? "config.json", values } }), off: (c) => (c.uiConfig ? null : "Only with such a file."), sentence: () => "Everyone who opens the site can read them." },
    ],
  },
];

/** The group with the option that a refusal is about. */
export function groupOf(field: string): Group | null {
  return groups.find((g) => g.options.some((o) => concerns(field, o.path))) ?? null;
}

/** What the panel calls the option that a refusal of the planner is about. */
export function labelOf(field: string): string | null {
  return groups.flatMap((g) => g.options).find((o) => concerns(field, o.path))?.label ?? null;
}

/** Whether a refusal of the planner is about this option; one about a part without an option of its own belongs to the whole. */
export function concerns(field: string, path: string): boolean {
  return field === path || (field.startsWith(`${path}.`) && !groups.some((g) => g.options.some((o) => o.path === field)));
}
