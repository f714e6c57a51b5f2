/** Turns live events into changes of the query cache. Events carry ids only, so what changed is read once, by its id. */
import type { QueryClient } from '@tanstack/react-query';

import { ApiProblem } from '@/api/problem';
import { countsQuery, keyOf, keys, type ListFilter, readConversation, readMessage } from '@/api/queries';
import type { Conversation, Envelope, Me, Message, Present } from '@/api/types';

import { text } from './envelope';
import { dropFromList, type ListData, patchList } from './lists';
import { patchStatus, patchThread, type ThreadData } from './threads';

/** Events of one burst are answered by one read each. */
const COALESCE_MS = 40;
const COUNTS_MS = 400;

/** Kinds that only say that something of a family changed: what is shown of it is read again. */
const FAMILIES: Record<string, string> = {
  booking: 'bookings',
  template: 'templates',
  channel: 'channels',
  integration: 'integrations',
  assistant: 'assistants',
  usage: 'usage',
  delivery: 'deliveries',
  notice: 'notices',
};

export class Applier {
  readonly #client: QueryClient;
  readonly #pending = new Map<string, ReturnType<typeof setTimeout>>();
  /** Told about each new message of a contact, once. */
  onInbound: ((tenant: string, message: Message) => void) | undefined;

  constructor(client: QueryClient) {
    this.#client = client;
  }

  apply(envelope: Envelope): void {
    const tenant = envelope.tenant_id;
    if (!tenant) return;
    switch (envelope.type) {
      case 'conversation.updated':
        return this.#conversationUpdated(tenant, envelope);
      case 'message.created':
        return this.#messageCreated(tenant, envelope);
      case 'message.status':
        return this.#messageStatus(tenant, envelope);
      case 'presence':
        return this.#presence(tenant, envelope);
      case 'resync':
        void this.#client.invalidateQueries({ queryKey: keyOf(tenant) });
        return;
      default: {
        const family = FAMILIES[envelope.type.split('.')[0] ?? ''];
        if (family) void this.#client.invalidateQueries({ queryKey: keyOf(tenant, family) });
      }
    }
  }

  #conversationUpdated(tenant: string, envelope: Envelope): void {
    const id = text(envelope, 'conversation_id');
    if (!id) return;
    const { revision } = envelope.data as { revision?: number | null };
    if (revision === null) return this.forget(tenant, id);
    const known = this.#client.getQueryData<Conversation>(keys.conversation(tenant, id));
    if (known && typeof revision === 'number' && known.revision >= revision) return;
    this.#refresh(tenant, id);
    if (this.#client.getQueryData(keys.notes(tenant, id))) {
      void this.#client.invalidateQueries({ queryKey: keys.notes(tenant, id) });
    }
  }

  #messageCreated(tenant: string, envelope: Envelope): void {
    const conversation = text(envelope, 'conversation_id');
    const message = text(envelope, 'message_id');
    if (!conversation || !message) return;
    this.#refresh(tenant, conversation);
    if (this.#client.getQueryData(keys.thread(tenant, conversation)))
      void this.#readMessage(tenant, conversation, message);
  }

  #messageStatus(tenant: string, envelope: Envelope): void {
    const id = text(envelope, 'message_id');
    const status = text(envelope, 'status');
    if (!id || !status) return;
    for (const [key, data] of this.#client.getQueriesData<ThreadData>({ queryKey: keys.threads(tenant) })) {
      const patched = data && patchStatus(data, id, status, envelope.at);
      if (!patched) continue;
      const conversation = key[3] as string;
      this.#client.setQueryData(key, patched);
      this.#refresh(tenant, conversation);
      // Why it failed stands in the message, not in the event.
      if (status === 'failed' || status === 'unknown' || status === 'cancelled')
        void this.#readMessage(tenant, conversation, id);
    }
  }

  #presence(tenant: string, envelope: Envelope): void {
    const conversation = text(envelope, 'conversation_id');
    const user = text(envelope, 'user_id');
    if (!conversation || !user) return;
    const seen: Present = {
      user_id: user,
      is_typing: (envelope.data as { typing?: boolean }).typing === true,
      seen_at: Math.floor(Date.parse(envelope.at) / 1000),
    };
    this.#client.setQueryData<Present[]>(keys.presence(tenant, conversation), (others = []) => [
      ...others.filter((other) => other.user_id !== user),
      seen,
    ]);
  }

  async #readMessage(tenant: string, conversation: string, id: string): Promise<void> {
    const message = await this.#orResync(tenant, readMessage(tenant, conversation, id));
    if (!message) return;
    let isNew = false;
    this.#client.setQueryData<ThreadData>(keys.thread(tenant, conversation), (data) => {
      isNew = data !== undefined && !data.pages.some((page) => page.items.some((other) => other.id === id));
      return data && patchThread(data, message);
    });
    if (isNew && message.direction === 'inbound') this.onInbound?.(tenant, message);
  }

  #refresh(tenant: string, id: string): void {
    this.#later(`${tenant}/${id}`, COALESCE_MS, async () => {
      const conversation = await this.#orResync(tenant, readConversation(tenant, id));
      if (conversation) this.put(tenant, conversation);
      else this.forget(tenant, id);
    });
    this.refreshCounts(tenant);
  }

  refreshCounts(tenant: string): void {
    this.#later(`${tenant}/counts`, COUNTS_MS, () => this.#client.invalidateQueries(countsQuery(tenant)));
  }

  /** Puts a conversation wherever it is shown. Also for the answers of our own requests. */
  put(tenant: string, conversation: Conversation): void {
    const me = this.#client.getQueryData<Me>(keys.me)?.id ?? '';
    const key = keys.conversation(tenant, conversation.id);
    const known = this.#client.getQueryData<Conversation>(key);
    if (!known || known.revision <= conversation.revision) this.#client.setQueryData(key, conversation);
    for (const [list, data] of this.#client.getQueriesData<ListData>({ queryKey: keys.lists(tenant) })) {
      if (data) this.#client.setQueryData(list, patchList(data, list[3] as ListFilter, conversation, me, Date.now()));
    }
  }

  /** Takes an erased conversation out of everything. */
  forget(tenant: string, id: string): void {
    for (const [list, data] of this.#client.getQueriesData<ListData>({ queryKey: keys.lists(tenant) })) {
      if (data) this.#client.setQueryData(list, dropFromList(data, id));
    }
    this.#client.removeQueries({ queryKey: keys.thread(tenant, id) });
    void this.#client.invalidateQueries({ queryKey: keys.conversation(tenant, id) });
  }

  /** What was read; nothing when it is gone. When reading failed, what is shown may be old: it is read again. */
  async #orResync<D>(tenant: string, reading: Promise<D>): Promise<D | undefined> {
    try {
      return await reading;
    } catch (error) {
      if (!(error instanceof ApiProblem && error.code === 'not_found')) {
        void this.#client.invalidateQueries({ queryKey: keyOf(tenant), refetchType: 'none' });
      }
      if (error instanceof ApiProblem && error.isPassing) throw error;
      return undefined;
    }
  }

  #later(key: string, ms: number, run: () => Promise<unknown>): void {
    if (this.#pending.has(key)) return;
    const timer = setTimeout(() => {
      this.#pending.delete(key);
      // What failed in passing was marked as old already.
      run().catch(() => undefined);
    }, ms);
    this.#pending.set(key, timer);
  }
}
