import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useRef } from 'react';

import { api, ask } from '@/api/client';
import { keys } from '@/api/queries';
import type { Present } from '@/api/types';
import { useMe } from '@/features/session/session';
import { useNow } from '@/lib/now';
import { useTenant } from '@/lib/permissions';
import { queryClient } from '@/services';

/** The API forgets us after thirty seconds. */
const SAY_EVERY_MS = 20_000;
const SEEN_FOR_MS = 30_000;
const TYPING_FOR_MS = 4_000;

export interface Presence {
  others: Present[];
  /** Somebody pressed a key. */
  noteTyping: () => void;
}

/** Says that we are here, and hears who else is. */
export function usePresence(conversation: string, isActive: boolean): Presence {
  const me = useMe();
  const tenant = useTenant();
  const now = useNow();
  const key = keys.presence(tenant.id, conversation);
  const { data } = useQuery<Present[]>({ queryKey: key, queryFn: () => [], enabled: false, initialData: [] });
  const typingUntil = useRef(0);
  const said = useRef<boolean>(undefined);

  const say = useCallback(
    async (isTyping: boolean) => {
      said.current = isTyping;
      const params = { path: { tenant_id: tenant.id, conversation_id: conversation } };
      const call = api.POST('/api/v1/tenants/{tenant_id}/conversations/{conversation_id}/presence', {
        params,
        body: { typing: isTyping },
      });
      const { others } = await ask(call);
      queryClient.setQueryData(keys.presence(tenant.id, conversation), others);
    },
    [tenant.id, conversation],
  );
  useEffect(() => {
    if (!isActive) return;
    const tell = () => {
      // Nobody seen is a smaller loss than a message about it.
      if (document.visibilityState === 'visible') say(Date.now() < typingUntil.current).catch(() => undefined);
    };
    tell();
    const timer = setInterval(tell, SAY_EVERY_MS);
    return () => clearInterval(timer);
  }, [say, isActive]);

  const noteTyping = useCallback(() => {
    typingUntil.current = Date.now() + TYPING_FOR_MS;
    if (!isActive || said.current) return;
    say(true).catch(() => undefined);
    setTimeout(() => void (said.current && say(false).catch(() => undefined)), TYPING_FOR_MS * 2);
  }, [say, isActive]);

  const others = data.filter((other) => other.user_id !== me.id && now - other.seen_at * 1000 < SEEN_FOR_MS);
  return { others, noteTyping };
}
