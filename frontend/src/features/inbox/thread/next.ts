import type { QueryClient } from '@tanstack/react-query';

import { keys } from '@/api/queries';
import type { ListData } from '@/live/lists';

/** The conversation below this one in the list that is shown; the one above, at the end of the list. */
export function nextAfter(client: QueryClient, tenant: string, id: string): string | undefined {
  const shown = client.getQueryCache().findAll({ queryKey: keys.lists(tenant), type: 'active' })[0]?.state.data as
    ListData | undefined;
  const ids = shown?.pages.flatMap((page) => page.items.map((row) => row.id)) ?? [];
  const at = ids.indexOf(id);
  return ids[at + 1] ?? ids[at - 1];
}
