/** Patches lists of conversations in the cache, so that no event makes a list be read again. */
import type { InfiniteData } from '@tanstack/react-query';

import type { ListFilter, View } from '@/api/queries';
import type { Conversation, ConversationPage } from '@/api/types';

export type ListData = InfiniteData<ConversationPage, unknown>;

const isOpen = (row: Conversation, now: number): boolean =>
  row.status !== 'resolved' && (row.status !== 'snoozed' || Date.parse(row.snoozed_until ?? '') <= now);

/** Whether a row stands in a view; the same rules by which the API lists. */
export function belongs(view: View, row: Conversation, me: string, now: number): boolean {
  switch (view) {
    case 'waiting':
      return row.waiting_since != null && isOpen(row, now);
    case 'mine':
      return row.assigned_user_id === me && isOpen(row, now);
    case 'unassigned':
      return row.handled_by === 'agent' && row.assigned_user_id == null && isOpen(row, now);
    case 'assistant':
      return row.handled_by === 'assistant' && isOpen(row, now);
    case 'all':
      return true;
    case 'resolved':
      return row.status === 'resolved';
    case 'snoozed':
      return row.status === 'snoozed' && !isOpen(row, now);
  }
}

/** What a filter says about a row; `undefined` when only the API can tell (words, failures). */
export function passes(filter: ListFilter, row: Conversation, now: number): boolean | undefined {
  if (filter.channel_id && row.channel.id !== filter.channel_id) return false;
  if (filter.label && !row.labels.includes(filter.label)) return false;
  if (filter.assigned_user_id && row.assigned_user_id !== filter.assigned_user_id) return false;
  if (filter.team_id && row.team_id !== filter.team_id) return false;
  if (filter.unread && row.unread_count === 0) return false;
  if (filter.window_closing) {
    const left = Date.parse(row.window_ends_at ?? '') - now;
    if (!(left > 0 && left < 4 * 3_600_000)) return false;
  }
  return filter.q || filter.failed ? undefined : true;
}

const rising: readonly View[] = ['waiting', 'snoozed'];

function sortTime(view: View, row: Conversation): number {
  const at = view === 'waiting' ? row.waiting_since : view === 'snoozed' ? row.snoozed_until : row.last_message.at;
  return Date.parse(at ?? '') || 0;
}

function comes(view: View, a: Conversation, b: Conversation): number {
  const direction = rising.includes(view) ? 1 : -1;
  return direction * (sortTime(view, a) - sortTime(view, b)) || direction * (a.id < b.id ? -1 : 1);
}

/** Puts a changed row where it belongs in a list; answers the same data when nothing changes. */
export function patchList(data: ListData, filter: ListFilter, row: Conversation, me: string, now: number): ListData {
  const view = filter.view ?? 'waiting';
  const rows = data.pages.flatMap((page) => page.items);
  const was = rows.find((other) => other.id === row.id);
  if (was && was.revision > row.revision) return data;
  const verdict = passes(filter, row, now);
  const isIn = belongs(view, row, me, now) && (verdict ?? was !== undefined);
  if (!was && !isIn) return data;
  const rest = rows.filter((other) => other.id !== row.id);
  if (isIn) {
    const at = rest.findIndex((other) => comes(view, row, other) < 0);
    const isBeyond = at === -1 && data.pages.at(-1)?.next_cursor != null;
    // After the last loaded row it will come with the next page.
    if (!isBeyond) rest.splice(at === -1 ? rest.length : at, 0, row);
  }
  return repage(data, rest);
}

export function dropFromList(data: ListData, id: string): ListData {
  const rows = data.pages.flatMap((page) => page.items);
  return rows.some((row) => row.id === id)
    ? repage(
        data,
        rows.filter((row) => row.id !== id),
      )
    : data;
}

/** Cuts rows into the pages they came in; the last page takes what is over, so cursors stay true. */
function repage(data: ListData, rows: Conversation[]): ListData {
  let at = 0;
  const pages = data.pages.map((page, index) => {
    const end = index === data.pages.length - 1 ? rows.length : at + page.items.length;
    const items = rows.slice(at, end);
    at = end;
    return { ...page, items };
  });
  return { ...data, pages };
}
