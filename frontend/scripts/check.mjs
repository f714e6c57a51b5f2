// Everything that needs no test run. All of it runs, so that one look shows all that is wrong.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const node = (...args) => [process.execPath, args];
const checks = {
  // By path: two packages own the name "tsc".
  types: node('node_modules/tsgo/bin/tsc', '--noEmit', '-p', '.'),
  lints: node('node_modules/eslint/bin/eslint.js', '.', '--max-warnings', '0'),
  format: node('node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.'),
  'API types': node('scripts/api-types.mjs', '--check'),
  texts: node('scripts/check-i18n.mjs'),
  licences: node('scripts/licences.mjs'),
  sizes: node('scripts/size.mjs'),
};

const failed = Object.entries(checks).filter(([name, [program, args]]) => {
  console.log(`--- ${name}`);
  return spawnSync(program, args, { cwd: root, stdio: 'inherit' }).status !== 0;
});
if (failed.length > 0) {
  console.error(`failed: ${failed.map(([name]) => name).join(', ')}`);
  process.exit(1);
}
