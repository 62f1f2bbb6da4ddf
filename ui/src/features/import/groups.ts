import type { ApiWiring, Evidence, Findings } from "../../host/index.ts";

/** One finding as a line: what it is, its value and where it comes from. */
export type Fact = { label: string; value: string; missing?: boolean; evidence: Evidence[] };
export type FactGroup = { title: string; subtitle: string; facts: Fact[] };

const wiring = (w: ApiWiring): string => {
  switch (w.kind) {
    case "relative": return `Same origin, below ${w.value}`;
    case "env": return `From the build variable ${w.value}`;
    case "hardCoded": return `Address in the sources: ${w.value}`;
    case "unknown": return "No call was found";
  }
};

const packageManagerName = { npm: "npm", yarnClassic: "Yarn 1", yarnBerry: "Yarn", pnpm: "pnpm", bun: "Bun" } as const;
const monorepoName = { none: "None", workspaces: "Workspaces", nx: "Nx", turborepo: "Turborepo", lerna: "Lerna" } as const;
const providerName = { gitHub: "GitHub", gitLab: "GitLab", bitbucket: "Bitbucket", azureDevOps: "Azure DevOps" } as const;

/** The findings of the chosen halves, grouped as a person thinks of them. */
export function groupsOf(findings: Findings): FactGroup[] {
  // `orm` must not take the evidence of `ormVersion`, so a field ends where a name ends.
  const about = (...fields: string[]) => findings.evidence.filter((e) => fields.some((f) => e.field === f || e.field.startsWith(`${f}.`) || e.field.startsWith(`${f}[`)));
  const fact = (label: string, value: string | null | undefined, ...fields: string[]): Fact => ({ label, value: value ?? "Not found", missing: value === null || value === undefined, evidence: about(...fields) });
  const groups: FactGroup[] = [];

  if (findings.verdict === "notSupported" && findings.evidence.length > 0) {
    // Nothing was chosen, so what was seen is all there is to say.
    groups.push({ title: "What was seen", subtitle: "", facts: findings.evidence.slice(0, 8).map((e) => ({ label: plainName(e.field), value: e.value, evidence: [e] })) });
  }

  const f = findings.frontends.findIndex((x) => x.path === findings.chosen.frontend);
  const frontend = findings.frontends[f];
  if (frontend) {
    groups.push({
      title: "Front end", subtitle: frontend.path === "." ? frontend.name : `${frontend.name} in ${frontend.path}`,
      facts: [
        fact("Built with", frontend.bundler, `frontends[${f}].bundler`, `frontends[${f}].kind`),
        fact("Output", frontend.outputDir, `frontends[${f}].outputDir`),
        fact("Finds the API", wiring(frontend.apiWiring), `frontends[${f}].apiWiring`),
        ...(frontend.envVars.length > 0 ? [fact("Build variables", frontend.envVars.join(", "), `frontends[${f}].envVars`)] : []),
      ],
    });
  }
  const b = findings.backends.findIndex((x) => x.path === findings.chosen.backend);
  const backend = findings.backends[b];
  if (backend) {
    const at = (name: string) => `backends[${b}].${name}`;
    groups.push({
      title: "API", subtitle: backend.path === "." ? backend.name : `${backend.name} in ${backend.path}`,
      facts: [
        fact("Framework", `NestJS on ${backend.adapter === "express" ? "Express" : "Fastify"}`, at("adapter")),
        fact("Listens on", [backend.port.env, backend.port.default].filter((x) => x !== null).join(", otherwise ") || null, at("port")),
        fact("Prefix", backend.globalPrefix === null ? "None" : `/${backend.globalPrefix}`, at("globalPrefix")),
        fact("Health route", backend.healthPath, at("healthPath")),
        fact("Started with", backend.startCommand, at("startCommand"), at("entryFile")),
      ],
    });
    groups.push({
      title: "Database", subtitle: backend.database ?? "None in use",
      facts: [
        fact("Reached through", backend.orm === "none" ? "Nothing" : backend.orm, at("orm"), at("database")),
        ...(backend.prisma ? [
          fact("Schema", backend.prisma.schema, at("prisma.schema")),
          fact("Migrations", backend.prisma.migrations ?? "None", at("prisma.migrations")),
          fact("Address in", backend.prisma.urlEnv, at("prisma.urlEnv")),
        ] : []),
      ],
    });
  }
  const pm = findings.packageManager;
  groups.push({
    title: "Build", subtitle: `${packageManagerName[pm.name]}${pm.version ? ` ${pm.version}` : ""}`,
    facts: [
      fact("Lockfile", pm.lockfile, "packageManager"),
      fact("Node.js", findings.node.wanted, "node"),
      fact("Monorepo", monorepoName[findings.monorepoTool], "monorepoTool"),
      ...(frontend ? [fact("Front end", frontend.buildCommand, `frontends[${f}].buildCommand`)] : []),
      ...(backend ? [fact("API", backend.buildCommand, `backends[${b}].buildCommand`)] : []),
    ],
  });
  const { git } = findings;
  groups.push({
    title: "Settings", subtitle: git ? git.repository ?? "A checkout without a known remote" : "Not a git checkout",
    facts: [
      ...(git ? [fact("Host", git.provider ? providerName[git.provider] : null, "git"), fact("Branch", git.branch, "git.branch")] : []),
      ...(backend && backend.envVars.length > 0 ? [
        fact("Secrets", backend.envVars.filter((v) => v.secret).map((v) => v.name).join(", ") || "None", `backends[${b}].envVars`),
        fact("Variables", backend.envVars.filter((v) => !v.secret).map((v) => v.name).join(", ") || "None"),
      ] : []),
    ],
  });
  return groups;
}

/** `frontends[0].outputDir` as words: `output dir`. */
function plainName(field: string): string {
  const last = field.split(".").at(-1)?.replace(/\[\d+\]$/, "") ?? field;
  const words = last.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
