import { QueryClient } from '@tanstack/react-query';
import { http, HttpResponse } from 'msw';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { keys, keyOf } from '@/api/queries';
import type { Envelope, Present } from '@/api/types';
import { at, conversation, list, ME, message, TENANT, thread, threadPage } from '@/testing/fixtures';
import { server } from '@/testing/setup';

import { Applier } from './apply';
import type { ListData } from './lists';
import { messagesOf, type ThreadData } from './threads';

const BASE = `*/api/v1/tenants/${TENANT}`;
const event = (type: string, data: object): Envelope => ({
  id: '1',
  type,
  tenant_id: TENANT,
  at: at(9),
  data: data as Envelope['data'],
});

let client: QueryClient;
let applier: Applier;
let reads: string[];

beforeEach(() => {
  client = new QueryClient();
  applier = new Applier(client);
  reads = [];
  client.setQueryData(keys.me, { id: ME });
  client.setQueryData(keys.list(TENANT, { view: 'all' }), list([conversation('c1')]));
  server.events.removeAllListeners();
  server.events.on(
    'request:start',
    ({ request }) => void reads.push(new URL(request.url).pathname.replace(`/api/v1/tenants/${TENANT}`, '')),
  );
  server.use(
    http.get(`${BASE}/conversations/c1`, () => HttpResponse.json(conversation('c1', { revision: 2, unread_count: 1 }))),
    http.get(`${BASE}/conversations/c1/messages/m2`, () => HttpResponse.json(message('m2', 2))),
  );
});

const shownList = () => client.getQueryData<ListData>(keys.list(TENANT, { view: 'all' }));
const shownThread = () => messagesOf(client.getQueryData<ThreadData>(keys.thread(TENANT, 'c1'))).map((one) => one.id);

describe('live events', () => {
  it('conversation.updated reads the one conversation, once for a burst, and no list', async () => {
    for (let times = 0; times < 5; times += 1)
      applier.apply(event('conversation.updated', { conversation_id: 'c1', revision: 2 }));
    await vi.waitFor(() => expect(shownList()?.pages[0]?.items[0]?.unread_count).toBe(1));
    expect(reads).toEqual(['/conversations/c1']);
  });

  it('conversation.updated with a revision that is known reads nothing', async () => {
    vi.useFakeTimers();
    client.setQueryData(keys.conversation(TENANT, 'c1'), conversation('c1', { revision: 2 }));
    applier.apply(event('conversation.updated', { conversation_id: 'c1', revision: 2 }));
    await vi.advanceTimersByTimeAsync(5_000);
    vi.useRealTimers();
    expect(reads).toEqual([]);
  });

  it('conversation.updated without a revision forgets an erased conversation', () => {
    applier.apply(event('conversation.updated', { conversation_id: 'c1', revision: null }));
    expect(shownList()?.pages[0]?.items).toEqual([]);
  });

  it('message.created adds the message to an open thread and tells who listens, once', async () => {
    const heard = vi.fn();
    applier.onInbound = heard;
    client.setQueryData(keys.thread(TENANT, 'c1'), thread(threadPage([message('m1', 1)])));
    applier.apply(event('message.created', { conversation_id: 'c1', message_id: 'm2' }));
    await vi.waitFor(() => expect(shownThread()).toEqual(['m1', 'm2']));
    applier.apply(event('message.created', { conversation_id: 'c1', message_id: 'm2' }));
    await vi.waitFor(() => expect(reads.filter((path) => path.endsWith('/m2'))).toHaveLength(2));
    expect(shownThread()).toEqual(['m1', 'm2']);
    expect(heard).toHaveBeenCalledTimes(1);
  });

  it('message.status moves the tick, and reads why a message failed', async () => {
    const failure = { words: 'why', remedy: 'wait', code: null, provider_words: null };
    server.use(
      http.get(`${BASE}/conversations/c1/messages/m1`, () =>
        HttpResponse.json(message('m1', 1, { status: 'failed', failure: failure as never })),
      ),
    );
    client.setQueryData(keys.thread(TENANT, 'c1'), thread(threadPage([message('m1', 1, { status: 'sent' })])));
    applier.apply(event('message.status', { message_id: 'm1', status: 'failed' }));
    const first = () => messagesOf(client.getQueryData<ThreadData>(keys.thread(TENANT, 'c1')))[0];
    expect(first()?.status).toBe('failed');
    await vi.waitFor(() => expect(first()?.failure?.words).toBe('why'));
  });

  it('presence notes who is there', () => {
    applier.apply(event('presence', { conversation_id: 'c1', user_id: 'bruno', typing: true }));
    applier.apply(event('presence', { conversation_id: 'c1', user_id: 'bruno', typing: false }));
    expect(client.getQueryData<Present[]>(keys.presence(TENANT, 'c1'))).toEqual([
      { user_id: 'bruno', is_typing: false, seen_at: Date.parse(at(9)) / 1000 },
    ]);
  });

  it('resync reads everything of the business again, and nothing of another', () => {
    const other = keyOf('other', 'counts');
    client.setQueryData(other, {});
    applier.apply(event('resync', {}));
    expect(client.getQueryState(keys.list(TENANT, { view: 'all' }))?.isInvalidated).toBe(true);
    expect(client.getQueryState(other)?.isInvalidated).toBe(false);
  });

  it.each(['booking.moved', 'template.status', 'channel.health', 'integration.health'])(
    '%s reads its family again',
    (type) => {
      const family = { booking: 'bookings', template: 'templates', channel: 'channels', integration: 'integrations' }[
        type.split('.')[0] ?? ''
      ];
      client.setQueryData(keyOf(TENANT, family), []);
      applier.apply(event(type, {}));
      expect(client.getQueryState(keyOf(TENANT, family))?.isInvalidated).toBe(true);
    },
  );

  it('a kind that nobody knows changes nothing', () => {
    applier.apply(event('something.new', {}));
    applier.apply({ ...event('heartbeat', {}), tenant_id: null });
    expect(shownList()?.pages[0]?.items).toHaveLength(1);
  });
});
