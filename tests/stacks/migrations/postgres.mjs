// A PostgreSQL server of its own for a test: in a temporary folder, on a free port of the loopback address.
import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

// Debian and Ubuntu keep the server's programs apart from PATH, by version.
const DEBIAN = '/usr/lib/postgresql';
// initdb refuses to run as root: then the server belongs to `nobody`.
const NOBODY = 65534;

function programs() {
  const debian = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)).map((version) => join(DEBIAN, version, 'bin')) : [];
  const folders = [...debian, ...process.env.PATH.split(':')];
  return folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'pg_ctl')));
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

// Starts a server; `url(database, password)` is its address, `stop()` ends it and removes its folder.
export async function postgres(password) {
  const bin = programs();
  if (!bin) throw new Error('PostgreSQL is not installed: `sudo apt install postgresql`, or run scripts/setup test');
  const root = process.getuid() === 0;
  const account = root ? { uid: NOBODY, gid: NOBODY } : {};
  // Not TMPDIR: another account has to reach it.
  const folder = mkdtempSync('/tmp/zonke-postgres-');
  if (root) chownSync(folder, NOBODY, NOBODY);
  const run = (program, ...args) => execFileSync(join(bin, program), args, { ...account, cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const data = join(folder, 'data');
  const port = await freePort();
  writeFileSync(join(folder, 'password'), password);
  if (root) chownSync(join(folder, 'password'), NOBODY, NOBODY);
  run('initdb', '--pgdata', data, '--auth', 'scram-sha-256', '--username', 'app', '--pwfile', join(folder, 'password'), '--no-sync');
  run('pg_ctl', '--pgdata', data, '--wait', '--log', join(folder, 'log'), '--options', `-p ${port} -k ${folder} -c listen_addresses=127.0.0.1 -c fsync=off`, 'start');
  return {
    url: (database, secret = password) => `postgresql://app:${secret}@127.0.0.1:${port}/${database}`,
    stop() {
      run('pg_ctl', '--pgdata', data, '--wait', '--mode', 'immediate', 'stop');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
