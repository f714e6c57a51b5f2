/** Patches threads in the cache. Order is that of the API: by time, then by id. */
import type { InfiniteData } from '@tanstack/react-query';

import type { Message, MessagePage } from '@/api/types';

export type ThreadData = InfiniteData<MessagePage, unknown>;

/** Further is later: a late report of an earlier state changes nothing. */
const PROGRESS = ['queued', 'unknown', 'cancelled', 'accepted', 'sent', 'failed', 'delivered', 'read'];

export const furthest = (a: string | null | undefined, b: string | null | undefined): string | null | undefined =>
  PROGRESS.indexOf(b ?? '') > PROGRESS.indexOf(a ?? '') ? b : a;

const comesAfter = (a: Message, b: Message): boolean =>
  Date.parse(a.sent_at) - Date.parse(b.sent_at) > 0 || (Date.parse(a.sent_at) === Date.parse(b.sent_at) && a.id > b.id);

/** All loaded messages, oldest first. */
export const messagesOf = (data: ThreadData | undefined): Message[] =>
  data ? [...data.pages].reverse().flatMap((page) => page.items) : [];

/** Puts a message in its place, or replaces the one with the same id. */
export function patchThread(data: ThreadData, message: Message): ThreadData {
  for (const [index, page] of data.pages.entries()) {
    const at = page.items.findIndex((other) => other.id === message.id);
    if (at !== -1) {
      const was = page.items[at] as Message;
      const status = furthest(message.status, was.status);
      const items = page.items.with(at, {
        ...message,
        status,
        failure: status === message.status ? message.failure : was.failure,
      });
      return { ...data, pages: data.pages.with(index, { ...page, items }) };
    }
  }
  // Pages run from the newest to the oldest: the first one that begins before the message is its own.
  const index = data.pages.findIndex(
    (page) => page.items.length === 0 || !page.items[0] || comesAfter(message, page.items[0]),
  );
  const target = index === -1 ? data.pages.length - 1 : index;
  const page = data.pages[target];
  if (!page) return data;
  // Older than everything that is loaded: it comes with its own page.
  if (index === -1 && page.older_cursor) return data;
  const at = page.items.findIndex((other) => comesAfter(other, message));
  const items = page.items.toSpliced(at === -1 ? page.items.length : at, 0, message);
  return { ...data, pages: data.pages.with(target, { ...page, items }) };
}

/** Moves the tick of a message; answers nothing when the message is not loaded here. */
export function patchStatus(data: ThreadData, id: string, status: string, at: string): ThreadData | undefined {
  for (const [index, page] of data.pages.entries()) {
    const found = page.items.findIndex((message) => message.id === id);
    const message = page.items[found];
    if (!message) continue;
    if (furthest(message.status, status) === message.status) return data;
    const items = page.items.with(found, { ...message, status, status_at: at });
    return { ...data, pages: data.pages.with(index, { ...page, items }) };
  }
  return undefined;
}
