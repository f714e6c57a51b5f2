import { useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, lazy, type ReactNode, Suspense, use, useEffect, useState } from 'react';

import { onSessionEnd } from '@/api/client';
import { meQuery } from '@/api/queries';
import type { Me } from '@/api/types';
import { isLanguage, speak } from '@/i18n';
import { outbox } from '@/services';

const SignInAgain = lazy(() => import('./sign-in-again'));

const MeContext = createContext<Me | undefined>(undefined);

/** Who is signed in. Only below [`SessionGate`]. */
export function useMe(): Me {
  const me = use(MeContext);
  if (!me) throw new Error('useMe outside of SessionGate');
  return me;
}

/** Everything for signed-in people. When the session ends, the dialog to sign in opens over the page and nothing is lost. */
export function SessionGate({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const { data: me } = useQuery(meQuery);
  const [hasEnded, setEnded] = useState(false);
  const [known, setKnown] = useState(me);
  if (me && me !== known) setKnown(me);

  useEffect(() => onSessionEnd(() => setEnded(true)), []);
  useEffect(() => {
    if (isLanguage(known?.language)) void speak(known.language);
  }, [known?.language]);
  useEffect(() => {
    if (known?.id) void outbox.start(known.id);
  }, [known?.id]);

  if (!known) return null;
  const onSignedIn = (again: Me) => {
    client.setQueryData(meQuery.queryKey, again);
    setEnded(false);
    outbox.flush();
    void client.invalidateQueries();
  };
  return (
    <MeContext value={known}>
      {children}
      <Suspense fallback={null}>
        {hasEnded && <SignInAgain email={known.email} userId={known.id} onSignedIn={onSignedIn} />}
      </Suspense>
    </MeContext>
  );
}
