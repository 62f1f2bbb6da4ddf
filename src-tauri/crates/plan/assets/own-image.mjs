// Looks at the image that the repository's own Dockerfile made, and says what a server would lack.
//
//   node own-image.mjs <output of docker image inspect> <Dockerfile> <port>
import { readFileSync } from 'node:fs';

const [, , file, dockerfile, port] = process.argv;
const { Config: config = {} } = JSON.parse(readFileSync(file, 'utf8'))[0] ?? {};
const problems = [];

if (!config.Cmd?.length && !config.Entrypoint?.length) {
  problems.push(`${dockerfile} has neither CMD nor ENTRYPOINT: nothing would start.`);
}
const exposed = Object.keys(config.ExposedPorts ?? {});
if (exposed.length > 0 && !exposed.includes(`${port}/tcp`)) {
  const ports = exposed.map((entry) => entry.replace('/tcp', '')).join(', ');
  problems.push(`${dockerfile} exposes ${ports}, but the load balancer asks port ${port}. Change EXPOSE, or the port of the back end.`);
}
if ((config.Env ?? []).some((entry) => entry.startsWith('NODE_OPTIONS='))) {
  problems.push(`${dockerfile} sets NODE_OPTIONS, which the servers need themselves. Put the options into CMD.`);
}

if (!config.User || config.User === 'root' || config.User === '0') console.log(`${dockerfile} runs the server as root; USER node would be safer.`);
for (const problem of problems) console.error(problem);
process.exit(problems.length > 0 ? 1 : 0);
