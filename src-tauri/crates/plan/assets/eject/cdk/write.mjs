// Puts the synthesized templates in the place of those that deploy.sh deploys.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';

const out = new URL('../cdk.out/', import.meta.url);
const places = { pipeline: '../../', edge: '../../', base: '../../infra/', service: '../../infra/' };
// CloudFormation takes no more of a template that is sent along with a request.
const LIMIT = 51_200;

for (const file of readdirSync(out).filter((name) => name.endsWith('.template.json'))) {
  const role = file.slice(0, -'.template.json'.length).split('-').at(-1);
  const place = new URL(`${places[role]}${role}.template.yaml`, import.meta.url);
  if (!places[role] || !existsSync(place)) throw new Error(`${file} belongs to no template of this folder`);
  const template = JSON.parse(readFileSync(new URL(file, out), 'utf8'));
  // JSON is YAML, too.
  const pretty = JSON.stringify(template, null, 1);
  writeFileSync(place, `${Buffer.byteLength(pretty) < LIMIT ? pretty : JSON.stringify(template)}\n`);
  console.log(`${role}.template.yaml is written from ${file}`);
}
