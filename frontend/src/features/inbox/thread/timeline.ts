/** What a thread shows, in order: days, messages, notes, and what is still on its way to the API. */
import type { Message, Note } from '@/api/types';
import { dayOf } from '@/lib/format';
import type { OutboxEntry } from '@/outbox/store';

export type Entry =
  | { kind: 'day'; key: string; at: string }
  | { kind: 'message'; key: string; message: Message; isJoined: boolean }
  | { kind: 'note'; key: string; note: Note }
  | { kind: 'pending'; key: string; entry: OutboxEntry };

/** Messages of one author within this time look like one. */
const JOIN_MS = 2 * 60_000;

export function timeline(
  messages: readonly Message[],
  notes: readonly Note[],
  pending: readonly OutboxEntry[],
  zone: string | undefined,
): Entry[] {
  const entries: Entry[] = [];
  let day = '';
  let before: Message | undefined;
  const startDay = (at: string) => {
    const next = dayOf(at, zone);
    if (next === day) return;
    day = next;
    before = undefined;
    entries.push({ kind: 'day', key: `day-${next}`, at });
  };
  // Notes older than the oldest loaded message wait until that part of the thread is loaded.
  const from = messages[0]?.sent_at ?? '';
  const inReach = notes
    .filter((note) => Date.parse(note.created_at) >= (Date.parse(from) || 0))
    .sort((a, b) => Date.parse(a.created_at) - Date.parse(b.created_at));
  let next = 0;
  const notesUpTo = (at: number) => {
    for (let note = inReach[next]; note && Date.parse(note.created_at) <= at; note = inReach[++next]) {
      startDay(note.created_at);
      entries.push({ kind: 'note', key: note.id, note });
      before = undefined;
    }
  };
  for (const message of messages) {
    notesUpTo(Date.parse(message.sent_at) - 1);
    startDay(message.sent_at);
    // The key of the browser's own id: a bubble that was painted before the answer stays the same bubble.
    entries.push({
      kind: 'message',
      key: message.client_message_id ?? message.id,
      message,
      isJoined: joins(before, message),
    });
    before = message;
  }
  notesUpTo(Infinity);
  const known = new Set(messages.map((message) => message.client_message_id));
  for (const entry of pending) if (!known.has(entry.id)) entries.push({ kind: 'pending', key: entry.id, entry });
  return entries;
}

function joins(before: Message | undefined, message: Message): boolean {
  return (
    before !== undefined &&
    before.direction === message.direction &&
    before.author === message.author &&
    before.author_user_id === message.author_user_id &&
    Date.parse(message.sent_at) - Date.parse(before.sent_at) < JOIN_MS
  );
}
