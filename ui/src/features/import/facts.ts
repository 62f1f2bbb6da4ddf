import type { ApiWiring, Backend, Evidence, Field, Findings, Frontend, Overrides, PackageManagerName } from "../../host/index.ts";

/** How a value is typed in. */
export type Input =
  | { kind: "text"; placeholder: string; hint: string }
  | { kind: "choice"; options: readonly { value: string; label: string }[]; hint: string }
  | { kind: "variables" };

/** What the user may change about a finding: the field, its value as it is typed, and how it is typed. */
export type Editable = { field: Field; text: string; input: Input; state: "found" | "set" | "ignored" };

/** One finding as a line: what it is, its value, where it comes from and how to change it. */
export type Fact = { label: string; value: string; missing?: boolean; evidence: Evidence[]; editable: Editable | null };
export type FactGroup = { title: string; subtitle: string; facts: Fact[] };

const packageManagerName: Record<PackageManagerName, string> = { npm: "npm", yarnClassic: "Yarn 1", yarnBerry: "Yarn 2 or later", pnpm: "pnpm", bun: "Bun" };
const monorepoName = { none: "None", workspaces: "Workspaces", nx: "Nx", turborepo: "Turborepo", lerna: "Lerna" } as const;
const providerName = { gitHub: "GitHub", gitLab: "GitLab", bitbucket: "Bitbucket", azureDevOps: "Azure DevOps" } as const;
const engineName: Record<string, string> = { postgresql: "PostgreSQL", mysql: "MySQL", mariadb: "MariaDB", sqlite: "SQLite", mongodb: "MongoDB", sqlserver: "SQL Server", oracle: "Oracle", cockroachdb: "CockroachDB", dynamodb: "DynamoDB" };
const mapperName: Record<string, string> = { prisma: "Prisma", typeorm: "TypeORM", drizzle: "Drizzle", "mikro-orm": "MikroORM", sequelize: "Sequelize", objection: "Objection", kysely: "Kysely", dynamoose: "Dynamoose", typegoose: "Typegoose", mongoose: "Mongoose", knex: "Knex", mongodb: "MongoDB driver" };

const optionsOf = (names: Record<string, string>, none: string) => [...Object.entries(names).map(([value, label]) => ({ value, label })), { value: "none", label: none }];
const text = (placeholder: string, hint: string): Input => ({ kind: "text", placeholder, hint });
const choice = (options: readonly { value: string; label: string }[], hint: string): Input => ({ kind: "choice", options, hint });

const wiringWords = (w: ApiWiring): string | null => {
  switch (w.kind) {
    case "relative": return `Same origin, below ${w.value}`;
    case "env": return `Build variable ${w.value}`;
    case "hardCoded": return `Address in the sources: ${w.value}`;
    case "unknown": return null;
  }
};
const wiringText = (w: ApiWiring): string => (w.kind === "relative" || w.kind === "env" ? w.value : "");

/** What was set for a field of the project or of the chosen half. */
export function setValue(overrides: Overrides, chosen: Findings["chosen"], field: Field): string | undefined {
  return overrides.project[field] ?? (chosen.frontend === null ? undefined : overrides.frontends[chosen.frontend]?.[field]) ?? (chosen.backend === null ? undefined : overrides.backends[chosen.backend]?.[field]);
}

/** Whether anything is set at all. */
export const anythingSet = (o: Overrides): boolean => Object.keys(o.project).length + Object.keys(o.frontends).length + Object.keys(o.backends).length > 0;

/** The findings of the chosen halves, grouped as a person thinks of them. */
export function groupsOf(findings: Findings, overrides: Overrides): FactGroup[] {
  // `orm` must not take the evidence of `ormVersion`, so a field ends where a name ends.
  const about = (...fields: string[]) => findings.evidence.filter((e) => fields.some((f) => e.field === f || e.field.startsWith(`${f}.`) || e.field.startsWith(`${f}[`)));
  const fact = (label: string, value: string | null | undefined, ...fields: string[]): Fact => ({ label, value: value || "Not found", missing: !value, evidence: about(...fields), editable: null });
  const editable = (base: Fact, field: Field, typed: string | null | undefined, input: Input, empty = "Not found"): Fact => {
    const stored = setValue(overrides, findings.chosen, field);
    const state = stored === undefined ? "found" : input.kind === "variables" || stored === (typed ?? "") ? "set" : "ignored";
    return { ...base, value: base.missing ? empty : base.value, editable: { field, text: typed ?? "", input, state } };
  };
  const groups: FactGroup[] = [];

  if (findings.verdict === "notSupported" && findings.evidence.length > 0) {
    // Nothing was chosen, so what was seen is all there is to say.
    groups.push({ title: "What was seen", subtitle: "", facts: findings.evidence.slice(0, 8).map((e) => ({ label: plainName(e.field), value: plainValue(e), evidence: [e], editable: null })) });
  }

  const f = findings.frontends.findIndex((x) => x.path === findings.chosen.frontend);
  const frontend = findings.frontends[f];
  if (frontend) {
    const at = (name: string) => `frontends[${f}].${name}`;
    groups.push({
      title: "Front end", subtitle: nameAndPath(frontend),
      facts: [
        editable(fact("Folder", frontend.path, at("path"), "chosen.frontend"), "frontend", frontend.path, text(frontend.path, "The folder of the React application.")),
        fact("Built with", frontend.bundler, at("bundler"), at("kind")),
        editable(fact("Command", frontend.buildCommand, at("buildCommand")), "frontendBuild", frontend.buildCommand, text("npm run build", `Runs in ${place(frontend.path)}, on one line.`)),
        editable(fact("Output", frontend.outputDir, at("outputDir")), "outputDir", frontend.outputDir, text("apps/web/dist", "The folder that the build creates, as seen from the project's folder.")),
        editable(fact("Finds the API", wiringWords(frontend.apiWiring), at("apiWiring")), "apiWiring", wiringText(frontend.apiWiring), text("/api", "A path such as /api, or the name of the build variable that holds the address.")),
        editable(fact("Prefix", frontend.envPrefix, at("envPrefix")), "envPrefix", frontend.envPrefix, text("VITE_", "Build variables that begin with it end up in the page, where everybody can read them."), "None"),
        editable(fact("Variables", frontend.envVars.join(", "), at("envVars")), "buildVariables", frontend.envVars.join(", "), text("VITE_API_URL, VITE_TITLE", "Names only, separated by commas."), "None"),
      ],
    });
  }
  const b = findings.backends.findIndex((x) => x.path === findings.chosen.backend);
  const backend = findings.backends[b];
  if (backend) {
    const at = (name: string) => `backends[${b}].${name}`;
    const { prisma } = backend;
    groups.push({
      title: "API", subtitle: nameAndPath(backend),
      facts: [
        editable(fact("Folder", backend.path, at("path"), "chosen.backend"), "backend", backend.path, text(backend.path, "The folder of the NestJS application.")),
        fact("Framework", `NestJS on ${backend.adapter === "express" ? "Express" : "Fastify"}`, at("adapter")),
        editable(fact("Command", backend.buildCommand, at("buildCommand")), "backendBuild", backend.buildCommand, text("npm run build", `Runs in ${place(backend.path)}, on one line.`)),
        editable(fact("Entry file", backend.entryFile, at("entryFile")), "entryFile", backend.entryFile, text("apps/api/dist/main.js", "The file that the build creates, as seen from the project's folder.")),
        editable(fact("Started with", backend.startCommand, at("startCommand")), "startCommand", backend.startCommand, text("node dist/main.js", `Runs in ${place(backend.path)}, on one line.`)),
        editable(fact("Port", backend.port.default === null ? null : String(backend.port.default), at("port.default")), "port", backend.port.default === null ? "" : String(backend.port.default), text("3000", "From 1 to 65535."), backend.port.env === null ? "Not found" : `Only from ${backend.port.env}`),
        editable(fact("Port variable", backend.port.env, at("port.env")), "portEnv", backend.port.env, text("PORT", "Leave it empty if the server reads none."), "None"),
        editable(fact("Prefix", backend.globalPrefix === null ? null : `/${backend.globalPrefix}`, at("globalPrefix")), "globalPrefix", backend.globalPrefix, text("api", "In front of every route. Leave it empty for none."), "None"),
        editable(fact("Health route", backend.healthPath, at("healthPath")), "healthPath", backend.healthPath, text("/health", "A route that answers without a login. Leave it empty for none."), "None"),
      ],
    });
    const prismaFacts = backend.orm === "prisma" ? [
      editable(fact("Schema", prisma?.schema, at("prisma.schema")), "prismaSchema", prisma?.schema, text("prisma/schema.prisma", "The .prisma file, or the folder of a split schema.")),
      ...(prisma ? [
        editable(fact("Migrations", prisma.migrations, at("prisma.migrations")), "prismaMigrations", prisma.migrations, text("prisma/migrations", "Leave it empty if there are none."), "None"),
        editable(fact("Address in", prisma.urlEnv, at("prisma.urlEnv")), "prismaUrlEnv", prisma.urlEnv, text("DATABASE_URL", "The variable that holds the address of the database."), "Not stated"),
      ] : []),
    ] : [];
    groups.push({
      title: "Database", subtitle: backend.database === null ? "None in use" : engineName[backend.database] ?? backend.database,
      facts: [
        editable(fact("Engine", backend.database === null ? null : engineName[backend.database] ?? backend.database, at("database")), "database", backend.database ?? "none", choice(optionsOf(engineName, "None"), "PostgreSQL and MySQL can be created in AWS; bring any other yourself."), "None"),
        editable(fact("Library", backend.orm === "none" ? null : mapperName[backend.orm] ?? backend.orm, at("orm")), "orm", backend.orm, choice(optionsOf(mapperName, "None"), "What the API reads and writes it with."), "None"),
        ...prismaFacts,
      ],
    });
  }
  const pm = findings.packageManager;
  groups.push({
    title: "Build", subtitle: `${packageManagerName[pm.name]}${pm.version ? ` ${pm.version}` : ""}`,
    facts: [
      editable(fact("Installed by", packageManagerName[pm.name], "packageManager.name"), "packageManager", pm.name, choice(Object.entries(packageManagerName).map(([value, label]) => ({ value, label })), "Another one reads another lockfile.")),
      editable(fact("Lockfile", pm.lockfile, "packageManager.lockfile"), "lockfile", pm.lockfile, text("package-lock.json", "As seen from the project's folder. Leave it empty for none."), "None"),
      editable(fact("Installs in", pm.installRoots.map(place).join(", "), "packageManager.installRoots"), "installRoots", pm.installRoots.join(", "), text(".", "Folders with a package.json, separated by commas; . is the project's folder.")),
      editable(fact("Node.js", findings.node.wanted, "node"), "node", findings.node.wanted, text("22", "The first number of the version."), "Not stated"),
      fact("Monorepo", monorepoName[findings.monorepoTool], "monorepoTool"),
      ...(findings.reach?.length ? [fact("Made from", findings.reach.includes(".") ? "Everything in the folder" : findings.reach.join(", "), "reach")] : []),
    ],
  });
  const { git } = findings;
  groups.push({
    title: "Settings", subtitle: git ? git.repository ?? "A checkout without a known remote" : "Not a git checkout",
    facts: [
      ...(git ? [fact("Host", git.provider ? providerName[git.provider] : null, "git.provider"), editable(fact("Branch", git.branch, "git.branch"), "branch", git.branch, text("main", "Commits to it are released."))] : []),
      ...(backend ? [
        editable(fact("Secrets", backend.envVars.filter((v) => v.secret).map((v) => v.name).join(", "), `backends[${b}].envVars`), "variables", "", { kind: "variables" }, "None"),
        { ...fact("Variables", backend.envVars.filter((v) => !v.secret).map((v) => v.name).join(", ")), evidence: [], ...(backend.envVars.some((v) => !v.secret) ? {} : { value: "None" }) },
      ] : []),
    ],
  });
  return groups;
}

const place = (path: string): string => (path === "." ? "the project's folder" : path);
const nameAndPath = (half: Frontend | Backend): string => (half.path === "." ? half.name : `${half.name} in ${half.path}`);

/** `frontends[0].outputDir` as words: `output dir`. */
/** What the core calls a thing, as a person would. */
function plainValue({ field, value }: Evidence): string {
  if (!field.endsWith(".kind")) return value;
  return { ssr: "Rendered by a server", spa: "Static files", staticExport: "Static pages" }[value] ?? value;
}

function plainName(field: string): string {
  const last = field.split(".").at(-1)?.replace(/\[\d+\]$/, "") ?? field;
  const words = last.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
