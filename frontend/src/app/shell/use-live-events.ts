import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';

import { keyOf } from '@/api/queries';
import { useMe } from '@/features/session/session';
import { newId } from '@/lib/id';
import { joinStream, type SharedStream } from '@/live/shared';
import { useLive } from '@/live/state';
import { applier, outbox } from '@/services';

/** While the stream is away, what is shown is read again this often. */
const POLL_MS = 20_000;

/** Keeps this tab in step with the stream of the browser. */
export function useLiveEvents(tenant: string | undefined): void {
  const me = useMe();
  const client = useQueryClient();
  const stream = useRef<SharedStream>(undefined);
  const { status } = useLive();

  useEffect(() => {
    const joined = joinStream(me.id, me.is_superadmin, newId(), (envelope) => applier.apply(envelope));
    stream.current = joined;
    return () => joined.close();
  }, [me.id, me.is_superadmin]);

  useEffect(() => {
    if (!me.is_superadmin) return;
    // They hear only what they ask for: where they belong, and what they look at.
    stream.current?.show([...me.tenants.map((mine) => mine.id), ...(tenant ? [tenant] : [])]);
  }, [me, tenant]);

  useEffect(() => {
    if (status === 'live') outbox.flush();
    if (status !== 'lost' || !tenant) return;
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') void client.invalidateQueries({ queryKey: keyOf(tenant) });
    }, POLL_MS);
    return () => clearInterval(timer);
  }, [status, tenant, client]);
}
