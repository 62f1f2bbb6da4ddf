// Serves the fake build with the content security policy of the real window, so that a violation shows here already.
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { dirname, extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../../ui/dist-fake");
const types = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };

async function policy() {
  const config = JSON.parse(await readFile(join(here, "../../tauri.conf.json"), "utf8"));
  const csp = { ...config.app.security.csp, "connect-src": "'self'" };
  return Object.entries(csp).map(([name, value]) => `${name} ${value}`).join("; ");
}

const port = Number(process.env["PORT"] ?? "1422");
const csp = await policy();
createServer((request, response) => {
  const path = normalize(decodeURIComponent(new URL(request.url ?? "/", "http://localhost").pathname));
  const file = join(root, path === "/" ? "index.html" : path);
  if (!file.startsWith(root)) {
    response.writeHead(403).end();
    return;
  }
  readFile(file).then(
    (body) => response.writeHead(200, { "content-type": types[extname(file)] ?? "application/octet-stream", "content-security-policy": csp, "cache-control": "no-store" }).end(body),
    () => response.writeHead(404).end(),
  );
}).listen(port, "127.0.0.1");
