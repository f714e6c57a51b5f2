import type { Conversation } from '@/api/types';
import type { T } from '@/i18n';

/** Kinds whose line stands in brackets in the store; here they have a word of the reader's language. */
const KINDS = [
  'image',
  'video',
  'audio',
  'voice',
  'document',
  'sticker',
  'location',
  'contacts',
  'order',
  'template',
  'reaction',
  'system',
  'revoke',
] as const;
type Kind = (typeof KINDS)[number];

const isKind = (kind: string | null | undefined): kind is Kind => KINDS.some((known) => known === kind);

/** "Bot: te paso con…", "Ana: 📎 Imagen": who said it, and what, in one line. */
export function previewOf(
  last: Conversation['last_message'],
  t: T,
  nameOf: (id: string | null | undefined) => string,
): string {
  const line = isKind(last.kind) ? `${t(`kind.${last.kind}`)}${afterBracket(last.preview)}` : last.preview;
  const who = authorOf(last.author, last.author_user_id, t, nameOf);
  return who ? `${who}: ${line}` : line;
}

const afterBracket = (line: string): string => {
  const rest = /^\[[^\]]*\]\s*(.*)$/s.exec(line)?.[1];
  return rest ? ` · ${rest}` : '';
};

/** Who of the business said it; nothing for the contact. */
export function authorOf(
  author: string | null | undefined,
  userId: string | null | undefined,
  t: T,
  nameOf: (id: string | null | undefined) => string,
): string | undefined {
  switch (author) {
    case 'assistant':
      return t('author.assistant');
    case 'agent':
      return userId ? nameOf(userId) : t('author.agent');
    case 'phone':
      return t('author.phone');
    case 'provider_inbox':
      return t('author.provider_inbox');
    case 'system':
      return t('author.system');
    default:
      return undefined;
  }
}
