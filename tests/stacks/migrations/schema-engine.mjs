#!/usr/bin/env node
// Prisma's schema engine, in the form that is published on npm: the same Rust code as the native program, compiled to WebAssembly, with
// its database driver in JavaScript. Speaks the native program's protocol, JSON-RPC by line, so that the Prisma command can be
// pointed at it with PRISMA_SCHEMA_ENGINE_BINARY. The native program comes from a host that tests must not depend on.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg';

const program = fileURLToPath(import.meta.resolve('@prisma/schema-engine-wasm/schema_engine_bg')).replace(/\.js$/, '.wasm');
const { instance } = await WebAssembly.instantiate(readFileSync(program), { './schema_engine_bg.js': bindings });
bindings.__wbg_set_wasm(instance.exports);
instance.exports.__wbindgen_start();

const args = process.argv.slice(2);
const { url } = JSON.parse(args[args.indexOf('--datasource') + 1]);
const quiet = () => {};
const adapter = bindMigrationAwareSqlAdapterFactory(new PrismaPg({ connectionString: url }));

if (args.includes('can-connect-to-database')) {
  try {
    await (await bindings.SchemaEngine.new({}, quiet, adapter)).version();
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${error.message}\n`, () => process.exit(1));
  }
} else {
  const engine = await bindings.SchemaEngine.new({}, quiet, adapter);
  for await (const line of createInterface({ input: process.stdin })) {
    const { id, method, params } = JSON.parse(line);
    const answer = await engine[method](params).then(
      (result) => ({ result: result ?? {} }),
      (error) => ({ error: { code: 4466, message: error.message, data: { is_panic: false, message: error.message, meta: {} } } }),
    );
    process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, ...answer })}\n`);
  }
}
