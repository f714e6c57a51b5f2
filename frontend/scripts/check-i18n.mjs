// Fails when a language lacks a key, says other placeholders, lacks a plural form, or has a key that nobody uses.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const src = fileURLToPath(new URL('../src', import.meta.url));
const languages = ['es', 'en', 'pt'];
const FORM = /_(zero|one|two|few|many|other)$/;
const complaints = [];

const flatten = (tree, prefix = '') =>
  Object.entries(tree).flatMap(([name, value]) =>
    typeof value === 'string' ? [[prefix + name, value]] : flatten(value, `${prefix}${name}.`),
  );
const catalogues = Object.fromEntries(
  languages.map((language) => [
    language,
    new Map(flatten(JSON.parse(readFileSync(join(src, `i18n/${language}.json`), 'utf8')))),
  ]),
);
const placeholders = (text) =>
  [...text.matchAll(/\{\{(\w+)\}\}/g)]
    .map((match) => match[1])
    .sort()
    .join();

for (const [key, text] of catalogues.es) {
  for (const language of languages) {
    const other = catalogues[language].get(key);
    if (!other?.trim()) complaints.push(`${language}: ${key} is missing`);
    else if (placeholders(other) !== placeholders(text))
      complaints.push(`${language}: ${key} has other placeholders than es`);
  }
}
for (const language of languages) {
  for (const key of catalogues[language].keys()) {
    if (!catalogues.es.has(key)) complaints.push(`${language}: ${key} is not in es`);
    if (!FORM.test(key)) continue;
    const base = key.replace(FORM, '');
    // "many" of Spanish and Portuguese is for millions; the lookup falls back to "other".
    for (const form of ['one', 'other']) {
      if (!catalogues[language].has(`${base}_${form}`)) complaints.push(`${language}: ${base} lacks the form ${form}`);
    }
  }
}

const sources = (dir) =>
  readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) return sources(path);
    return /\.tsx?$/.test(entry.name) && !/\.test\.|\.d\.ts$/.test(entry.name) ? [readFileSync(path, 'utf8')] : [];
  });
const code = sources(src).join('\n');
const used = new Set([...code.matchAll(/['"]([a-z][\w]*(?:\.\w+)+)['"]/g)].map((match) => match[1]));
const prefixes = [...code.matchAll(/`([a-z][\w]*(?:\.\w+)*\.)\$\{/g)].map((match) => match[1]);
for (const key of catalogues.es.keys()) {
  const base = key.replace(FORM, '');
  if (!used.has(base) && !prefixes.some((prefix) => base.startsWith(prefix))) complaints.push(`${key} is used nowhere`);
}

if (complaints.length > 0) {
  console.error(complaints.join('\n'));
  process.exit(1);
}
console.log(`i18n: ${catalogues.es.size} texts in ${languages.length} languages`);
