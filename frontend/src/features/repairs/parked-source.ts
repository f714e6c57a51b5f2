import { api, ask, askVersioned } from '@/api/client';
import { keyOf } from '@/api/queries';
import type { EventDetail, EventGroup, ParkedEvent } from '@/api/types';

interface Filter {
  reason?: string | null;
  provider?: string | null;
}

export interface ReplayCount {
  replayed: number;
  skipped: number;
  remaining: number;
}

/** Parked events of one business, or of the installation: the same deeds at two addresses. */
export interface ParkedSource {
  key: readonly unknown[];
  canRepair: boolean;
  groups: () => Promise<EventGroup[]>;
  list: (query: {
    cursor?: string;
    limit: number;
    reason?: string;
    provider?: string;
  }) => Promise<{ items: ParkedEvent[]; next_cursor?: string | null }>;
  get: (id: number) => Promise<{ value: EventDetail; etag: string }>;
  edit: (id: number, etag: string, body: string) => Promise<{ value: EventDetail; etag: string }>;
  replay: (id: number) => Promise<unknown>;
  replayAll: (filter: Filter, isDry: boolean) => Promise<ReplayCount>;
}

export function ofTenant(tenant: string, canRepair: boolean): ParkedSource {
  const BASE = '/api/v1/tenants/{tenant_id}/parked-events' as const;
  const path = { tenant_id: tenant };
  const one = (event_id: number) => ({ ...path, event_id });
  return {
    key: keyOf(tenant, 'parked-events'),
    canRepair,
    groups: () => ask(api.GET(`${BASE}/groups`, { params: { path } })),
    list: (query) => ask(api.GET(BASE, { params: { path, query } })),
    get: (id) => askVersioned(api.GET(`${BASE}/{event_id}`, { params: { path: one(id) } })),
    edit: (id, etag, body) =>
      askVersioned(
        api.PUT(`${BASE}/{event_id}`, { params: { path: one(id), header: { 'If-Match': etag } }, body: { body } }),
      ),
    replay: (id) => ask(api.POST(`${BASE}/{event_id}/replay`, { params: { path: one(id) } })),
    replayAll: (filter, isDry) =>
      ask(api.POST(`${BASE}/replay`, { params: { path }, body: { ...filter, dry_run: isDry } })),
  };
}

export function ofInstallation(): ParkedSource {
  const BASE = '/api/v1/ops/webhook-events' as const;
  const one = (event_id: number) => ({ event_id });
  return {
    key: ['ops', 'parked-events'],
    canRepair: true,
    groups: () => ask(api.GET(`${BASE}/groups`)),
    list: (query) => ask(api.GET(BASE, { params: { query } })),
    get: (id) => askVersioned(api.GET(`${BASE}/{event_id}`, { params: { path: one(id) } })),
    edit: (id, etag, body) =>
      askVersioned(
        api.PUT(`${BASE}/{event_id}`, { params: { path: one(id), header: { 'If-Match': etag } }, body: { body } }),
      ),
    replay: (id) => ask(api.POST(`${BASE}/{event_id}/replay`, { params: { path: one(id) } })),
    replayAll: (filter, isDry) => ask(api.POST(`${BASE}/replay`, { body: { ...filter, dry_run: isDry } })),
  };
}
