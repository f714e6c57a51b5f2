import type { CannedReply, Conversation } from '@/api/types';

/** What a canned reply may mention, and what stands there for this conversation. */
export function valuesFor(conversation: Conversation, agent: string, business: string): Record<string, string> {
  const name = conversation.contact.name.trim();
  return {
    'contact.name': name,
    'contact.first_name': name.split(/\s+/)[0] ?? '',
    'contact.phone': conversation.contact.phone ?? '',
    'agent.name': agent,
    'business.name': business,
  };
}

const VARIABLE = /\{\{\s*([\w.]+)\s*\}\}/g;

/** Fills in what is known; what is not stays visible, so that nobody sends it unseen. */
export const fillIn = (text: string, values: Record<string, string>): string =>
  text.replace(VARIABLE, (whole, name: string) => values[name] || whole);

/** The variables that are left in a text. */
export const leftOpen = (text: string): string[] => [...text.matchAll(VARIABLE)].map((match) => match[1] ?? '');

/** `/word` just before the cursor, at the beginning of a word: where it starts, and what was typed. */
export function slashAt(text: string, cursor: number): { from: number; word: string } | undefined {
  const found = /(?:^|\s)\/([^\s/]*)$/.exec(text.slice(0, cursor));
  return found ? { from: cursor - (found[1]?.length ?? 0) - 1, word: (found[1] ?? '').toLowerCase() } : undefined;
}

/** Fitting replies, those whose shortcut begins with the word first. */
export function matching(replies: readonly CannedReply[], word: string): CannedReply[] {
  const begins = (reply: CannedReply) => reply.shortcut.toLowerCase().replace(/^\//, '').startsWith(word);
  const has = (reply: CannedReply) =>
    reply.title.toLowerCase().includes(word) || reply.body.toLowerCase().includes(word);
  return [...replies.filter(begins), ...replies.filter((reply) => !begins(reply) && has(reply))].slice(0, 8);
}
