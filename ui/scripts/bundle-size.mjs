// Prints the size of the build as it is downloaded into the window, and fails when the first screen outgrows its budget.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const FIRST_SCREEN = 200 * 1024;
const EVERYTHING = 1024 * 1024;

const dist = join(dirname(fileURLToPath(import.meta.url)), "../dist");
const assets = join(dist, "assets");
const size = (path) => gzipSync(readFileSync(path)).length;
const kib = (bytes) => `${(bytes / 1024).toFixed(1)} KiB`;

/** The scripts a script imports at once, itself included. */
function closure(file, found = new Set()) {
  if (found.has(file)) return found;
  found.add(file);
  const text = readFileSync(join(assets, file), "utf8");
  for (const [, name] of text.matchAll(/(?:from|import)\s*"\.\/([\w.-]+\.js)"/g)) closure(name, found);
  return found;
}

const names = readdirSync(assets);
const entry = readFileSync(join(dist, "index.html"), "utf8").match(/assets\/([\w.-]+\.js)"/)?.[1];
const welcome = names.find((n) => n.startsWith("Welcome-") && n.endsWith(".js"));
if (!entry || !welcome) throw new Error("ui/dist has no entry or no welcome screen: run `npm run ui:build` first");
const scripts = new Set([...closure(entry), ...closure(welcome)]);
const first = [...scripts].reduce((sum, name) => sum + size(join(assets, name)), 0);
const all = names.reduce((sum, name) => sum + size(join(assets, name)), size(join(dist, "index.html")));
console.log(`first screen: ${kib(first)} of script, gzip, in ${scripts.size} files (budget ${kib(FIRST_SCREEN)})`);
console.log(`everything:   ${kib(all)}, gzip, in ${names.length + 1} files (budget ${kib(EVERYTHING)})`);
if (first > FIRST_SCREEN || all > EVERYTHING) process.exit(1);
