// Reads Vite's manifest and fails when a screen asks a first visitor for more than the budget allows.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
const KB = 1024;
const budgets = {
  firstJs: 190 * KB,
  firstCss: 25 * KB,
  requests: 14,
  route: 60 * KB,
  agenda: 90 * KB,
  locale: 25 * KB,
};

const manifest = JSON.parse(readFileSync(`${dist}manifest.json`, 'utf8'));
const sizes = new Map();
const gzipped = (file) => {
  if (!sizes.has(file)) sizes.set(file, gzipSync(readFileSync(dist + file), { level: 9 }).length);
  return sizes.get(file);
};
/** Everything that a chunk needs before it can run. */
function needs(key, found = new Set()) {
  if (found.has(key)) return found;
  found.add(key);
  for (const next of manifest[key]?.imports ?? []) needs(next, found);
  return found;
}
const files = (keys) => {
  const js = new Set();
  const css = new Set();
  for (const key of keys) {
    js.add(manifest[key].file);
    for (const file of manifest[key].css ?? []) css.add(file);
  }
  return { js: [...js], css: [...css] };
};
const sum = (list) => list.reduce((all, file) => all + gzipped(file), 0);
const complaints = [];
const say = (what, size, most) => {
  console.log(`${what.padEnd(34)} ${(size / KB).toFixed(1).padStart(7)} KB of ${most / KB}`);
  if (size > most) complaints.push(what);
};

const entry = Object.keys(manifest).find((key) => manifest[key].isEntry);
const first = needs(entry);
const initial = files(first);
say('first load, scripts', sum(initial.js), budgets.firstJs);
say('first load, styles', sum(initial.css), budgets.firstCss);
// The page, config.js and the icon come on top.
const requests = initial.js.length + initial.css.length + 3;
console.log(`first load, requests               ${String(requests).padStart(7)}    of ${budgets.requests}`);
if (requests > budgets.requests) complaints.push('requests');
for (const key of Object.keys(manifest).filter((name) => manifest[name].isDynamicEntry)) {
  const { src, file } = manifest[key];
  const own = [...needs(key)].filter((name) => !first.has(name));
  const { js, css } = files(own);
  const isLocale = /i18n\/\w+\.json$/.test(src ?? '');
  const most = isLocale ? budgets.locale : /agenda/.test(src ?? '') ? budgets.agenda : budgets.route;
  say(src ?? file, sum(js) + sum(css), most);
}
if (complaints.length > 0) {
  console.error(`over the budget: ${complaints.join(', ')}`);
  process.exit(1);
}
