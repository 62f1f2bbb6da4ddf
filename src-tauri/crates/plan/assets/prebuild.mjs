// Builds the packages of the same repository that an application needs, the deepest first.
//
//   node prebuild.mjs <root> <application folder> <package manager>
//
// A package belongs to the repository if its link in node_modules leads back into it.
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { spawnSync } from 'node:child_process';

const [, , rootArgument, applicationArgument, packageManager] = process.argv;
const root = realpathSync(rootArgument);
const application = realpathSync(join(root, applicationArgument));

const manifest = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

function isInside(folder) {
  const path = relative(root, folder);
  return path !== '' && !path.startsWith('..') && !path.split(sep).includes('node_modules');
}

// Where Node would find a dependency, if that is a package of the repository.
function ownPackage(name, from) {
  for (let folder = from; ; folder = dirname(folder)) {
    const link = join(folder, 'node_modules', name);
    if (existsSync(join(link, 'package.json'))) {
      const target = realpathSync(link);
      return isInside(target) ? target : null;
    }
    if (folder === root || folder === dirname(folder)) return null;
  }
}

const order = [];
const seen = new Set([application]);

function visit(folder) {
  if (!existsSync(join(folder, 'package.json'))) return;
  const { dependencies, devDependencies, optionalDependencies } = manifest(folder);
  for (const name of Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies })) {
    const target = ownPackage(name, folder);
    if (target && !seen.has(target)) {
      seen.add(target);
      visit(target);
      order.push(target);
    }
  }
}

visit(application);

for (const folder of order) {
  if (!manifest(folder).scripts?.build) continue;
  console.log(`building ${relative(root, folder)}`);
  const { status, error } = spawnSync(packageManager, ['run', 'build'], { cwd: folder, stdio: 'inherit' });
  if (error) console.error(`${packageManager} could not be started: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}
