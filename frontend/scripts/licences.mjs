// Fails when a package that is shipped to browsers has a licence that we do not take.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const TAKEN = [
  'MIT',
  'ISC',
  '0BSD',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  'Unlicense',
  'MIT OR Apache-2.0',
  'MIT OR CC0-1.0',
];

const { packages } = JSON.parse(readFileSync(`${root}package-lock.json`, 'utf8'));
const shipped = Object.entries(packages).filter(([path, entry]) => path !== '' && !entry.dev && !entry.devOptional);
const refused = shipped.filter(([, entry]) => !TAKEN.includes(String(entry.license ?? '').replace(/^\((.*)\)$/, '$1')));
for (const [path, entry] of refused) console.error(`${path}: ${entry.license ?? 'no licence named'}`);
if (refused.length > 0) process.exit(1);
console.log(`licences: ${shipped.length} packages, all of them free to take`);
