import type { IncomingHttpHeaders } from 'node:http';

import type { Conversation, Message, Problem } from '../src/api/types';
import {
  ago,
  ahead,
  ANA,
  canned,
  contact,
  conversation,
  countsOf,
  id,
  labels,
  me,
  members,
  message,
  settings,
  showcase,
  teams,
  TENANT,
  trace,
} from './fixture-data';
import type { Options } from './server';

export interface Answer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
  delay?: number;
}

const problem = (status: number, code: Problem['code'], more: Partial<Problem> = {}): Answer => ({
  status,
  body: { type: 'about:blank', title: code, status, code, detail: code, request_id: 'req-1', ...more },
});
const ok = (body: unknown, headers: Record<string, string> = {}): Answer => ({ status: 200, body, headers });
const page = (items: unknown[]): Answer => ok({ items, next_cursor: null });

/** As much of the real API as the screens use, kept in memory. */
export class FakeApi {
  isSignedIn = true;
  /** What the next calls of an address answer instead; the address is the end of the path. */
  readonly instead = new Map<string, Answer>();
  /** Bodies of everything that was sent to a customer, by idempotency key: a repeated one is answered, not sent. */
  readonly sent = new Map<string, Message>();
  conversations: Conversation[];
  readonly #messages = new Map<string, Message[]>();
  readonly #notes: object[] = [];
  readonly #options: Options;
  readonly #emit: (type: string, data: object) => void;

  constructor(options: Options, emit: (type: string, data: object) => void) {
    this.#options = options;
    this.#emit = emit;
    this.conversations = Array.from({ length: options.conversations ?? 60 }, (_, n) => conversation(n));
  }

  add(to: Conversation, one: Message): void {
    this.messagesOf(to.id).push(one);
    this.#change(to.id, {
      last_message: {
        at: one.sent_at,
        author: one.author,
        author_user_id: one.author_user_id ?? null,
        kind: one.kind,
        preview: one.body,
        status: one.status ?? null,
      },
      unread_count: one.direction === 'inbound' ? 1 : 0,
    });
  }

  messagesOf(conversationId: string): Message[] {
    let all = this.#messages.get(conversationId);
    if (!all) {
      const many = this.#options.messages ?? 0;
      all = many > 0 ? Array.from({ length: many }, (_, n) => message(conversationId, n)) : showcase(conversationId);
      this.#messages.set(conversationId, all);
    }
    return all;
  }

  #change(conversationId: string, change: Partial<Conversation>): Conversation | undefined {
    const at = this.conversations.findIndex((row) => row.id === conversationId);
    const was = this.conversations[at];
    if (!was) return undefined;
    const next = { ...was, ...change, revision: was.revision + 1 };
    this.conversations[at] = next;
    return next;
  }

  answer(method: string, url: URL, body: Record<string, unknown> | undefined, headers: IncomingHttpHeaders): Answer {
    const path = url.pathname.replace('/api/v1', '');
    for (const [ending, answer] of this.instead) if (`${method} ${path}`.endsWith(ending)) return answer;
    if (path === '/setup') return method === 'GET' ? ok({ needs_setup: false }) : problem(409, 'already_set_up');
    if (path === '/session') return this.#session(method, body);
    if (!this.isSignedIn) return problem(401, 'not_signed_in');
    if (method !== 'GET' && headers['x-requested-with'] !== 'nexus') return problem(403, 'csrf_header_missing');
    if (path === '/me') return ok(this.#me());
    if (path === '/me/sessions')
      return page([
        {
          id: id('5e55', 1),
          user_agent: 'Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0',
          address: '192.0.2.7',
          created_at: ago(86_400_000),
          last_seen_at: ago(60_000),
          is_this: true,
        },
      ]);
    if (path === '/tenants')
      return page([
        {
          id: TENANT,
          name: 'Tienda Sol',
          language: 'es',
          time_zone: 'America/Argentina/Buenos_Aires',
          created_at: ago(1e10),
          suspended_at: null,
        },
      ]);
    if (path === '/users')
      return page(
        members.map((member) => ({
          id: member.user_id,
          email: member.email,
          display_name: member.display_name,
          has_second_factor: false,
          is_superadmin: member.user_id === ANA,
          created_at: ago(1e9),
          disabled_at: null,
        })),
      );
    if (path === '/system-events' || path === '/audit-log') return this.#record(path);
    const ops = /^\/ops\/webhook-events(\/.*)?$/.exec(path);
    if (ops) return this.#parked(method, ops[1] ?? '', body);
    const tenant = /^\/tenants\/([^/]+)(\/.*)$/.exec(path);
    return tenant ? this.#tenant(method, tenant[2] ?? '', url, body, headers) : problem(404, 'no_such_route');
  }

  #me() {
    return me(this.#options.role ?? 'administrator', this.#options.isSuperadmin);
  }

  #session(method: string, body: Record<string, unknown> | undefined): Answer {
    if (method === 'DELETE') {
      this.isSignedIn = false;
      return { status: 204 };
    }
    if (body?.['password'] === 'too many')
      return { ...problem(429, 'too_many_tries'), headers: { 'retry-after': '30' } };
    if (body?.['password'] !== 'correct horse') return problem(401, 'wrong_credentials');
    this.isSignedIn = true;
    return ok(this.#me());
  }

  #record(path: string): Answer {
    return path.endsWith('audit-log')
      ? page([
          {
            id: id('a0d', 1),
            tenant_id: TENANT,
            action: 'settings.changed',
            actor_kind: 'user',
            actor_id: ANA,
            object_kind: 'tenant',
            object_id: TENANT,
            at: ago(3_600_000),
            before: { name: 'Sol' },
            after: { name: 'Tienda Sol' },
          },
        ])
      : page([
          {
            id: id('e0e', 1),
            tenant_id: TENANT,
            kind: 'delivery.failed',
            severity: 'error',
            detail: { code: '131047' },
            occurred_at: ago(7_200_000),
            conversation_id: null,
          },
        ]);
  }

  #parked(method: string, rest: string, body: Record<string, unknown> | undefined): Answer {
    const event = {
      id: 7,
      event_id: 'evt_7',
      provider: 'ycloud',
      reason: 'unknown_channel',
      received_at: ago(7_200_000),
      attempts: 1,
      channel_id: null,
    };
    if (rest === '/groups')
      return ok([
        {
          provider: 'ycloud',
          reason: 'unknown_channel',
          count: 3,
          first_received_at: ago(86_400_000),
          last_received_at: ago(7_200_000),
        },
        {
          provider: 'ycloud',
          reason: 'unreadable',
          count: 1,
          first_received_at: ago(86_400_000),
          last_received_at: ago(86_400_000),
        },
      ]);
    if (rest === '/replay')
      return ok(
        body?.['dry_run'] === true
          ? { replayed: 3, skipped: 1, remaining: 0 }
          : { replayed: 3, skipped: 1, remaining: 0 },
      );
    if (rest.endsWith('/replay')) return { status: 202 };
    if (rest === '') return page([event]);
    return ok(
      { ...event, body: method === 'PUT' ? body?.['body'] : '{"type":"whatsapp.inbound_message.received"}' },
      { etag: '"1"' },
    );
  }

  #tenant(
    method: string,
    rest: string,
    url: URL,
    body: Record<string, unknown> | undefined,
    headers: IncomingHttpHeaders,
  ): Answer {
    const parts = rest.split('/').filter(Boolean);
    switch (parts[0]) {
      case 'settings':
        return method === 'PATCH' && headers['if-match'] !== '"1"'
          ? problem(412, 'version_outdated')
          : ok({ ...settings, ...(method === 'PATCH' ? body : {}) }, { etag: '"1"' });
      case 'members':
        return method === 'PATCH' ? problem(409, 'last_administrator') : page(members);
      case 'labels':
        return method === 'GET' ? ok(labels) : { status: 201, body: { ...labels[0], ...body } };
      case 'teams':
        return ok(teams);
      case 'canned-replies':
        return page(canned);
      case 'invitations':
        return method === 'POST'
          ? { status: 201, body: { id: id('112', 1), is_mailed: false, link: `${url.origin}/invite/abc` } }
          : page([]);
      case 'api-tokens':
        return method === 'POST' ? { status: 201, body: { id: id('70c', 1), token: 'nxs_secret' } } : page([]);
      case 'audit-log':
      case 'system-events':
        return this.#record(parts[0]);
      case 'parked-events':
        return this.#parked(method, rest.replace('/parked-events', ''), body);
      case 'dead-jobs':
        return method === 'GET'
          ? page([
              {
                id: id('10b', 1),
                kind: 'handoff_mail',
                attempts: 5,
                last_error: 'connection refused',
                created_at: ago(9e6),
                finished_at: ago(8e6),
              },
            ])
          : ok({ retried: 1 });
      case 'failed-messages':
        return page(this.messagesOf(this.conversations[0]?.id ?? '').filter((one) => one.status === 'failed'));
      case 'contact-merge-suggestions':
        return page([]);
      case 'contacts':
        return this.#contacts(parts, url);
      case 'conversation-counts':
        return ok(countsOf(this.conversations));
      case 'conversations':
        return parts.length === 1 ? this.#list(url) : this.#conversation(method, parts, url, body, headers);
      default:
        return problem(404, 'no_such_route');
    }
  }

  #contacts(parts: string[], url: URL): Answer {
    const row = this.conversations.find((other) => other.contact.id === parts[1]);
    if (parts[1]) return row ? ok(contact(row), { etag: '"1"' }) : problem(404, 'not_found');
    const words = (url.searchParams.get('q') ?? '').toLowerCase();
    const found = this.conversations.filter(
      (other) =>
        other.contact.name.toLowerCase().includes(words) ||
        (other.contact.phone ?? '').includes(words.replace(/\D/g, '') || '-'),
    );
    return page(found.slice(0, 20).map((other) => ({ ...other.contact, created_at: ago(1e9) })));
  }

  #list(url: URL): Answer {
    const query = url.searchParams;
    const words = (query.get('q') ?? '').toLowerCase();
    const digits = words.replace(/\D/g, '');
    const inView = (row: Conversation): boolean => {
      const isOpen = row.status !== 'resolved' && row.status !== 'snoozed';
      switch (query.get('view') ?? 'waiting') {
        case 'waiting':
          return isOpen && row.waiting_since != null;
        case 'mine':
          return isOpen && row.assigned_user_id === ANA;
        case 'unassigned':
          return isOpen && row.handled_by === 'agent' && row.assigned_user_id == null;
        case 'assistant':
          return isOpen && row.handled_by === 'assistant';
        case 'resolved':
        case 'snoozed':
          return row.status === query.get('view');
        default:
          return true;
      }
    };
    const label = query.get('label');
    const found = this.conversations
      .filter(
        (row) =>
          inView(row) &&
          (!label || row.labels.includes(label)) &&
          (query.get('unread') !== 'true' || row.unread_count > 0),
      )
      .filter(
        (row) =>
          !words ||
          row.contact.name.toLowerCase().includes(words) ||
          row.last_message.preview.toLowerCase().includes(words) ||
          (digits !== '' && (row.contact.phone ?? '').includes(digits)),
      );
    found.sort((a, b) =>
      (query.get('view') ?? 'waiting') === 'waiting'
        ? Date.parse(a.waiting_since ?? '') - Date.parse(b.waiting_since ?? '')
        : Date.parse(b.last_message.at ?? '') - Date.parse(a.last_message.at ?? ''),
    );
    const from = Number(query.get('cursor') ?? 0);
    const items = found.slice(from, from + 50);
    return ok({
      items,
      next_cursor: from + 50 < found.length ? String(from + 50) : null,
      counts: from === 0 ? countsOf(this.conversations) : null,
    });
  }

  #conversation(
    method: string,
    parts: string[],
    url: URL,
    body: Record<string, unknown> | undefined,
    headers: IncomingHttpHeaders,
  ): Answer {
    const [, conversationId = '', what, messageId, deed] = parts;
    const row = this.conversations.find((other) => other.id === conversationId);
    if (!row) return problem(404, 'not_found');
    const changed = (change: Partial<Conversation>): Answer => ok(this.#change(conversationId, change));
    const actions = (from: string, to: string) =>
      row.allowed_actions.map((action) => (action === from ? to : action)) as Conversation['allowed_actions'];
    switch (what) {
      case undefined:
        return ok(row);
      case 'messages':
        if (deed === 'trace') return ok(trace);
        if (deed === 'resend') return this.#send(row, 'resent', headers);
        if (messageId) {
          const one = this.messagesOf(conversationId).find((other) => other.id === messageId);
          return one ? ok(one) : problem(404, 'not_found');
        }
        return method === 'POST' ? this.#send(row, String(body?.['text']), headers) : this.#thread(conversationId, url);
      case 'notes':
        if (method === 'GET')
          return page(
            this.#notes.filter((note) => (note as { conversation_id: string }).conversation_id === conversationId),
          );
        this.#notes.unshift({
          id: id('40e', this.#notes.length),
          conversation_id: conversationId,
          body: body?.['body'],
          author_user_id: ANA,
          created_at: new Date().toISOString(),
          mentions: [],
        });
        return { status: 201, body: this.#notes[0] };
      case 'presence':
        return ok({ others: [] });
      case 'read':
        return changed({ unread_count: 0 });
      case 'take-over':
        return changed({
          handled_by: 'agent',
          assigned_user_id: ANA,
          waiting_since: null,
          auto_return_at: ahead(86_400_000),
          allowed_actions: actions('take_over', 'return'),
        });
      case 'return':
        return changed({
          handled_by: 'assistant',
          assigned_user_id: null,
          auto_return_at: null,
          allowed_actions: actions('return', 'take_over'),
        });
      case 'resolve':
        return changed({ status: 'resolved', waiting_since: null, allowed_actions: actions('resolve', 'reopen') });
      case 'reopen':
        return changed({ status: 'open', allowed_actions: actions('reopen', 'resolve') });
      case 'snooze':
        return changed({ status: 'snoozed', snoozed_until: String(body?.['until']) });
      case 'assignment':
        return changed({
          assigned_user_id: (body?.['user_id'] as string | null) ?? null,
          team_id: (body?.['team_id'] as string | null) ?? null,
        });
      case 'labels':
        return changed({ labels: body?.['labels'] as string[] });
      case 'priority':
        return changed({ priority: body?.['priority'] as Conversation['priority'] });
      default:
        return problem(404, 'no_such_route');
    }
  }

  #thread(conversationId: string, url: URL): Answer {
    const all = this.messagesOf(conversationId);
    const end = url.searchParams.has('before') ? Number(url.searchParams.get('before')) : all.length;
    const from = Math.max(0, end - 50);
    return ok({
      items: all.slice(from, end),
      has_newer: end < all.length,
      older_cursor: from > 0 ? String(from) : null,
      newer_cursor: null,
    });
  }

  #send(row: Conversation, text: string, headers: IncomingHttpHeaders): Answer {
    const key = String(headers['idempotency-key'] ?? '');
    if (!key) return problem(400, 'idempotency_key_missing');
    const known = this.sent.get(key);
    if (known) return { status: 201, body: known };
    const made: Message = {
      ...message(row.id, 1),
      id: id(row.id.slice(-4), 5000 + this.sent.size),
      direction: 'outbound',
      author: 'agent',
      author_user_id: ANA,
      body: text,
      status: 'queued',
      turn_id: null,
      sent_at: new Date().toISOString(),
      client_message_id: key,
    };
    this.sent.set(key, made);
    this.add(row, made);
    this.#change(row.id, {
      handled_by: 'agent',
      assigned_user_id: ANA,
      waiting_since: null,
      allowed_actions: row.allowed_actions.map((action) => (action === 'take_over' ? 'return' : action)),
    });
    this.#emit('message.created', { conversation_id: row.id, message_id: made.id });
    this.#emit('conversation.updated', { conversation_id: row.id });
    return { status: 201, body: made };
  }
}
