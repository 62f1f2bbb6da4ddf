import type { Edit, Excerpt, Field, Findings, Overrides, PackageManagerName } from "../bindings.gen.ts";
import { HostError } from "../host.ts";

/** Where the fake computer remembers what was set; a reload of the page is a new start of the app. */
const STORE = "zonke-fake-overrides";

const frontendFields = new Set<Field>(["frontendBuild", "outputDir", "envPrefix", "buildVariables", "apiWiring"]);
const projectFields = new Set<Field>(["frontend", "backend", "packageManager", "lockfile", "installRoots", "node", "branch"]);

/** Path of the finding that a field replaces, below its half. */
const finding: Record<Field, string> = {
  frontend: "chosen.frontend", backend: "chosen.backend", packageManager: "packageManager.name", lockfile: "packageManager.lockfile", installRoots: "packageManager.installRoots",
  node: "node.wanted", branch: "git.branch", frontendBuild: "buildCommand", outputDir: "outputDir", envPrefix: "envPrefix", buildVariables: "envVars", apiWiring: "apiWiring",
  backendBuild: "buildCommand", entryFile: "entryFile", startCommand: "startCommand", portEnv: "port.env", port: "port.default", globalPrefix: "globalPrefix", healthPath: "healthPath",
  orm: "orm", database: "database", prismaSchema: "prisma.schema", prismaMigrations: "prisma.migrations", prismaUrlEnv: "prisma.urlEnv", variables: "envVars",
};

const empty = (): Overrides => ({ project: {}, frontends: {}, backends: {} });
const memory = new Map<string, string>();
const kept = (): Record<string, Overrides> => JSON.parse((typeof localStorage === "undefined" ? memory.get(STORE) : localStorage.getItem(STORE)) ?? "{}") as Record<string, Overrides>;

export const recall = (folder: string): Overrides => kept()[folder] ?? empty();

export function keep(folder: string, overrides: Overrides): void {
  const text = JSON.stringify({ ...kept(), [folder]: overrides });
  if (typeof localStorage === "undefined") memory.set(STORE, text);
  else localStorage.setItem(STORE, text);
}

const refuse = (field: string, reason: string, hint: string) => new HostError({ code: "invalidInput", message: `${field} cannot be set: ${reason}.`, hint, retryable: false, requestId: "" });

/** The few checks of the importer that the screens react to. */
function check(field: Field, value: string): void {
  if (field === "port" && !(/^\d+$/.test(value) && Number(value) > 0 && Number(value) < 65536)) throw refuse("The port", `\`${value}\` is no port`, "Write a number from 1 to 65535, such as 3000.");
  if (field === "healthPath" && value !== "" && !value.startsWith("/")) throw refuse("The health route", "a route begins with a slash", `Write /${value}.`);
  if (["outputDir", "entryFile", "lockfile", "prismaSchema"].includes(field) && /^\/|\.\./.test(value)) throw refuse("The path", `\`${value}\` leads out of the project's folder`, "Write the path as seen from the project's folder, such as `apps/web/dist`.");
  if (field === "node" && !/^\d+$/.test(value)) throw refuse("The Node.js version", `\`${value}\` is no version of Node.js that can be built with`, "Write its first number, such as 22.");
}

/** Applies edits to what is set; all count or none. */
export function edited(overrides: Overrides, edits: readonly Edit[], chosen: Findings["chosen"]): Overrides {
  const next = structuredClone(overrides);
  for (const { field, value } of edits) {
    if (value !== null) check(field, value.trim());
    const path = frontendFields.has(field) ? chosen.frontend : chosen.backend;
    const halves = frontendFields.has(field) ? next.frontends : next.backends;
    const fields = projectFields.has(field) ? next.project : path === null ? {} : (halves[path] ??= {});
    if (value === null) delete fields[field];
    else fields[field] = value.trim();
    if (path !== null && Object.keys(halves[path] ?? { kept: true }).length === 0) delete halves[path];
  }
  return next;
}

/** The findings with what is set in their place. */
export function overridden(found: Findings, overrides: Overrides): Findings {
  const f = structuredClone(found);
  const told: string[] = [];
  const tell = (path: string, value: string) => {
    const before = f.evidence.find((e) => e.field === path);
    f.evidence.unshift({ field: path, value, file: ".", line: null, why: before ? `You set this. Found was \`${before.value}\`.` : "You set this.", confidence: "high" });
    told.push(path.replace(/\.port\.(default|env)$/, ".port"));
  };
  const or = (value: string) => (value === "" ? null : value);
  const list = (value: string) => value.split(/[,\s]+/).filter(Boolean);
  const set: { [key in Field]?: (value: string) => void } = {
    frontend: (v) => { f.chosen.frontend = v; },
    backend: (v) => { f.chosen.backend = v; },
    packageManager: (v) => { f.packageManager = { ...f.packageManager, name: v as PackageManagerName, version: null }; },
    lockfile: (v) => { f.packageManager.lockfile = or(v); },
    installRoots: (v) => { f.packageManager.installRoots = list(v); },
    node: (v) => { f.node.wanted = or(v); },
    branch: (v) => { if (f.git) f.git.branch = or(v); },
  };
  for (const [field, value] of Object.entries(overrides.project) as [Field, string][]) {
    set[field]?.(value);
    tell(finding[field], value);
  }
  for (const [i, half] of f.frontends.entries()) {
    if (half.path !== f.chosen.frontend) continue;
    const write: { [key in Field]?: (v: string) => void } = {
      frontendBuild: (v) => { half.buildCommand = v; }, outputDir: (v) => { half.outputDir = v; }, envPrefix: (v) => { half.envPrefix = or(v); },
      buildVariables: (v) => { half.envVars = list(v); }, apiWiring: (v) => { half.apiWiring = v.startsWith("/") ? { kind: "relative", value: v } : { kind: "env", value: v }; },
    };
    for (const [field, value] of Object.entries(overrides.frontends[half.path] ?? {}) as [Field, string][]) {
      write[field]?.(value);
      tell(`frontends[${i}].${finding[field]}`, value);
    }
  }
  for (const [i, half] of f.backends.entries()) {
    if (half.path !== f.chosen.backend) continue;
    const write: { [key in Field]?: (v: string) => void } = {
      backendBuild: (v) => { half.buildCommand = v; }, entryFile: (v) => { half.entryFile = v; }, startCommand: (v) => { half.startCommand = v; },
      portEnv: (v) => { half.port.env = or(v); }, port: (v) => { half.port.default = Number(v); }, globalPrefix: (v) => { half.globalPrefix = or(v); }, healthPath: (v) => { half.healthPath = or(v); },
      orm: (v) => { half.orm = v; if (v !== "prisma") half.prisma = null; }, database: (v) => { half.database = v === "none" ? null : v; },
      prismaSchema: (v) => { half.prisma = { migrations: null, urlEnv: null, version: null, ...half.prisma, schema: v }; },
      prismaMigrations: (v) => { if (half.prisma) half.prisma.migrations = or(v); }, prismaUrlEnv: (v) => { if (half.prisma) half.prisma.urlEnv = or(v); },
      variables: (v) => {
        for (const [name = "", role] of list(v).map((part) => part.split("="))) {
          half.envVars = half.envVars.filter((known) => known.name !== name);
          if (role !== "unused") half.envVars.push({ name, required: true, secret: role === "secret" });
        }
      },
    };
    for (const [field, value] of Object.entries(overrides.backends[half.path] ?? {}) as [Field, string][]) {
      write[field]?.(value);
      tell(`backends[${i}].${finding[field]}`, value);
    }
  }
  f.questions = f.questions.filter((q) => !told.includes(q.field.replace(/\.port\.(default|env)$/, ".port")));
  const open = (path: string | null, all: unknown[]) => path === null && all.length > 0;
  if (f.verdict === "needsChoice" && !open(f.chosen.frontend, f.frontends) && !open(f.chosen.backend, f.backends)) {
    f.verdict = "deployable";
    f.reason = `One React application in ${f.chosen.frontend} and one NestJS application in ${f.chosen.backend}.`;
  }
  return f;
}

/** Lines that look as the finding says they do; the fake computer has no files. */
export function excerptOf(findings: Findings, file: string, line: number | null): Excerpt {
  if (/(^|\/)\.npmrc$|\.(key|pem)$/.test(file)) throw new HostError({ code: "notFound", message: `${file} is kept for secrets, so its content is not shown.`, hint: "Open it in your editor; the app shows names of variables only.", retryable: false, requestId: "" });
  const at = line ?? 1;
  const first = Math.max(1, at - 3);
  const value = findings.evidence.find((e) => e.file === file && e.line === line)?.value ?? "…";
  const lines = Array.from({ length: at + 4 - first }, (_, i) => (first + i === at ? `  ${value.includes(" ") ? value : JSON.stringify(value)},` : `// line ${first + i} of this file`));
  return { file, first, lines, hidden: false };
}
