import { describe, expect, it } from 'vitest';

import type { CannedReply, Note } from '@/api/types';
import { tNow } from '@/i18n';
import type { OutboxEntry } from '@/outbox/store';
import { at, conversation, message } from '@/testing/fixtures';

import { moves } from './list/frozen';
import { previewOf } from './preview';
import { fillIn, leftOpen, matching, slashAt, valuesFor } from './thread/canned';
import { contactsOf, orderOf, pairOf } from './thread/content';
import { pieces } from './thread/rich-text';
import { morningAfter, snoozeChoices } from './thread/snooze';
import { timeline } from './thread/timeline';
import { readStep } from './trace/step';

describe('text of messages', () => {
  it('knows WhatsApp marks and links, and leaves everything else as it is', () => {
    expect(pieces('Hola *Ana*, _hoy_ ~no~ `x` https://a.example/b?c=1.')).toEqual([
      { kind: 'text', text: 'Hola ' },
      { kind: 'bold', text: 'Ana' },
      { kind: 'text', text: ', ' },
      { kind: 'italic', text: 'hoy' },
      { kind: 'text', text: ' ' },
      { kind: 'strike', text: 'no' },
      { kind: 'text', text: ' ' },
      { kind: 'mono', text: 'x' },
      { kind: 'text', text: ' ' },
      { kind: 'link', text: 'https://a.example/b?c=1', href: 'https://a.example/b?c=1' },
      { kind: 'text', text: '.' },
    ]);
  });

  it.each([
    '<img src=x onerror=alert(1)>',
    '2*3*4',
    'snake_case_name',
    '* a *',
    'javascript:alert(1)',
    '‮',
    '🎉'.repeat(40),
  ])('takes %s for plain text', (text) => {
    expect(pieces(text)).toEqual([{ kind: 'text', text }]);
  });

  it('gives back every character of a long text', () => {
    const text = 'a *b* https://x.example _c_ '.repeat(300);
    const back = pieces(text).map((piece) =>
      piece.kind === 'bold' ? `*${piece.text}*` : piece.kind === 'italic' ? `_${piece.text}_` : piece.text,
    );
    expect(back.join('')).toBe(text);
  });
});

describe('canned replies', () => {
  const values = valuesFor(
    conversation('c1', { contact: { ...conversation('x').contact, name: 'Lucía Pérez' } }),
    'Ana',
    'Tienda Sol',
  );

  it('fill in what is known and show what is not', () => {
    const filled = fillIn('Hola {{contact.first_name}} {{ contact.name }}, {{order.number}}', values);
    expect(filled).toBe('Hola Lucía Lucía Pérez, {{order.number}}');
    expect(leftOpen(filled)).toEqual(['order.number']);
    expect(leftOpen(fillIn('{{contact.name}}', { ...values, 'contact.name': '' }))).toEqual(['contact.name']);
  });

  it('open at the beginning of any word, and not inside one', () => {
    expect(slashAt('/env', 4)).toEqual({ from: 0, word: 'env' });
    expect(slashAt('hola /EN', 8)).toEqual({ from: 5, word: 'en' });
    expect(slashAt('hola /en más', 12)).toBeUndefined();
    expect(slashAt('y/o', 3)).toBeUndefined();
    expect(slashAt('https://x', 9)).toBeUndefined();
  });

  it('come with those first whose shortcut fits', () => {
    const reply = (shortcut: string, title: string) => ({ id: shortcut, shortcut, title, body: '' }) as CannedReply;
    expect(matching([reply('plazo', 'Demora'), reply('env', 'Costo')], 'env').map((one) => one.id)).toEqual(['env']);
    expect(matching([reply('plazo', 'Del env'), reply('env', 'Costo')], 'env').map((one) => one.id)).toEqual([
      'env',
      'plazo',
    ]);
  });
});

describe('the timeline', () => {
  const zone = 'America/Argentina/Buenos_Aires';
  const note = (id: string, minutes: number): Note => ({
    id,
    body: id,
    author_user_id: null,
    created_at: at(minutes),
    mentions: [],
  });
  const pending = (id: string): OutboxEntry => ({
    id,
    user: 'a',
    tenant: 't',
    conversation: 'c1',
    kind: 'reply',
    text: id,
    createdAt: 0,
    state: 'waiting',
  });

  it('puts days, messages, notes and unsent words in order', () => {
    const entries = timeline([message('a', 0), message('b', 30)], [note('n', 10)], [pending('p')], zone);
    expect(entries.map((entry) => entry.kind)).toEqual(['day', 'message', 'note', 'message', 'pending']);
  });

  it('shows an unsent message once, also after the API has it', () => {
    const entries = timeline([message('a', 0, { client_message_id: 'p' })], [], [pending('p')], zone);
    expect(entries.map((entry) => entry.key)).toEqual(['day-11/23/2026', 'p']);
  });

  it('joins what one author says within two minutes, on one day of the business', () => {
    const joined = (minutes: number[]) =>
      timeline(
        minutes.map((minute, n) => message(String(n), minute)),
        [],
        [],
        zone,
      ).flatMap((entry) => (entry.kind === 'message' ? [entry.isJoined] : []));
    expect(joined([0, 1, 5])).toEqual([false, true, false]);
    // 03:00 UTC is midnight in Buenos Aires.
    expect(joined([14 * 60 + 59.5, 15 * 60 + 0.5])).toEqual([false, false]);
  });

  it('keeps old notes back until their part of the thread is loaded', () => {
    expect(timeline([message('a', 60)], [note('old', 0)], [], zone).some((entry) => entry.kind === 'note')).toBe(false);
  });
});

describe('rows under the pointer', () => {
  it.each([
    [['a', 'b', 'c'], ['a', 'b', 'c'], 0],
    [['a', 'b', 'c'], ['c', 'a', 'b'], 1],
    [['a', 'b'], ['x', 'a', 'b'], 1],
    [['a', 'b', 'c'], ['a', 'c'], 0],
    [['a', 'b', 'c', 'd'], ['d', 'c', 'a', 'b'], 2],
    [[], ['a'], 1],
  ])('%j to %j moves %i', (before, after, count) => expect(moves(before, after)).toBe(count));
});

describe('content of the providers', () => {
  it('is read with care', () => {
    expect(contactsOf([{ name: { formatted_name: 'Ana' }, phones: [{ phone: '+54' }] }, {}])).toEqual([
      'Ana · +54',
      '',
    ]);
    expect(contactsOf(null)).toEqual([]);
    expect(pairOf({ list_reply: { title: 'Jueves', description: '9:00' } })).toEqual({
      title: 'Jueves',
      description: '9:00',
    });
    expect(pairOf('nonsense')).toEqual({ title: undefined, description: undefined });
    expect(orderOf({ product_items: [{ item_price: 10, quantity: 2, currency: 'ARS' }] })).toMatchObject({
      items: 1,
      total: 'ARS 20',
    });
    expect(orderOf(undefined)).toEqual({ items: 0, total: undefined });
  });

  it('makes a line for the list', () => {
    const last = { ...conversation('c').last_message, kind: 'image', preview: '[image] mirá', author: 'assistant' };
    expect(previewOf(last, tNow(), () => 'Ana')).toBe('Bot: Imagen · mirá');
    expect(
      previewOf({ ...last, kind: 'text', author: 'agent', author_user_id: 'x', preview: 'hola' }, tNow(), () => 'Ana'),
    ).toBe('Ana: hola');
  });

  it('reads the steps of a turn, known or not', () => {
    const step = (kind: string, payload: object) =>
      readStep({ number: 1, kind, call_id: null, created_at: at(0), payload: payload as never });
    expect(step('model_answer', { text: '', calls: [{ id: '1', name: 'book', arguments: '{}' }] })).toMatchObject({
      title: 'trace.decides',
      calls: [{ name: 'book' }],
    });
    expect(step('tool_result', { tool: 'book', is_ok: false, content: { why: 'full' } })).toMatchObject({
      tool: 'book',
      isOk: false,
    });
    expect(step('something_new', {})).toMatchObject({ title: 'trace.step', calls: [] });
  });
});

describe('snoozing', () => {
  it('ends at nine in the morning of the business, also when clocks change', () => {
    expect(morningAfter(new Date('2026-11-23T23:30:00Z'), 1, 'America/Argentina/Buenos_Aires').toISOString()).toBe(
      '2026-11-24T12:00:00.000Z',
    );
    // New York leaves summer time in the night to 1 November 2026.
    expect(morningAfter(new Date('2026-10-31T20:00:00Z'), 1, 'America/New_York').toISOString()).toBe(
      '2026-11-01T14:00:00.000Z',
    );
  });

  it('offers the next Monday, never today', () => {
    const monday = snoozeChoices(new Date('2026-11-23T15:00:00Z'), 'UTC').find((choice) => choice.name === 'monday');
    expect(monday?.until.toISOString()).toBe('2026-11-30T09:00:00.000Z');
  });
});
