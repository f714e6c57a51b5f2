/** What lives as long as the page: the cache, the live events, the outbox. */
import { QueryClient } from '@tanstack/react-query';

import { ApiProblem } from '@/api/problem';
import { Applier } from '@/live/apply';
import { deliverTo } from '@/outbox/deliver';
import { Outbox } from '@/outbox/outbox';
import { openStore } from '@/outbox/store';

const TRIES = 2;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (failures, error) => failures < TRIES && error instanceof ApiProblem && error.isPassing,
      refetchOnWindowFocus: false,
      // "Offline" in the browser's opinion says little; the request tells.
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
});

export const applier = new Applier(queryClient);
export const outbox = new Outbox(openStore(), deliverTo(queryClient, applier));
