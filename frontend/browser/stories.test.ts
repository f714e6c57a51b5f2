/** What people do with the pages, in a real browser against the built files. */
import type { BrowserContext, Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { browserPath, open, picture, watch } from './chromium';
import { id, message, OTHER_TENANT, TENANT } from './fixture-data';
import { FixtureServer, type Options } from './server';

let server: FixtureServer;
let context: BrowserContext;
let page: Page;
let complaints: string[];

async function start(options: Options = {}, browser: Parameters<typeof open>[0] = {}): Promise<void> {
  server = await FixtureServer.start(options);
  context = await open(browser);
  page = context.pages()[0] ?? (await context.newPage());
  complaints = watch(page, server.url);
}

const inbox = (rest = 'waiting') => `${server.url}/t/${TENANT}/inbox/${rest}`;
const first = id('c0', 0);
const composer = () => page.getByRole('combobox', { name: 'Respuesta' });
const row = (conversation: string) => page.locator(`[data-row="${conversation}"]`);
const lists = () => server.requests.filter((request) => /GET .*\/conversations\?/.test(request)).length;

beforeEach(() => {
  if (!browserPath) throw new Error('no Chromium found: install the package chromium, or set CHROMIUM');
});

afterEach(async () => {
  await context.close();
  await server.stop();
  expect(complaints).toEqual([]);
});

describe('signing in', () => {
  it('refuses politely, lets in, and goes where one wanted to go', async () => {
    await start();
    server.api.isSignedIn = false;
    await page.goto(inbox(`waiting/${first}`));
    await page.getByLabel('E-mail').fill('ana@example.com');
    await page.locator('input[name=password]').fill('wrong');
    await page.getByRole('button', { name: 'Ingresar' }).click();
    await page.getByText('El e-mail o la contraseña no son correctos.').waitFor();
    await page.locator('input[name=password]').fill('correct horse');
    await page.keyboard.press('Enter');
    await composer().waitFor();
    expect(page.url()).toBe(inbox(`waiting/${first}`));
  });

  it('opens over the page when the session ends, and keeps what was being written', async () => {
    await start();
    await page.goto(inbox(`waiting/${first}`));
    await composer().fill('a medio escribir');
    server.api.isSignedIn = false;
    await row(id('c0', 5)).getByRole('button').first().focus();
    await page.getByRole('dialog', { name: 'La sesión terminó' }).waitFor();
    await page.getByRole('dialog').locator('input[name=password]').fill('correct horse');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await composer().inputValue()).toBe('a medio escribir');
  });
});

describe('live', () => {
  it('moves a row to the top without asking for the list again', async () => {
    await start();
    await page.goto(inbox('all'));
    await row(first).waitFor();
    const target = server.api.conversations[3];
    if (!target) throw new Error('no such row');
    const before = lists();
    server.arrive(
      target,
      message(target.id, 900, {
        direction: 'inbound',
        author: 'contact',
        body: 'recién llegado',
        sent_at: new Date().toISOString(),
      }),
    );
    await row(target.id).getByText('recién llegado').waitFor();
    await expect.poll(() => page.locator('[data-row]').first().getAttribute('data-row')).toBe(target.id);
    expect(lists()).toBe(before);
  });

  it('moves nothing under the pointer, and says how much is new', async () => {
    await start();
    await page.goto(inbox('all'));
    await row(first).hover();
    const target = server.api.conversations[4];
    if (!target) throw new Error('no such row');
    server.arrive(
      target,
      message(target.id, 900, {
        direction: 'inbound',
        author: 'contact',
        body: 'nuevo',
        sent_at: new Date().toISOString(),
      }),
    );
    const pill = page.getByRole('button', { name: '1 nueva' });
    await pill.waitFor();
    expect(await page.locator('[data-row]').first().getAttribute('data-row')).toBe(first);
    await pill.click();
    await expect.poll(() => page.locator('[data-row]').first().getAttribute('data-row')).toBe(target.id);
  });

  it('paints an inbound message of the open conversation within 300 ms, and a later tick', async () => {
    await start();
    await page.goto(inbox(`waiting/${first}`));
    await composer().waitFor();
    await page.getByRole('log').getByText('Perfecto', { exact: true }).waitFor();
    const open = server.api.conversations[0];
    if (!open) throw new Error('no such row');
    const sentAt = Date.now();
    server.arrive(
      open,
      message(first, 901, {
        direction: 'inbound',
        author: 'contact',
        body: 'acá estoy',
        sent_at: new Date().toISOString(),
      }),
    );
    await page.getByRole('log').getByText('acá estoy').waitFor();
    expect(Date.now() - sentAt).toBeLessThan(300);
    const queued = server.api.messagesOf(first).find((one) => one.status === 'queued');
    server.emit('message.status', { message_id: queued?.id, status: 'read' });
    await page.locator(`[data-message="${queued?.id}"]`).getByRole('img', { name: 'Leído' }).waitFor();
  });

  it('has one stream for four tabs, and another tab goes on when the first one closes', async () => {
    await start();
    await page.goto(inbox('all'));
    await row(first).waitFor();
    const others = await Promise.all([1, 2, 3].map(() => context.newPage()));
    for (const other of others) {
      await other.goto(inbox('all'));
      await other.locator(`[data-row="${first}"]`).waitFor();
    }
    await expect.poll(() => server.streams.size).toBe(1);
    await page.close();
    await expect.poll(() => server.streams.size).toBe(1);
    page = others[0] as Page;
    const target = server.api.conversations[7];
    if (!target) throw new Error('no such row');
    await expect
      .poll(async () => {
        server.arrive(
          target,
          message(target.id, 902, {
            body: 'sigue en vivo',
            direction: 'inbound',
            author: 'contact',
            sent_at: new Date().toISOString(),
          }),
        );
        return page.getByText('sigue en vivo').count();
      })
      .toBeGreaterThan(0);
  });

  it('says when it is cut off, keeps what is written, and sends it exactly once afterwards', async () => {
    await start();
    await page.goto(inbox(`waiting/${first}`));
    await page.getByRole('log').getByText('Perfecto', { exact: true }).waitFor();
    server.isDown = true;
    server.drop();
    await composer().fill('esto espera');
    await page.keyboard.press('Enter');
    await page.getByRole('log').getByText('esto espera').waitFor();
    await page.getByText(/Sin conexión en vivo/).waitFor();
    expect(server.api.sent.size).toBe(0);
    server.isDown = false;
    await expect.poll(() => server.api.sent.size, { timeout: 40_000 }).toBe(1);
    await page.getByText(/Sin conexión en vivo/).waitFor({ state: 'detached', timeout: 40_000 });
    await expect.poll(() => page.getByRole('log').getByText('esto espera').count()).toBe(1);
  });
});

describe('a conversation', () => {
  it('is answered by the keyboard alone, and paints before the API has answered', async () => {
    await start();
    await page.goto(inbox());
    await row(id('c0', 55)).waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await composer().waitFor();
    const opened = page.url();
    await page.keyboard.type('Hola, ya lo miro');
    await page.keyboard.press('Enter');
    await page.getByRole('log').getByText('Hola, ya lo miro').waitFor();
    await expect.poll(() => server.api.sent.size).toBe(1);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Shift+E');
    await expect.poll(() => page.url()).not.toBe(opened);
    await page.getByText('Conversación resuelta').waitFor();
  });

  it('is taken over and given back with a note', async () => {
    await start();
    const withBot = server.api.conversations.find((one) => one.handled_by === 'assistant');
    await page.goto(inbox(`assistant/${withBot?.id}`));
    await page.getByRole('button', { name: 'Tomar' }).click();
    await page.getByText(/vuelve al bot en/).waitFor();
    await page.getByRole('button', { name: 'Devolver al bot' }).click();
    await page
      .getByRole('dialog')
      .getByLabel(/Nota para el bot/)
      .fill('ya se le ofreció un descuento');
    await page.getByRole('dialog').getByRole('button', { name: 'Devolver al bot' }).click();
    await page.getByRole('button', { name: 'Tomar' }).waitFor();
  });

  it('keeps a note apart from a reply, and each draft with its conversation', async () => {
    await start();
    await page.goto(inbox(`waiting/${first}`));
    await composer().fill('borrador de A');
    await page.getByRole('button', { name: 'Nota', exact: true }).click();
    const note = page.getByRole('combobox', { name: 'Nota interna' });
    await note.fill('pagó en efectivo');
    await picture(page, 'note');
    await page.getByRole('button', { name: 'Guardar nota' }).click();
    await page.getByRole('log').getByText('pagó en efectivo').waitFor();
    expect(server.api.sent.size).toBe(0);
    expect(await composer().inputValue()).toBe('borrador de A');
    await page.goto(inbox(`waiting/${id('c0', 5)}`));
    await composer().waitFor();
    expect(await composer().inputValue()).toBe('');
    await row(first).getByText('Borrador').waitFor();
  });

  it('inserts a canned reply with the name of the customer in the middle of a sentence', async () => {
    await start();
    await page.goto(inbox(`waiting/${first}`));
    await composer().click();
    await page.keyboard.type('Claro. /env');
    await page.getByRole('option').first().waitFor();
    await page.keyboard.press('Enter');
    expect(await composer().inputValue()).toBe('Claro. Hola Lucía, el envío tarda 48 horas. Soy Ana.');
  });

  it('shows every kind, explains failures and the bot, and takes markup for text', async () => {
    await start();
    await page.goto(inbox(`waiting/${first}`));
    await page.getByText('Pasaron más de 24 horas').waitFor();
    await page.getByRole('log').evaluate((log) => log.scrollTo(0, 0));
    for (const words of ['Imagen', 'Audio', 'factura.pdf', 'Ubicación', 'Pedro Ruiz', 'Sticker'])
      await page.getByRole('log').getByText(words).first().waitFor();
    expect(await page.locator('img[src="x"]').count()).toBe(0);
    await page.getByRole('log').evaluate((log) => log.scrollTo(0, log.scrollHeight));
    await page.getByRole('button', { name: 'Por qué' }).last().click();
    const drawer = page.getByRole('dialog', { name: '¿Por qué lo dijo?' });
    await drawer.getByText('check_business_hours').first().waitFor();
    await picture(page, 'trace');
  });

  it('opens a thread of 20,000 messages at its end, with few of them in the page', async () => {
    await start({ messages: 20_000 });
    await page.goto(inbox(`waiting/${first}`));
    await page.getByText('Mensaje 19999.').waitFor();
    expect(await page.locator('[data-message]').count()).toBeLessThan(60);
    const log = page.getByRole('log');
    await log.hover();
    await page.mouse.wheel(0, -2500);
    await page.getByText('Mensaje 19960.').waitFor();
    await page.getByRole('button', { name: /Ir al final/ }).click();
    await page.getByText('Mensaje 19999.').waitFor();
  });
});

describe('the list', () => {
  it('holds 10,000 conversations with at most 40 rows in the page', async () => {
    await start({ conversations: 10_000 });
    await page.goto(inbox('all'));
    await row(first).waitFor();
    expect(await page.locator('[data-row]').count()).toBeLessThanOrEqual(40);
    await row(first).hover();
    for (let times = 0; times < 8; times += 1) {
      await page.mouse.wheel(0, 2000);
      await page.waitForFunction(() => document.querySelectorAll('[data-row]').length > 5);
    }
    await expect.poll(lists).toBeGreaterThan(3);
    expect(await page.locator('[data-row]').count()).toBeLessThanOrEqual(40);
  });

  it('is searched, narrowed and changed in bulk, with a way back', async () => {
    await start();
    await page.goto(inbox());
    await row(first).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('Lucía');
    await expect.poll(() => page.url()).toContain('q=');
    await page.getByRole('button', { name: 'Borrar la búsqueda' }).click();
    await row(id('c0', 55)).hover();
    await row(id('c0', 55)).getByRole('checkbox').check();
    await row(id('c0', 50)).getByRole('checkbox').check();
    await page.getByText('2 seleccionadas').waitFor();
    await page.getByRole('toolbar').getByRole('button', { name: 'Resolver' }).click();
    await page.getByText('2 conversaciones cambiadas').waitFor();
    await page.getByRole('button', { name: 'Deshacer' }).click();
    await expect.poll(() => server.api.conversations.filter((one) => one.status === 'resolved').length).toBe(0);
  });

  it('is good news when nobody waits', async () => {
    await start({ conversations: 4 });
    server.api.conversations = server.api.conversations.map((one) => ({ ...one, waiting_since: null }));
    await page.goto(inbox());
    await page.getByText(/Nadie espera/).waitFor();
  });
});

describe('around it', () => {
  it('tells an agent which role a screen needs, and hides it from the menu', async () => {
    await start({ role: 'agent' });
    for (const path of [`/t/${TENANT}/settings`, `/t/${TENANT}/team`, `/t/${TENANT}/record`, '/ops/tenants']) {
      await page.goto(server.url + path);
      await page.getByText('Sin permiso').waitFor();
    }
    expect(await page.getByRole('link', { name: 'Ajustes', exact: true }).count()).toBe(0);
  });

  it('finds a contact by the last digits, and a screen by its name', async () => {
    await start();
    await page.goto(inbox());
    await row(first).waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Buscar' }).waitFor();
    await page.keyboard.type('0037');
    await page.getByRole('option', { name: /João Silva/ }).waitFor();
    await page.keyboard.press('Control+a');
    await page.keyboard.type('entreg');
    await page
      .getByRole('option', { name: /Entregas/ })
      .first()
      .waitFor();
    await page.keyboard.press('Enter');
    await expect.poll(() => page.url()).toContain('/deliveries');
  });

  it('changes its language at once, with nothing left in Spanish', async () => {
    await start();
    await page.goto(`${server.url}/me`);
    server.api.instead.set('PATCH /me', {
      status: 200,
      body: { ...(await (await page.request.get(`${server.url}/api/v1/me`)).json()), language: 'pt' },
    });
    await page.getByLabel('Idioma').selectOption('pt');
    await page.getByRole('button', { name: 'Guardar', exact: true }).click();
    await page.getByRole('heading', { name: 'Minhas configurações' }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('pt');
  });

  it('replays a group of parked webhooks after saying how many there are', async () => {
    await start();
    await page.goto(`${server.url}/t/${TENANT}/deliveries/events`);
    await page.getByRole('button', { name: 'Reprocesar grupo' }).first().click();
    await page.getByText('Se reprocesan 3; se omiten 1.').waitFor();
    await page.getByRole('button', { name: 'Reprocesar', exact: true }).click();
    await page.getByText('3 reprocesados, 1 omitidos, quedan 0.').waitFor();
  });

  it('gives a link to pass on where no mail can be sent', async () => {
    await start();
    await page.goto(`${server.url}/t/${TENANT}/team`);
    await page.getByRole('button', { name: 'Invitar' }).click();
    await page.getByRole('dialog').getByLabel('E-mail').fill('nuevo@example.com');
    await page.getByRole('dialog').getByRole('button', { name: 'Invitar' }).click();
    await page.getByRole('dialog').getByText('/invite/abc').waitFor();
  });

  it('keeps what was typed when the API fails, and says so', async () => {
    await start();
    await page.goto(`${server.url}/t/${TENANT}/settings`);
    await page.getByLabel('Descripción').fill('una descripción nueva');
    server.api.instead.set('/settings', {
      status: 500,
      body: { code: 'internal', title: '', detail: '', status: 500, type: '', request_id: 'req-9' },
    });
    await page.getByRole('button', { name: 'Guardar', exact: true }).click();
    await page.getByText('Algo falló del lado del servidor').waitFor();
    expect(await page.getByLabel('Descripción').inputValue()).toBe('una descripción nueva');
  });

  it('does not mix two businesses in two tabs', async () => {
    await start();
    await page.goto(inbox());
    const other = await context.newPage();
    await other.goto(`${server.url}/t/${OTHER_TENANT}/inbox`);
    await other.getByRole('button', { name: /Clínica Río/ }).waitFor();
    expect(await page.getByRole('button', { name: /Tienda Sol/ }).count()).toBe(1);
  });

  it('keeps no token where scripts can read it', async () => {
    await start();
    await page.goto(inbox(`waiting/${first}`));
    await composer().waitFor();
    const kept = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }) + document.cookie);
    expect(kept).not.toMatch(/token|session|Bearer/i);
  });
});

describe('on a phone', () => {
  const phone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

  it('shows one pane at a time, goes back where it was, and never scrolls sideways', async () => {
    await start({}, phone);
    await page.goto(inbox('all'));
    await row(id('c0', 2)).tap();
    await composer().waitFor();
    await picture(page, 'phone-thread');
    await page.goBack();
    await row(id('c0', 2)).waitFor();
    await picture(page, 'phone-list');
    for (const path of [
      'inbox/all',
      `inbox/all/${first}`,
      'contacts',
      'team',
      'settings',
      'deliveries',
      'replies',
      'record',
    ]) {
      await page.goto(`${server.url}/t/${TENANT}/${path}`);
      await page.locator('h1, h2').first().waitFor({ state: 'attached' });
      await page.setViewportSize({ width: 320, height: 640 });
      expect([path, await page.evaluate(() => document.documentElement.scrollWidth)]).toEqual([path, 320]);
    }
  });
});
