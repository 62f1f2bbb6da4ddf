// The migration function, called as Lambda calls it, migrates a real PostgreSQL through the real Prisma command.
//
// Stand-ins: the two AWS clients answer from files, and the schema engine is Prisma's own in its WebAssembly form (schema-engine.mjs).
// What this cannot show: that the native engine is downloaded when building the bundle, TLS to RDS, and Prisma's error codes (P3018 and
// its like), which only the native engine passes on.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { postgres } from './postgres.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../../..');
const PASSWORD = 'Canary7f3aPassword';
const SECRETS = { JWT_SECRET: 'canary-b81c-jwt' };

const folder = mkdtempSync(join(tmpdir(), 'zonke-migrations-'));
const inside = (...path) => join(folder, ...path);
const put = (path, text) => {
  mkdirSync(dirname(inside(path)), { recursive: true });
  writeFileSync(inside(path), text);
};
let server;
let handler;

before(async () => {
  server = await postgres(PASSWORD);
  for (const file of ['package.json', 'package-lock.json', 'schema-engine.mjs']) cpSync(join(here, file), inside('bundle', file));
  execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: inside('bundle'), stdio: 'inherit' });
  chmodSync(inside('bundle/schema-engine.mjs'), 0o755);
  cpSync(join(root, 'examples/guestbook/api/prisma'), inside('bundle/prisma'), { recursive: true });
  const manifest = { prisma: '7.10.0', schema: 'prisma/schema.prisma', migrations: 'prisma/migrations', urlVariable: 'DATABASE_URL', engine: 'schema-engine.mjs' };
  put('bundle/manifest.json', JSON.stringify(manifest));

  cpSync(join(root, 'src-tauri/crates/plan/assets/migrator'), inside('function'), { recursive: true });
  awsClient('client-s3', 'S3Client', 'GetObjectCommand', `({ Key }) => ({ Body: { transformToByteArray: () => readFile(${JSON.stringify(folder)} + '/' + Key) } })`);
  awsClient('client-secrets-manager', 'SecretsManagerClient', 'GetSecretValueCommand', `async ({ SecretId }) => ({ SecretString: await readFile(${JSON.stringify(folder)} + '/' + SecretId, 'utf8') })`);
  put('app-secret', JSON.stringify(SECRETS));
  Object.assign(process.env, { APP_SECRET: 'app-secret', DATABASE_URL_SECRET: 'url-secret', BUNDLE_BUCKET: 'artifacts' });
  ({ handler } = await import(pathToFileURL(inside('function/index.mjs')).href));
});

after(() => {
  server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

// The AWS clients that Lambda brings along, answering from this test's folder.
function awsClient(name, client, command, answer) {
  const at = `function/node_modules/@aws-sdk/${name}`;
  put(`${at}/package.json`, JSON.stringify({ name: `@aws-sdk/${name}`, type: 'module', exports: './index.js' }));
  put(
    `${at}/index.js`,
    `import { readFile } from 'node:fs/promises';
    const answer = ${answer};
    export class ${command} { constructor(input) { this.input = input; } }
    export class ${client} { send(command) { return answer(command.input); } }`,
  );
}

function pack(commit) {
  mkdirSync(inside('migrations'), { recursive: true });
  execFileSync('tar', ['--create', '--gzip', '--file', inside(`migrations/${commit}.tgz`), '--directory', inside('bundle'), '.']);
  return { bundleKey: `migrations/${commit}.tgz` };
}

const context = { getRemainingTimeInMillis: () => 120_000 };

async function query(database, sql) {
  const { Client } = createRequire(inside('bundle/package.json'))('pg');
  const client = new Client({ connectionString: server.url(database) });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

test('migrations of a commit reach the database, once', async () => {
  await query('postgres', 'create database guestbook');
  put('url-secret', server.url('guestbook'));
  const event = pack('first');
  const first = await handler(event, context);
  assert.equal(first.ok, true);
  assert.match(first.log, /20260301090000_entries[\s\S]*20260412090000_hidden_entries[\s\S]*successfully applied/);
  assert.deepEqual(
    (await query('guestbook', `select column_name from information_schema.columns where table_name = 'entries' order by ordinal_position`)).map((row) => row.column_name),
    ['id', 'name', 'message', 'created_at', 'hidden_at'],
  );
  const again = await handler(event, context);
  assert.match(again.log, /No pending migrations/);
  assert.equal((await query('guestbook', 'select * from _prisma_migrations where finished_at is not null')).length, 2);
});

test('a migration that fails fails the function, with the reason and without a secret', async () => {
  put('bundle/prisma/migrations/20260501000000_broken/migration.sql', 'ALTER TABLE "no_such_table" ADD COLUMN "x" INTEGER;');
  const failure = await handler(pack('broken'), context).then(
    () => assert.fail('the function reported success'),
    (error) => error.message,
  );
  rmSync(inside('bundle/prisma/migrations/20260501000000_broken'), { recursive: true });
  assert.match(failure, /^prisma migrate deploy failed/);
  assert.match(failure, /no_such_table[\s\S]*20260501000000_broken/);
  for (const secret of [PASSWORD, ...Object.values(SECRETS)]) assert.ok(!failure.includes(secret));
  // Prisma refuses to go on until somebody has decided what became of it.
  await assert.rejects(handler(pack('next'), context), /failed migrations/);
});

test('a wrong password is said without showing it', async () => {
  put('url-secret', server.url('guestbook', 'Wrong9d2ePassword'));
  const failure = await handler(pack('wrong'), context).then(
    () => assert.fail('the function reported success'),
    (error) => error.message,
  );
  assert.match(failure, /^prisma migrate deploy failed/);
  assert.ok(!failure.includes('Wrong9d2ePassword'));
});

test('only bundles of migrations are run', async () => {
  await assert.rejects(handler({ bundleKey: 'infra/infra.zip' }, context), /below migrations/);
  assert.ok(readFileSync(inside('app-secret'), 'utf8').includes('JWT_SECRET'));
});
