import { fileURLToPath } from 'node:url';

import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

const src = fileURLToPath(new URL('./src', import.meta.url));

/** Our own modules that the first screen needs, so that they come in one file and not in thirty. */
const firstLoad = new Set<string>();

/** The parts of Mantine that the first screen shows. Its index names all parts, so the graph cannot tell. */
const PARTS =
  /@mantine[\\/](hooks|core[\\/]esm[\\/](core|components[\\/](ActionIcon|Anchor|Button|CloseButton|Group|Input|InputBase|Loader|Text|TextInput|Transition|UnstyledButton)))[\\/]/;

const isOfFirstLoad = (id: string): boolean =>
  PARTS.test(id) || (firstLoad.has(id) && id.startsWith(src) && !id.endsWith('main.tsx'));

function findFirstLoad(): Plugin {
  return {
    name: 'first-load',
    apply: 'build',
    buildEnd() {
      const open = [...this.getModuleIds()].filter((id) => this.getModuleInfo(id)?.isEntry);
      for (let id = open.pop(); id !== undefined; id = open.pop()) {
        if (firstLoad.has(id)) continue;
        firstLoad.add(id);
        open.push(...(this.getModuleInfo(id)?.importedIds ?? []));
      }
    },
  };
}

export default defineConfig({
  plugins: [react(), findFirstLoad()],
  resolve: { alias: { '@': src } },
  build: {
    target: 'es2022',
    manifest: 'manifest.json',
    // Inlined files would need "data:" in more places of the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            {
              name: 'vendor',
              test: /node_modules[\\/](react|react-dom|scheduler|@tanstack|openapi-fetch|clsx)[\\/]/,
              priority: 2,
            },
            { name: 'main', test: isOfFirstLoad, priority: 1 },
          ],
        },
      },
    },
  },
  server: {
    proxy: {
      '/api': process.env['ORCHESTRATOR_URL'] ?? 'http://127.0.0.1:8000',
      '/ready': process.env['ORCHESTRATOR_URL'] ?? 'http://127.0.0.1:8000',
    },
  },
  test: {
    environment: 'happy-dom',
    setupFiles: ['src/testing/setup.ts'],
    include: ['src/**/*.test.{ts,tsx}'],
    restoreMocks: true,
  },
});
