import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useState } from 'react';

import { conversationQuery, type View } from '@/api/queries';
import type { Conversation } from '@/api/types';
import { useT } from '@/i18n';
import { useTenant } from '@/lib/permissions';
import { queryClient } from '@/services';
import { useTitle } from '@/ui/page';
import { Empty, Failed, Loading } from '@/ui/states';

import { useConversationActions } from '../actions';
import { nameOfContact } from '../names';
import { Composer } from './composer';
import { nextAfter } from './next';
import { Thread } from './thread';
import { ThreadHead } from './thread-head';
import { usePresence } from './use-presence';
import { ApiProblem } from '@/api/problem';

const TraceDrawer = lazy(() => import('../trace/trace-drawer'));

interface Props {
  tenant: string;
  id: string;
  isPanelOpen: boolean;
  onBack: () => void;
  onOpen: (id: string | undefined, view?: View) => void;
  onPanel: () => void;
}

export function ThreadPane({ tenant, id, isPanelOpen, onBack, onOpen, onPanel }: Props) {
  const t = useT();
  const { data: conversation, error, refetch } = useQuery(conversationQuery(tenant, id));
  if (conversation)
    return (
      <Open conversation={conversation} isPanelOpen={isPanelOpen} onBack={onBack} onOpen={onOpen} onPanel={onPanel} />
    );
  if (error instanceof ApiProblem && error.code === 'not_found') return <Empty title={t('thread.gone')} />;
  if (error) return <Failed error={error} onRetry={() => void refetch()} />;
  return <Loading rows={5} height={56} />;
}

function Open({
  conversation,
  isPanelOpen,
  onBack,
  onOpen,
  onPanel,
}: Omit<Props, 'tenant' | 'id'> & { conversation: Conversation }) {
  const t = useT();
  const tenant = useTenant();
  const { id } = conversation;
  const [traceOf, setTraceOf] = useState<string>();
  const actions = useConversationActions();
  const canWrite = tenant.may('conversations.write');
  const presence = usePresence(id, canWrite);
  useTitle(nameOfContact(conversation.contact, t));

  // Seen is read: by somebody who answers, with the page in front of them.
  const { unread_count: unread } = conversation;
  const { read } = actions;
  useEffect(() => {
    if (unread === 0 || !canWrite) return;
    const look = () => document.visibilityState === 'visible' && void read(id);
    look();
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `read` is made anew at each render and does the same
  }, [unread, canWrite, id]);

  const onResolveAndNext = async () => {
    const next = nextAfter(queryClient, tenant.id, id);
    if (await actions.resolve(conversation)) onOpen(next);
  };
  return (
    <>
      <ThreadHead
        conversation={conversation}
        isPanelOpen={isPanelOpen}
        onBack={onBack}
        onPanel={onPanel}
        onResolveAndNext={() => void onResolveAndNext()}
      />
      <Thread conversation={conversation} onTrace={setTraceOf} />
      <Composer key={id} conversation={conversation} presence={presence} />
      <Suspense fallback={null}>
        {traceOf !== undefined && (
          <TraceDrawer conversation={id} message={traceOf} onClose={() => setTraceOf(undefined)} />
        )}
      </Suspense>
    </>
  );
}
