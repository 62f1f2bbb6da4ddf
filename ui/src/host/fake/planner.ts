import { HostError } from "../host.ts";
import type { Check, Choices, Diagram, DiagramNode, Findings, Plan, PlannedFile, PlannedPolicy, PolicyStatement, StackRole } from "../bindings.gen.ts";
import { priceOf } from "./price.ts";
import { edgeResources, renderTemplate, resourcesOf } from "./resources.ts";
import { refusalOf } from "./rules.ts";

export const ROLES: StackRole[] = ["pipeline", "base", "service"];

const appName = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^[-0-9]+|-+$/g, "").slice(0, 20) || "app";

/** The choices a person would start from. */
export function suggested(findings: Findings): Choices {
  const backend = findings.backends.find((b) => b.path === findings.chosen.backend);
  return {
    app: appName(findings.name),
    region: "eu-west-1",
    branch: findings.git?.branch ?? "main",
    repository: findings.git?.repository ?? null,
    provider: findings.git?.provider ?? "gitHub",
    database: backend?.database === "postgresql" ? "postgres" : backend?.database === "mysql" ? "mysql" : "none",
    databaseOptions: { class: "db.t4g.micro", storageGb: 20, maxStorageGb: 100, multiAz: false, backupDays: 7 },
    launch: "fargate",
    spotBase: 1,
    machine: null,
    cpu: "arm64",
    origin: "publicAlb",
    nat: "gateway",
    scaleBy: { metric: "cpu", percent: 60 },
    servers: { cpuUnits: 512, memoryMib: 1024, min: 1, max: 1 },
    environment: null, domain: null, webFirewall: null, logDays: 30, ownKey: false, alarmAddress: null, containerInsights: false, rollout: { kind: "rolling" }, releaseOn: "whatMatters",
    tags: {}, permissionsBoundary: null, dockerfile: null, uiVariables: {}, uiConfig: null,
  };
}

function checks(c: Choices): Check[] {
  const list: Check[] = [
    { id: "alb-admits-cloudfront-only", title: "The load balancer admits CloudFront only", result: "satisfied", detail: c.origin === "vpcOrigin" ? "It is internal; CloudFront reaches it through a VPC origin." : "Its security group names CloudFront's address list, and a header with a secret is required." },
    { id: "servers-private", title: "Servers have no public address", result: "satisfied", detail: "`AssignPublicIp` is `DISABLED` and their subnets have no route from the internet." },
    { id: "ui-bucket-private", title: "The front end's bucket is private", result: "satisfied", detail: "Public access is blocked; only this distribution may read." },
    { id: "secrets-never-in-templates", title: "No secret value is in a template", result: "satisfied", detail: "Values are read from Secrets Manager when a server starts." },
    { id: "waf", title: "A web application firewall filters requests", result: "option", detail: "It costs about 9 USD a month and was left out." },
    { id: "nat-per-zone", title: "Each zone has its own way out", result: "accepted", detail: "One NAT gateway is shared. If its zone fails, servers of the other zone cannot call out." },
  ];
  if (c.database !== "none") list.splice(3, 0, { id: "database-isolated", title: "The database has no route to or from the internet", result: "satisfied", detail: "Its subnets' route table has no default route; its security group names two others." });
  if (c.repository === null) list.unshift({ id: "repository-known", title: "The repository is known", result: "failed", detail: "Choose the repository as owner/name: the pipeline fetches commits from the source host, not from this computer." });
  return list;
}

function diagram(c: Choices): Diagram {
  const node = (id: string, label: string, detail: string, zone: DiagramNode["zone"], resources: string[] = []): DiagramNode => ({ id, label, detail, zone, resources });
  const edge = (from: string, to: string, label: string) => ({ from, to, label });
  const range = c.servers.min === c.servers.max ? `${c.servers.min}` : `${c.servers.min}–${c.servers.max}`;
  const nodes = [
    node("visitors", "Visitors", "browsers", "outside"),
    node("repository", "GitHub", c.repository ?? "repository", "outside"),
    node("internet", "Third-party APIs", "called by servers", "outside"),
    node("cloudfront", "CloudFront", "the only way in", "edge", ["Distribution", "SpaRouter"]),
    node("alb", "Load balancer", c.origin === "vpcOrigin" ? "no public address" : "admits CloudFront only", c.origin === "vpcOrigin" ? "private" : "public", ["LoadBalancer", "ApiTargets"]),
    c.network ? node("nat", "Way out", "your network's own", "public", []) : c.nat === "endpoints" ? node("nat", "Endpoints", "services of AWS only", "private", ["NatGateway"]) : node("nat", c.nat === "instance" ? "NAT instance" : c.nat === "gatewayPerZone" ? "NAT gateways" : "NAT gateway", c.nat === "gatewayPerZone" ? "one in each zone" : "out, never in", "public", ["NatGateway"]),
    node("servers", "Servers", `${range} × ${c.servers.cpuUnits / 1024} vCPU, ${c.servers.memoryMib / 1024} GB, ${c.launch === "ec2" ? `t4g.${c.machine ?? "small"}` : c.launch === "fargateSpot" ? "Spot" : "Fargate"}`, "private", ["Service", "TaskDefinition"]),
    node("ui", "User interface", "private bucket", "account", ["UiBucket"]),
    node("secrets", "Secrets", "1 of your own, encrypted", "account", ["AppSecret"]),
    node("pipeline", "Pipeline", `commits to ${c.branch}`, "account", ["Pipeline"]),
    node("images", "Images", "one for each release", "account", ["ImageRepository"]),
    node("artifacts", "Infrastructure", "templates and build files", "account", ["ArtifactBucket"]),
    node("logs", "Logs", `kept for ${c.logDays ?? 30} days`, "account", ["LogGroup"]),
  ];
  const edges = [
    edge("visitors", "cloudfront", "HTTPS"), edge("cloudfront", "ui", "files, signed requests"), edge("cloudfront", "alb", "/api/* over HTTP, with a password"), edge("alb", "servers", "HTTP, port 3000"),
    edge("servers", "nat", "HTTPS"), edge("nat", "internet", "HTTPS"), edge("secrets", "servers", "environment variables"), edge("servers", "logs", "output"), edge("images", "servers", "image of a release"),
    edge("repository", "pipeline", "commits"), edge("artifacts", "pipeline", "infrastructure"), edge("pipeline", "images", "builds"), edge("pipeline", "ui", "publishes"), edge("pipeline", "servers", "releases"),
  ];
  if (c.database !== "none") {
    nodes.push(node("migrator", "Migrations", "Prisma, in a Lambda function", "private", ["Migrator"]), node("database", c.databaseOptions?.aurora ? `Aurora ${c.database === "postgres" ? "PostgreSQL" : "MySQL"}` : c.database === "postgres" ? "PostgreSQL 18" : "MySQL 8.4", `${c.databaseOptions?.aurora ? `${c.databaseOptions.aurora.minAcu ?? 0.5}–${c.databaseOptions.aurora.maxAcu ?? 4} capacity units` : c.databaseOptions?.class ?? "db.t4g.micro"}${c.databaseOptions?.multiAz ? ", standby" : ""}`, "isolated", ["Database", "DatabaseSecurityGroup"]));
    edges.push(edge("servers", "database", c.database === "postgres" ? "port 5432, TLS" : "port 3306, TLS"), edge("pipeline", "migrator", "before each release"), edge("secrets", "migrator", "environment variables"), edge("migrator", "database", "migrations"));
  }
  return { nodes, edges };
}

function files(c: Choices): PlannedFile[] {
  return [
    { path: "base.json", description: "Parameters and tags of the base stack.", text: `${JSON.stringify({ Parameters: { AppName: c.app }, Tags: { "zonke:app": c.app, "zonke:role": "base" } }, null, 2)}\n` },
    { path: "Dockerfile.api", description: "How the API becomes an image.", text: "# Built by the pipeline; the repository needs no Dockerfile.\nFROM public.ecr.aws/docker/library/node:22-slim AS build\nWORKDIR /src\nCOPY . .\nRUN npm ci\nRUN npm run build --workspace apps/api\n\nFROM public.ecr.aws/docker/library/node:22-slim\nWORKDIR /srv\nCOPY --from=build /src .\nUSER node\nEXPOSE 3000\nCMD [\"node\", \"--require\", \"/srv/preload.cjs\", \"apps/api/dist/main.js\"]\n" },
    { path: "buildspec-ui.yml", description: "How the front end is built and uploaded.", text: "version: 0.2\nphases:\n  install:\n    commands:\n      - npm ci\n  build:\n    commands:\n      - npm run build --workspace apps/web\n" },
    { path: "spa.js", description: "Sends routes of the front end to its start page.", text: "// Paths without a file extension belong to the router of the front end.\nfunction handler(event) {\n  const request = event.request;\n  if (!request.uri.split(\"/\").pop().includes(\".\")) request.uri = \"/index.html\";\n  return request;\n}\n" },
    { path: "build.env", description: "Variables of the builds.", text: `NODE_VERSION=22\nAPP=${c.app}\n` },
  ];
}

const GRANTS = (c: Choices): PolicyStatement[] => [
  { sid: "Stacks", why: "Make, review, update and delete the stacks of this application", actions: ["cloudformation:CreateChangeSet", "cloudformation:DescribeStacks", "cloudformation:ExecuteChangeSet"], resources: [`arn:aws:cloudformation:${c.region}:*:stack/${c.app}-*`], condition: null },
  { sid: "Secrets", why: "Set the application's secrets; the database's password is not among them", actions: ["secretsmanager:DescribeSecret", "secretsmanager:PutSecretValue"], resources: [`arn:aws:secretsmanager:${c.region}:*:secret:${c.app}/*`], condition: null },
  { sid: "Scale", why: "Change the number of servers; the service knows no names", actions: ["application-autoscaling:RegisterScalableTarget"], resources: ["*"], condition: null },
];

const policies = (c: Choices): PlannedPolicy[] => [{
  name: `${c.app}-deployer`,
  document: JSON.stringify({ Version: "2012-10-17", Statement: GRANTS(c).map((s) => ({ Sid: s.sid, Effect: "Allow", Action: s.actions, Resource: s.resources })) }, null, 2),
  statements: GRANTS(c),
}];

/** Plans like the real planner, with fewer resources. */
export function makePlan(findings: Findings, choices: Choices | null): Plan {
  const c = choices ?? suggested(findings);
  const refuse = (message: string) => new HostError({ code: "invalidInput", message, hint: "Change this setting; the rest of the plan is kept.", retryable: false, requestId: "" });
  const refusal = refusalOf(c);
  if (refusal) throw refuse(`${refusal.field} ${refusal.value === "" ? "is missing" : `cannot be "${refusal.value}"`}: ${refusal.rule}`);
  return {
    inputs: { findings, choices: c, secretKeys: ["JWT_SECRET"], secretsRevision: "0" },
    stacks: [...(c.domain || c.webFirewall ? (["edge"] as const) : []), ...ROLES].map((role) => {
      const template = renderTemplate(c.app, role, role === "edge" ? edgeResources(c) : resourcesOf(role, c));
      return { role, name: `${c.app}-${role}`, region: c.region, templateFile: `${role}.template.yaml`, template: template.text, parameters: [{ name: "AppName", value: c.app }], resources: template.rows };
    }),
    files: files(c), price: priceOf(c), checks: checks(c), policies: policies(c), diagram: diagram(c),
    resolvedAtDeployment: [{ stack: "base", name: "ZoneA", how: "The first availability zone that offers all services." }],
  };
}
