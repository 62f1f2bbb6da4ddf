// Unpacks a bundle and runs `prisma migrate deploy` in it.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unpack } from './tar.mjs';

// Enough for any real run; keeps a runaway process from filling the memory.
const MAX_OUTPUT = 200_000;
// Grace for Prisma to give its lock back before it is killed.
const KILL_AFTER_MS = 5_000;

export async function runMigrations({ bundle, databaseUrl, secrets, timeoutMs }) {
  const folder = await mkdtemp(join(tmpdir(), 'bundle-'));
  try {
    await unpack(bundle, folder);
    const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
    const env = {
      ...process.env,
      ...stringValues(secrets),
      DATABASE_URL: databaseUrl,
      [manifest.urlVariable]: databaseUrl,
      // Only /tmp can be written to here, and there is no one to send statistics to.
      HOME: tmpdir(),
      CHECKPOINT_DISABLE: '1',
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
      NO_COLOR: '1',
    };
    if (manifest.engine) env.PRISMA_SCHEMA_ENGINE_BINARY = join(folder, manifest.engine);
    return await run(await commandLine(folder, manifest), folder, env, timeoutMs);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

// Up to version 6 Prisma reads the address from the schema's datasource, from 7 on from a configuration file. The
// application's own file may import anything, so the bundle gets a plain one.
async function commandLine(folder, manifest) {
  const command = [join(folder, 'node_modules/prisma/build/index.js'), 'migrate', 'deploy'];
  const schema = join(folder, manifest.schema);
  if (Number.parseInt(manifest.prisma, 10) < 7) return [...command, '--schema', schema];
  const config = join(folder, 'zonke.config.mjs');
  const migrations = JSON.stringify(join(folder, manifest.migrations));
  await writeFile(
    config,
    `export default { schema: ${JSON.stringify(schema)}, migrations: { path: ${migrations} }, ` +
      `datasource: { url: process.env[${JSON.stringify(manifest.urlVariable)}] } };\n`,
  );
  return [...command, '--config', config];
}

function run(args, cwd, env, timeoutMs) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const collect = (data) => {
      output = (output + data).slice(-MAX_OUTPUT);
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    let kill;
    const stop = setTimeout(() => {
      output += '\nThe migration took longer than this function may run and was stopped.\n';
      child.kill('SIGTERM');
      kill = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS);
    }, Math.max(timeoutMs, 0));
    child.on('error', reject);
    child.on('close', (exitCode) => {
      clearTimeout(stop);
      clearTimeout(kill);
      resolve({ exitCode: exitCode ?? 1, output, errorCode: output.match(/\bP[1-9]\d{3}\b/)?.[0] ?? null });
    });
  });
}

// Environment variables are text; a number or an object in the secret is passed on as JSON.
function stringValues(secrets) {
  return Object.fromEntries(Object.entries(secrets).map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]));
}

// Blots out values of secrets, the longest first, and passwords in addresses.
export function redact(text, values) {
  const known = values.map(String).filter((value) => value.length > 3);
  known.sort((a, b) => b.length - a.length);
  let clean = text;
  for (const value of known) clean = clean.replaceAll(value, '***');
  return clean.replace(/(\w+:\/\/[^:\s/@]+:)[^@\s]+@/g, '$1***@');
}
