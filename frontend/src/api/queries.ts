import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';

import { api, ask } from './client';
import type { operations } from './schema';
import type { Conversation, ConversationPage, Message, MessagePage } from './types';

export type ListQuery = NonNullable<operations['conversations_list']['parameters']['query']>;
export type View = NonNullable<ListQuery['view']>;
/** What narrows a list; the page is not part of its name. */
export type ListFilter = Omit<ListQuery, 'cursor' | 'limit'>;

const SECOND = 1000;

/** Everything of a tenant begins with this, so that two tabs never mix two businesses. */
export const keyOf = (tenant: string, ...rest: unknown[]) => ['t', tenant, ...rest] as const;

export const keys = {
  me: ['me'] as const,
  setup: ['setup'] as const,
  lists: (tenant: string) => keyOf(tenant, 'conversations'),
  list: (tenant: string, filter: ListFilter) => keyOf(tenant, 'conversations', filter),
  counts: (tenant: string) => keyOf(tenant, 'counts'),
  conversation: (tenant: string, id: string) => keyOf(tenant, 'conversation', id),
  threads: (tenant: string) => keyOf(tenant, 'messages'),
  thread: (tenant: string, id: string) => keyOf(tenant, 'messages', id),
  notes: (tenant: string, id: string) => keyOf(tenant, 'notes', id),
  presence: (tenant: string, id: string) => keyOf(tenant, 'presence', id),
  trace: (tenant: string, message: string) => keyOf(tenant, 'trace', message),
};

export const meQuery = queryOptions({
  queryKey: keys.me,
  queryFn: () => ask(api.GET('/api/v1/me')),
  staleTime: 60 * SECOND,
});

export const setupQuery = queryOptions({
  queryKey: keys.setup,
  queryFn: () => ask(api.GET('/api/v1/setup')),
  staleTime: 0,
});

export const listQuery = (tenant: string, filter: ListFilter) =>
  infiniteQueryOptions({
    queryKey: keys.list(tenant, filter),
    queryFn: ({ pageParam, signal }): Promise<ConversationPage> =>
      ask(
        api.GET('/api/v1/tenants/{tenant_id}/conversations', {
          params: {
            path: { tenant_id: tenant },
            query: { ...filter, limit: 50, ...(pageParam ? { cursor: pageParam } : {}) },
          },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    // Live events keep it right; only a resync reads it again.
    staleTime: Infinity,
    gcTime: 10 * 60 * SECOND,
  });

export const countsQuery = (tenant: string) =>
  queryOptions({
    queryKey: keys.counts(tenant),
    queryFn: ({ signal }) =>
      ask(
        api.GET('/api/v1/tenants/{tenant_id}/conversation-counts', { params: { path: { tenant_id: tenant } }, signal }),
      ),
    staleTime: Infinity,
  });

export const readConversation = (tenant: string, id: string): Promise<Conversation> =>
  ask(
    api.GET('/api/v1/tenants/{tenant_id}/conversations/{conversation_id}', {
      params: { path: { tenant_id: tenant, conversation_id: id } },
    }),
  );

export const conversationQuery = (tenant: string, id: string) =>
  queryOptions({
    queryKey: keys.conversation(tenant, id),
    queryFn: () => readConversation(tenant, id),
    staleTime: Infinity,
    gcTime: 30 * 60 * SECOND,
  });

export const readMessage = (tenant: string, conversation: string, message: string): Promise<Message> =>
  ask(
    api.GET('/api/v1/tenants/{tenant_id}/conversations/{conversation_id}/messages/{message_id}', {
      params: { path: { tenant_id: tenant, conversation_id: conversation, message_id: message } },
    }),
  );

/** The thread from its end backwards: the first page is the newest one. */
export const threadQuery = (tenant: string, id: string) =>
  infiniteQueryOptions({
    queryKey: keys.thread(tenant, id),
    queryFn: ({ pageParam, signal }): Promise<MessagePage> =>
      ask(
        api.GET('/api/v1/tenants/{tenant_id}/conversations/{conversation_id}/messages', {
          params: {
            path: { tenant_id: tenant, conversation_id: id },
            query: { limit: 50, ...(pageParam ? { before: pageParam } : {}) },
          },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (last) => last.older_cursor ?? undefined,
    staleTime: Infinity,
    gcTime: 30 * 60 * SECOND,
  });

export const settingsQuery = (tenant: string) =>
  queryOptions({
    queryKey: keyOf(tenant, 'settings'),
    queryFn: () => ask(api.GET('/api/v1/tenants/{tenant_id}/settings', { params: { path: { tenant_id: tenant } } })),
    staleTime: 5 * 60 * SECOND,
  });

/** Everybody of the business; a hundred is more than any has. */
export const membersQuery = (tenant: string) =>
  queryOptions({
    queryKey: keyOf(tenant, 'members'),
    queryFn: () =>
      ask(
        api.GET('/api/v1/tenants/{tenant_id}/members', {
          params: { path: { tenant_id: tenant }, query: { limit: 100 } },
        }),
      ),
    staleTime: 60 * SECOND,
  });

export const labelsQuery = (tenant: string) =>
  queryOptions({
    queryKey: keyOf(tenant, 'labels'),
    queryFn: () => ask(api.GET('/api/v1/tenants/{tenant_id}/labels', { params: { path: { tenant_id: tenant } } })),
    staleTime: 60 * SECOND,
  });

export const teamsQuery = (tenant: string) =>
  queryOptions({
    queryKey: keyOf(tenant, 'teams'),
    queryFn: () => ask(api.GET('/api/v1/tenants/{tenant_id}/teams', { params: { path: { tenant_id: tenant } } })),
    staleTime: 60 * SECOND,
  });

export const cannedQuery = (tenant: string) =>
  queryOptions({
    queryKey: keyOf(tenant, 'canned-replies'),
    queryFn: () =>
      ask(
        api.GET('/api/v1/tenants/{tenant_id}/canned-replies', {
          params: { path: { tenant_id: tenant }, query: { limit: 100 } },
        }),
      ),
    staleTime: 60 * SECOND,
  });

export const contactQuery = (tenant: string, id: string) =>
  queryOptions({
    queryKey: keyOf(tenant, 'contact', id),
    queryFn: () =>
      ask(
        api.GET('/api/v1/tenants/{tenant_id}/contacts/{contact_id}', {
          params: { path: { tenant_id: tenant, contact_id: id } },
        }),
      ),
    staleTime: 30 * SECOND,
  });

export const traceQuery = (tenant: string, conversation: string, message: string) =>
  queryOptions({
    queryKey: keys.trace(tenant, message),
    queryFn: () =>
      ask(
        api.GET('/api/v1/tenants/{tenant_id}/conversations/{conversation_id}/messages/{message_id}/trace', {
          params: { path: { tenant_id: tenant, conversation_id: conversation, message_id: message } },
        }),
      ),
    staleTime: 10 * SECOND,
  });
