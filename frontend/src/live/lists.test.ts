import { describe, expect, it } from 'vitest';

import { at, conversation, list, ME } from '@/testing/fixtures';

import { belongs, dropFromList, type ListData, passes, patchList } from './lists';

const NOW = Date.parse(at(60));
const ids = (data: ListData) => data.pages.map((page) => page.items.map((row) => row.id));

describe('belongs', () => {
  it.each([
    ['waiting', { waiting_since: at(0) }, true],
    ['waiting', { waiting_since: at(0), status: 'resolved' }, false],
    ['waiting', { waiting_since: at(0), status: 'snoozed', snoozed_until: at(90) }, false],
    ['waiting', { waiting_since: at(0), status: 'snoozed', snoozed_until: at(30) }, true],
    ['mine', { assigned_user_id: ME }, true],
    ['mine', { assigned_user_id: 'other' }, false],
    ['unassigned', { handled_by: 'agent' }, true],
    ['unassigned', { handled_by: 'agent', assigned_user_id: ME }, false],
    ['assistant', { handled_by: 'assistant' }, true],
    ['resolved', { status: 'resolved' }, true],
    ['snoozed', { status: 'snoozed', snoozed_until: at(90) }, true],
    ['snoozed', { status: 'snoozed', snoozed_until: at(30) }, false],
    ['all', { status: 'resolved' }, true],
  ] as const)('%s %j is %s', (view, change, expected) => {
    expect(belongs(view, conversation('a', change), ME, NOW)).toBe(expected);
  });
});

describe('passes', () => {
  it('knows what it can know, and leaves words to the API', () => {
    const row = conversation('a', { labels: ['vip'], unread_count: 1, window_ends_at: at(120) });
    expect(passes({ label: 'vip', unread: true, window_closing: true }, row, NOW)).toBe(true);
    expect(passes({ label: 'other' }, row, NOW)).toBe(false);
    expect(passes({ q: 'hola' }, row, NOW)).toBeUndefined();
  });
});

describe('patchList', () => {
  it('moves a row with a new message to the top, and touches nothing else', () => {
    const rows = [conversation('a', { last_message: lastAt(30) }), conversation('b', { last_message: lastAt(20) })];
    const patched = patchList(
      list(rows),
      { view: 'all' },
      conversation('b', { last_message: lastAt(40), revision: 2 }),
      ME,
      NOW,
    );
    expect(ids(patched)).toEqual([['b', 'a']]);
    expect(patched.pages[0]?.items[1]).toBe(rows[0]);
  });

  it('sorts those who wait by the longest wait', () => {
    const data = list([conversation('a', { waiting_since: at(1) }), conversation('b', { waiting_since: at(9) })]);
    const patched = patchList(data, { view: 'waiting' }, conversation('c', { waiting_since: at(5) }), ME, NOW);
    expect(ids(patched)).toEqual([['a', 'c', 'b']]);
  });

  it('takes a row out of a view it no longer belongs to', () => {
    const data = list([conversation('a', { waiting_since: at(1) })]);
    expect(ids(patchList(data, { view: 'waiting' }, conversation('a', { revision: 2 }), ME, NOW))).toEqual([[]]);
  });

  it('ignores news that are older than what is shown', () => {
    const data = list([conversation('a', { revision: 5 })]);
    expect(patchList(data, { view: 'all' }, conversation('a', { revision: 4, status: 'resolved' }), ME, NOW)).toBe(
      data,
    );
  });

  it('leaves a row that sorts after the last loaded one to the next page', () => {
    const data = list([conversation('a', { last_message: lastAt(30) })], 'cursor');
    expect(ids(patchList(data, { view: 'all' }, conversation('b', { last_message: lastAt(10) }), ME, NOW))).toEqual([
      ['a'],
    ]);
  });

  it('keeps found rows up to date without guessing about new ones', () => {
    const data = list([conversation('a')]);
    const filter = { view: 'all', q: 'roto' } as const;
    expect(patchList(data, filter, conversation('b'), ME, NOW)).toBe(data);
    expect(
      patchList(data, filter, conversation('a', { revision: 2, unread_count: 3 }), ME, NOW).pages[0]?.items[0]
        ?.unread_count,
    ).toBe(3);
  });

  it('forgets an erased row', () => {
    expect(ids(dropFromList(list([conversation('a'), conversation('b')]), 'a'))).toEqual([['b']]);
  });
});

const lastAt = (minutes: number) => ({ ...conversation('x').last_message, at: at(minutes) });
