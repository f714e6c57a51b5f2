import { queryOptions } from '@tanstack/react-query';

import { api, ask } from '@/api/client';
import { keys } from '@/api/queries';

export const notesQuery = (tenant: string, conversation: string) =>
  queryOptions({
    queryKey: keys.notes(tenant, conversation),
    queryFn: () =>
      ask(
        api.GET('/api/v1/tenants/{tenant_id}/conversations/{conversation_id}/notes', {
          params: { path: { tenant_id: tenant, conversation_id: conversation }, query: { limit: 100 } },
        }),
      ),
    staleTime: Infinity,
  });
