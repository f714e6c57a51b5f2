import { afterEach, describe, expect, it, vi } from 'vitest';

import { etagOf } from './etag';
import { clock, dayOf, duration, listTime, relative } from './format';
import { newId } from './id';
import { isTaken, nameOf } from './keyboard';
import { accessOf } from './permissions';
import { digitsOf, e164, showPhone } from './phone';
import type { Me } from '@/api/types';

describe('phones', () => {
  it.each([
    ['5491123456789', '+54 9 11 2345-6789'],
    ['+54 9 351 234-5678', '+54 9 351 234-5678'],
    ['541123456789', '+54 11 2345-6789'],
    ['5511912345678', '+55 11 91234-5678'],
    ['551132345678', '+55 11 3234-5678'],
    ['12125550123', '+1 212 555-0123'],
    ['', ''],
    [null, ''],
  ])('%s is shown as %s', (phone, shown) => expect(showPhone(phone)).toBe(shown));

  it('is searched by digits and copied whole', () => {
    expect(digitsOf('+54 9 11 2345-6789')).toBe('5491123456789');
    expect(e164('54 9 11 2345 6789')).toBe('+5491123456789');
  });
});

describe('times', () => {
  it('uses two units at most', () => {
    expect([0, 59, 60, 192, 24 * 60, 52 * 60].map((minutes) => duration(minutes * 60_000))).toEqual([
      '0 min',
      '59 min',
      '1 h',
      '3 h 12 min',
      '1 d',
      '2 d 4 h',
    ]);
    expect(duration(-5)).toBe('0 min');
  });

  it('counts hours to 24 in every language, in the zone of the business', () => {
    const at = '2026-11-23T04:40:00Z';
    for (const language of ['es', 'en', 'pt'] as const)
      expect(clock(at, language, 'America/Argentina/Buenos_Aires')).toBe('01:40');
    expect(dayOf('2026-11-23T02:00:00Z', 'America/Argentina/Buenos_Aires')).toBe(
      dayOf('2026-11-22T12:00:00Z', 'America/Argentina/Buenos_Aires'),
    );
  });

  it('names the hour today and the day before that', () => {
    const now = Date.parse('2026-11-23T15:00:00Z');
    expect(listTime('2026-11-23T14:00:00Z', 'es', now, 'UTC')).toBe('14:00');
    expect(listTime('2026-11-20T14:00:00Z', 'es', now, 'UTC')).toMatch(/20/);
    expect(relative('2026-11-23T14:55:00Z', 'es', now)).toBe('hace 5 minutos');
  });
});

describe('versions', () => {
  it('keep every microsecond', () => {
    expect(etagOf('2026-11-23T12:00:00.123456Z')).toBe('"1795435200123456"');
    expect(etagOf('2026-11-23T12:00:00.5Z')).toBe('"1795435200500000"');
    expect(etagOf('2026-11-23T12:00:00Z')).toBe('"1795435200000000"');
  });
});

describe('ids', () => {
  afterEach(() => void vi.unstubAllGlobals());

  it('are made on plain http too, where randomUUID is missing', () => {
    vi.stubGlobal('crypto', { getRandomValues: crypto.getRandomValues.bind(crypto) });
    const made = new Set(Array.from({ length: 100 }, newId));
    expect(made.size).toBe(100);
    for (const id of made) expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
  });
});

describe('keys', () => {
  const press = (key: string, more: KeyboardEventInit = {}) => new KeyboardEvent('keydown', { key, ...more });

  it('have the same name on layouts where / and ? need Shift', () => {
    expect(nameOf(press('/'))).toBe('/');
    expect(nameOf(press('/', { shiftKey: true }))).toBe('/');
    expect(nameOf(press('?', { shiftKey: true }))).toBe('?');
    expect(nameOf(press('E', { shiftKey: true }))).toBe('Shift+E');
    expect(nameOf(press('e', { ctrlKey: true }))).toBeUndefined();
  });

  it('belong to the field they are typed into', () => {
    const field = document.body.appendChild(document.createElement('textarea'));
    let taken: boolean | undefined;
    field.addEventListener('keydown', (event) => void (taken = isTaken(event)));
    field.dispatchEvent(press('r', { bubbles: true }));
    expect(taken).toBe(true);
    field.remove();
  });
});

describe('access', () => {
  const me = {
    is_superadmin: false,
    tenants: [{ id: 'a', name: 'A', is_suspended: false, role: 'agent', permissions: ['conversations.read'] }],
  } as unknown as Me;

  it('is what the API says, and nothing where one does not belong', () => {
    const mine = accessOf(me, 'a', '', false);
    expect(mine?.may('conversations.read')).toBe(true);
    expect(mine?.may('settings.write')).toBe(false);
    expect(accessOf(me, 'b', '', false)).toBeUndefined();
  });

  it('lets the operator look, and change only after saying so', () => {
    const operator = { ...me, is_superadmin: true };
    expect(accessOf(operator, 'b', 'B', false)?.may('settings.read')).toBe(true);
    expect(accessOf(operator, 'b', 'B', false)?.may('settings.write')).toBe(false);
    expect(accessOf(operator, 'b', 'B', true)?.may('settings.write')).toBe(true);
  });
});
