import type { QueryClient } from '@tanstack/react-query';

import { api, ask } from '@/api/client';
import { keys } from '@/api/queries';
import type { Applier } from '@/live/apply';
import { patchThread, type ThreadData } from '@/live/threads';

import type { Deliver } from './outbox';

/** Sends an entry and puts the answer where the entry was shown. */
export const deliverTo =
  (client: QueryClient, applier: Applier): Deliver =>
  async (entry) => {
    const params = {
      path: { tenant_id: entry.tenant, conversation_id: entry.conversation },
      header: { 'Idempotency-Key': entry.id },
    };
    if (entry.kind === 'note') {
      await ask(
        api.POST('/api/v1/tenants/{tenant_id}/conversations/{conversation_id}/notes', {
          params,
          body: { body: entry.text },
        }),
      );
      await client.invalidateQueries({ queryKey: keys.notes(entry.tenant, entry.conversation) });
      return;
    }
    const message = await ask(
      api.POST('/api/v1/tenants/{tenant_id}/conversations/{conversation_id}/messages', {
        params,
        body: { text: entry.text, client_message_id: entry.id },
      }),
    );
    client.setQueryData<ThreadData>(
      keys.thread(entry.tenant, entry.conversation),
      (data) => data && patchThread(data, message),
    );
    applier.refreshCounts(entry.tenant);
  };
