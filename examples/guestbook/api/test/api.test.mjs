// The HTTP surface of the built API. The database is replaced by the few Prisma calls that the service makes; DATABASE_URL is not needed.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, beforeEach, describe, it } from 'node:test';

const require = createRequire(import.meta.url);
const { Test } = require('@nestjs/testing');
const { AppModule } = require('../dist/app.module.js');
const { configure } = require('../dist/configure.js');
const { PrismaService } = require('../dist/prisma.service.js');

const rows = [];
const shown = ({ id, name, message, createdAt }) => ({ id, name, message, createdAt });
const entry = {
  findMany: async () => rows.filter((row) => !row.hiddenAt).toReversed().map(shown),
  create: async ({ data }) => {
    rows.push({ id: rows.length + 1, createdAt: new Date(), hiddenAt: null, ...data });
    return shown(rows.at(-1));
  },
  updateMany: async ({ where, data }) => {
    const found = rows.filter((row) => row.id === where.id && !row.hiddenAt);
    found.forEach((row) => Object.assign(row, data));
    return { count: found.length };
  },
};

describe('guest book API', () => {
  let app;
  let url;
  const post = (body) =>
    fetch(`${url}/entries`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  const hide = (id, key) => fetch(`${url}/entries/${id}`, { method: 'DELETE', headers: key ? { 'x-moderation-key': key } : {} });

  before(async () => {
    const module = await Test.createTestingModule({ imports: [AppModule] })
      .overrideProvider(PrismaService)
      .useValue({ entry })
      .compile();
    app = configure(module.createNestApplication({ logger: false }));
    await app.listen(0, '127.0.0.1');
    url = `${await app.getUrl()}/api`;
  });
  after(() => app.close());
  beforeEach(() => {
    rows.length = 0;
    delete process.env.GUESTBOOK_MODERATION_KEY;
  });

  it('answers the health check without a database', async () => {
    const response = await fetch(`${url}/health`);
    assert.equal(response.status, 200);
    assert.deepEqual(await response.json(), { status: 'ok' });
  });

  it('shows a new entry first and trims it', async () => {
    await post({ name: 'Ada', message: 'First' });
    const response = await post({ name: '  Grace ', message: ' Second ' });
    assert.equal(response.status, 201);
    const entries = await (await fetch(`${url}/entries`)).json();
    assert.deepEqual(entries.map(({ name, message }) => [name, message]), [['Grace', 'Second'], ['Ada', 'First']]);
  });

  it('refuses an empty message, a name that is too long and a field it does not know', async () => {
    for (const body of [{ name: 'Ada', message: '   ' }, { name: 'a'.repeat(61), message: 'x' }, { name: 'Ada', message: 'x', id: 7 }]) {
      assert.equal((await post(body)).status, 400, JSON.stringify(body).slice(0, 60));
    }
    assert.equal(rows.length, 0);
  });

  it('lets nobody hide an entry while no moderation key is set', async () => {
    await post({ name: 'Ada', message: 'x' });
    assert.equal((await hide(1, 'anything')).status, 403);
    assert.equal((await hide(1)).status, 403);
  });

  it('hides an entry for the holder of the moderation key only', async () => {
    process.env.GUESTBOOK_MODERATION_KEY = 'a test key';
    await post({ name: 'Ada', message: 'x' });
    assert.equal((await hide(1, 'a wrong key')).status, 403);
    assert.equal((await hide(1, 'a test key')).status, 204);
    assert.deepEqual(await (await fetch(`${url}/entries`)).json(), []);
    assert.equal((await hide(1, 'a test key')).status, 404);
  });
});
