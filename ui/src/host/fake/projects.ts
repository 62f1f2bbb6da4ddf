import { HostError } from "../host.ts";
import type { Backend, Evidence, Findings, Frontend, Git } from "../bindings.gen.ts";

/** Where the fake computer keeps its projects. */
export const HOME = "/home/sam";
export const EXAMPLE = `${HOME}/.local/share/zonke/example`;

const web: Frontend = {
  path: "apps/web", name: "@guestbook/web", kind: "spa", bundler: "vite", buildCommand: "npm run build", outputDir: "apps/web/dist",
  envPrefix: "VITE_", envVars: ["VITE_APP_TITLE"], apiWiring: { kind: "relative", value: "/api" },
};

const api: Backend = {
  path: "apps/api", name: "@guestbook/api", adapter: "express", buildCommand: "npm run build", startCommand: "node dist/main.js",
  entryFile: "apps/api/dist/main.js", port: { env: "PORT", default: 3000 }, globalPrefix: "api", healthPath: "/api/health", routeRoots: ["api"], loopbackOnly: false,
  orm: "prisma", database: "postgresql", connection: { kind: "url", variable: "DATABASE_URL" },
  prisma: { schema: "apps/api/prisma/schema.prisma", migrations: "apps/api/prisma/migrations", urlEnv: "DATABASE_URL", version: "6.19.0" },
  envVars: [
    { name: "DATABASE_URL", required: true, secret: true },
    { name: "JWT_SECRET", required: true, secret: true },
    { name: "LOG_LEVEL", required: false, secret: false },
  ],
};

const evidence = (field: string, value: string, file: string, line: number | null, why: string, confidence: Evidence["confidence"] = "high"): Evidence => ({ field, value, file, line, why, confidence });

/** A checkout in which everything is committed and pushed. */
const clean: Pick<Git, "pushed" | "uncommitted" | "submodules" | "largeFiles" | "committedSecrets"> = {
  pushed: "yes", uncommitted: { count: 0, files: [], complete: true }, submodules: [], largeFiles: [], committedSecrets: [],
};

const guestbook: Findings = {
  verdict: "deployable",
  reason: "One React application and one NestJS application, both supported.",
  name: "guestbook",
  packageManager: { name: "npm", version: "11.4.2", lockfile: "package-lock.json", installRoots: ["."] },
  node: { wanted: "22", source: ".nvmrc" },
  monorepoTool: "workspaces",
  frontends: [web],
  backends: [api],
  chosen: { frontend: "apps/web", backend: "apps/api" },
  git: { repository: "sam/guestbook", provider: "gitHub", host: "github.com", branch: "main", defaultBranch: "main", folder: ".", ...clean },
  evidence: [
    evidence("frontends[0].bundler", "vite", "apps/web/vite.config.ts", 5, "The file configures Vite with the React plugin."),
    evidence("frontends[0].outputDir", "apps/web/dist", "apps/web/vite.config.ts", 9, "No `build.outDir` is set, so Vite writes to `dist`."),
    evidence("frontends[0].apiWiring", "/api", "apps/web/src/client.ts", 3, "Requests go to a path on the same origin.", "medium"),
    evidence("backends[0].adapter", "express", "apps/api/src/main.ts", 7, "`NestFactory.create` without an adapter uses Express."),
    evidence("backends[0].port.default", "3000", "apps/api/src/main.ts", 14, "`app.listen` falls back to this number when `PORT` is not set."),
    evidence("backends[0].globalPrefix", "api", "apps/api/src/main.ts", 9, "`setGlobalPrefix` puts it in front of every route."),
    evidence("backends[0].healthPath", "/api/health", "apps/api/src/health.controller.ts", 6, "The route has no guard and touches no database."),
    evidence("backends[0].entryFile", "apps/api/dist/main.js", "apps/api/tsconfig.build.json", 4, "`rootDir` is `src`, so `src/main.ts` becomes `dist/main.js`."),
    evidence("backends[0].database", "postgresql", "apps/api/prisma/schema.prisma", 6, "The datasource of the Prisma schema says so."),
    evidence("backends[0].prisma.migrations", "apps/api/prisma/migrations", "apps/api/prisma/migrations/20260110090000_init/migration.sql", null, "Two migrations, both with a `migration.sql`."),
    evidence("packageManager.name", "npm", "package-lock.json", null, "The only lockfile, next to the `workspaces` of the root package."),
    evidence("node.wanted", "22", ".nvmrc", 1, "The file pins the major version."),
    evidence("backends[0].envVars[1]", "JWT_SECRET", "apps/api/src/auth.module.ts", 11, "`getOrThrow` stops the server when it is missing."),
  ],
  warnings: [
    { code: "body-limit", message: "File uploads are kept on the server's own disk, which is empty again after every release.", file: "apps/api/src/upload.controller.ts", line: 22 },
  ],
  questions: [],
};

const bookshop: Findings = {
  ...guestbook,
  name: "bookshop",
  verdict: "needsChoice",
  reason: "There are two NestJS applications; one of them can be deployed.",
  packageManager: { name: "pnpm", version: "10.4.1", lockfile: "pnpm-lock.yaml", installRoots: ["."] },
  monorepoTool: "nx",
  frontends: [{ ...web, path: "apps/shop", name: "shop", outputDir: "dist/apps/shop", buildCommand: "pnpm nx build shop" }],
  backends: [
    { ...api, path: "apps/api", name: "api", buildCommand: "pnpm nx build api", entryFile: "dist/apps/api/main.js", startCommand: "node ../../dist/apps/api/main.js", prisma: null, orm: "typeorm" },
    { ...api, path: "apps/worker", name: "worker", adapter: "fastify", port: { env: null, default: 4000 }, globalPrefix: null, healthPath: null, routeRoots: [], orm: "none", database: null, connection: null, prisma: null, envVars: [], buildCommand: "pnpm nx build worker", entryFile: "dist/apps/worker/main.js", startCommand: "node ../../dist/apps/worker/main.js" },
  ],
  chosen: { frontend: "apps/shop", backend: null },
  git: { repository: "sam/bookshop", provider: "gitLab", host: "gitlab.com", branch: "develop", defaultBranch: "main", folder: ".", ...clean },
  evidence: [
    evidence("backends[0].port.default", "3000", "apps/api/src/main.ts", 18, "`app.listen` falls back to this number.", "medium"),
    evidence("backends[1].port.default", "4000", "apps/worker/src/main.ts", 8, "The number is written into `app.listen`."),
  ],
  warnings: [{ code: "needs-redis", message: "The worker uses Redis, which is not built. It will not start until it has an address for one.", file: "apps/worker/src/queue.module.ts", line: 5 }],
  questions: [{
    field: "chosen.backend", text: "Which NestJS application is the API behind the website?", blocks: true, file: "apps/api/src/main.ts", line: 7,
    answers: [
      { value: "apps/api", reason: "api serves HTTP on port 3000. Its place and name are those of a main application." },
      { value: "apps/worker", reason: "worker serves HTTP on port 4000." },
    ],
  }],
};

const storefront: Findings = {
  ...guestbook,
  name: "storefront",
  verdict: "notSupported",
  reason: "The front end is Next.js with server rendering, which static hosting cannot do. There is no NestJS application.",
  monorepoTool: "none",
  frontends: [{ ...web, path: ".", name: "storefront", kind: "ssr", bundler: "next", outputDir: ".next", apiWiring: { kind: "unknown" } }],
  backends: [],
  chosen: { frontend: null, backend: null },
  evidence: [evidence("frontends[0].kind", "ssr", "next.config.mjs", 3, "`output` is not `export`, so pages are rendered by a server.")],
  warnings: [],
};

/** A worker whose port is worked out at run time: found, but with a question. */
const ferry: Findings = {
  ...guestbook,
  name: "ferry",
  backends: [{ ...api, port: { env: null, default: null } }],
  evidence: guestbook.evidence.filter((e) => !e.field.includes(".port.")),
  warnings: [
    { code: "branch-not-pushed", message: "The branch main is not at the remote yet. Push it: only what is there can be deployed.", file: null, line: null },
    { code: "node-versions-differ", message: "`.nvmrc` asks for Node.js 22 and `package.json` for 20. 22 is used.", file: ".nvmrc", line: 1 },
    ...guestbook.warnings,
  ],
  questions: [{
    field: "backends[0].port.default", text: "On which port does the server listen?", blocks: true, file: "apps/api/src/main.ts", line: 14,
    answers: [
      { value: "4321", reason: "`apps/api/Dockerfile` exposes it." },
      { value: "3000", reason: "It is the port that new NestJS projects use." },
    ],
  }],
};

/** An API without a front end. */
const beacon: Findings = {
  ...guestbook,
  name: "beacon",
  reason: "Back end only: one NestJS application in apps/api, and no React application. Both halves are deployed together: pick the folder that holds both.",
  frontends: [],
  chosen: { frontend: null, backend: "apps/api" },
  evidence: guestbook.evidence.filter((e) => !e.field.startsWith("frontends")),
  warnings: [],
};

declare global {
  interface Window {
    /** Findings of further folders, by name: tests put what the importer found in real projects here. */
    zonkeFakeProjects?: Record<string, Findings>;
  }
}

/** What the fake importer knows, by the last part of the path. `glacier` is large and takes a while. */
const projects: Record<string, Findings> = { example: { ...guestbook, git: null }, guestbook, bookshop, storefront, ferry, beacon, glacier: { ...guestbook, name: "glacier" } };

const refuse = (message: string) => new HostError({ code: "invalidInput", message, hint: "", retryable: false, requestId: "" });

/** The one folder among what was dropped. */
export function only(paths: readonly string[]): string {
  const [one, ...others] = paths;
  if (one === undefined || others.length > 0) throw refuse(`${paths.length} things were dropped. Drop one folder: the one that holds the whole project.`);
  return one;
}

/** Inspects a folder of the fake computer, which refuses what the importer refuses, in its words. */
export function inspect(path: string): Findings {
  const folder = path.replace(/\/+$/, "");
  const name = folder.split("/").at(-1) ?? "";
  if (folder === "") throw refuse("/ is the root of a disk. Pick the folder of one project inside it.");
  if (/\.(zip|json|ts)$/.test(name)) throw refuse(`${folder} is a file. Drop the folder that contains the project instead.`);
  if (folder.includes("node_modules")) throw refuse(`${folder} belongs to node_modules, where packages are installed. Pick the folder of the project that uses them.`);
  if (folder === HOME) throw refuse(`${folder} is your home directory. Pick the folder of one project inside it.`);
  if (name === "locked") throw refuse(`${folder} cannot be read (Permission denied). Give your user read permission for the folder and try again.`);
  if (name === "empty") return { ...structuredClone(storefront), name, reason: "This folder holds no files to look at. Pick the folder that the project was cloned into.", frontends: [], evidence: [] };
  const found = projects[name] ?? (typeof window === "undefined" ? undefined : window.zonkeFakeProjects?.[name]);
  if (!found) throw refuse(`${folder} does not exist. Check the path, or pick the folder again.`);
  return structuredClone(found);
}
