/** Every screen, in both themes, at the size of a desk and of a phone: nothing that WCAG 2.2 AA forbids. */
import { createRequire } from 'node:module';

import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { browserPath, open, picture } from './chromium';
import { id, TENANT } from './fixture-data';
import { FixtureServer } from './server';

const axe = createRequire(import.meta.url).resolve('axe-core');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

const screens: [string, string, (page: Page) => Promise<unknown>][] = [
  ['inbox', `/t/${TENANT}/inbox/waiting`, (page) => page.locator('[data-row]').first().waitFor()],
  [
    'thread',
    `/t/${TENANT}/inbox/waiting/${id('c0', 0)}`,
    (page) => page.getByRole('log').getByText('Perfecto', { exact: true }).waitFor(),
  ],
  ['contacts', `/t/${TENANT}/contacts`, (page) => page.locator('tbody tr').first().waitFor()],
  ['contact', `/t/${TENANT}/contacts/${id('ca', 0)}`, (page) => page.getByRole('heading', { level: 1 }).waitFor()],
  ['replies', `/t/${TENANT}/replies`, (page) => page.locator('tbody tr').first().waitFor()],
  ['team', `/t/${TENANT}/team`, (page) => page.getByText('bruno@example.com').waitFor()],
  ['deliveries', `/t/${TENANT}/deliveries/events`, (page) => page.locator('tbody tr').first().waitFor()],
  ['jobs', `/t/${TENANT}/deliveries/jobs`, (page) => page.locator('tbody tr').first().waitFor()],
  ['record', `/t/${TENANT}/record`, (page) => page.locator('tbody tr').first().waitFor()],
  ['settings', `/t/${TENANT}/settings`, (page) => page.getByLabel('Nombre').waitFor()],
  ['labels', `/t/${TENANT}/settings/labels`, (page) => page.locator('tbody tr').first().waitFor()],
  ['me', '/me', (page) => page.getByLabel('Idioma').waitFor()],
  ['tenants', '/ops/tenants', (page) => page.locator('tbody tr').first().waitFor()],
  ['users', '/ops/users', (page) => page.locator('tbody tr').first().waitFor()],
  ['system', '/ops/system', (page) => page.locator('tbody tr').first().waitFor()],
];

async function violations(page: Page): Promise<string[]> {
  await page.addScriptTag({ path: axe }).catch(() => undefined);
  if (!(await page.evaluate(() => 'axe' in window)))
    await page.evaluate((await import('node:fs')).readFileSync(axe, 'utf8'));
  return page.evaluate(async (tags) => {
    const { axe: run } = window as unknown as {
      axe: {
        run: (
          options: object,
        ) => Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }>;
      };
    };
    const found = await run.run({ runOnly: { type: 'tag', values: tags } } as never);
    return found.violations.flatMap((one) =>
      one.nodes.map(
        (node) => `${one.id}: ${node.html.slice(0, 160)} ${node.failureSummary.replace(/\s+/g, ' ').slice(0, 200)}`,
      ),
    );
  }, TAGS);
}

describe.each([
  ['light', 1280],
  ['dark', 1280],
  ['light', 360],
  ['dark', 360],
] as const)('%s, %i px', (colorScheme, width) => {
  let server: FixtureServer;
  let context: Awaited<ReturnType<typeof open>>;
  let page: Page;

  beforeAll(async () => {
    if (!browserPath) throw new Error('no Chromium found: install the package chromium, or set CHROMIUM');
    server = await FixtureServer.start({ isSuperadmin: true });
    context = await open({ colorScheme, viewport: { width, height: 800 }, bypassCSP: true, reducedMotion: 'reduce' });
    page = context.pages()[0] ?? (await context.newPage());
  });
  afterAll(async () => {
    await context.close();
    await server.stop();
  });

  it.each(screens)('%s', async (name, path, ready) => {
    await page.goto(server.url + path);
    await ready(page);
    await picture(page, `${name}-${colorScheme}-${width}`);
    expect(await violations(page)).toEqual([]);
  });

  it('signing in', async () => {
    server.api.isSignedIn = false;
    await page.goto(`${server.url}/login`);
    await page.getByLabel('E-mail').waitFor();
    await picture(page, `login-${colorScheme}-${width}`);
    expect(await violations(page)).toEqual([]);
    server.api.isSignedIn = true;
  });

  it('a dialog', async () => {
    await page.goto(`${server.url}/t/${TENANT}/team`);
    await page.getByRole('button', { name: 'Invitar' }).click();
    await page.getByRole('dialog').getByLabel('E-mail').waitFor();
    expect(await violations(page)).toEqual([]);
  });
});
