import type { Conversation, Message, MessagePage } from '@/api/types';
import type { ListData } from '@/live/lists';
import type { ThreadData } from '@/live/threads';

export const TENANT = '00000000-0000-7000-8000-000000000001';
export const ME = '00000000-0000-7000-8000-0000000000a1';
const START = Date.parse('2026-11-23T12:00:00Z');

export const at = (minutes: number): string => new Date(START + minutes * 60_000).toISOString();

export function conversation(id: string, change: Partial<Conversation> = {}): Conversation {
  return {
    id,
    contact: {
      id: `contact-${id}`,
      name: `Contact ${id}`,
      phone: '5491123456789',
      blocked_at: null,
      opted_out_at: null,
    },
    channel: { id: 'channel', name: 'Ventas', phone: '5491150000000', provider: 'ycloud' },
    last_message: { at: at(0), author: 'contact', author_user_id: null, kind: 'text', preview: 'hola', status: null },
    status: 'open',
    handled_by: 'assistant',
    auto_return_at: null,
    assigned_user_id: null,
    team_id: null,
    priority: 'normal',
    labels: [],
    window_ends_at: null,
    can_send_free_text: true,
    unread_count: 0,
    waiting_since: null,
    snoozed_until: null,
    first_response_at: null,
    is_secondary: false,
    revision: 1,
    allowed_actions: [],
    ...change,
  } as Conversation;
}

export function message(id: string, minutes: number, change: Partial<Message> = {}): Message {
  return {
    id,
    conversation_id: 'c1',
    direction: 'inbound',
    author: 'contact',
    author_user_id: null,
    kind: 'text',
    body: id,
    content: {},
    reply_to: null,
    provider_message_id: null,
    turn_id: null,
    sent_at: at(minutes),
    status: null,
    status_at: null,
    failure: null,
    resend_of: null,
    client_message_id: null,
    ...change,
  };
}

export const list = (rows: Conversation[], next: string | null = null): ListData => ({
  pages: [{ items: rows, next_cursor: next }],
  pageParams: [''],
});

export const threadPage = (items: Message[], older: string | null = null): MessagePage => ({
  items,
  has_newer: false,
  newer_cursor: null,
  older_cursor: older,
});
/** Pages from the newest to the oldest, as they are read. */
export const thread = (...pages: MessagePage[]): ThreadData => ({ pages, pageParams: pages.map(() => '') });
