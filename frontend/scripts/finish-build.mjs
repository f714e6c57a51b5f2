// After the build: the version that running pages compare themselves with, and compressed copies for servers that send them.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const dist = fileURLToPath(new URL('../dist', import.meta.url));
const COMPRESSIBLE = /\.(js|css|html|json|svg|webmanifest)$/;
/** Written where the pages are deployed: a compressed copy would hide the change. */
const WRITTEN_LATER = ['config.js'];
const SMALLEST = 1024;

const build = createHash('sha256')
  .update(readFileSync(join(dist, 'index.html')))
  .digest('hex')
  .slice(0, 12);
writeFileSync(join(dist, 'version.json'), `${JSON.stringify({ build })}\n`);

for (const name of readdirSync(dist, { recursive: true })) {
  const path = join(dist, name);
  if (!COMPRESSIBLE.test(name) || WRITTEN_LATER.includes(name) || statSync(path).size < SMALLEST) continue;
  const content = readFileSync(path);
  writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
  writeFileSync(`${path}.br`, brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
}
