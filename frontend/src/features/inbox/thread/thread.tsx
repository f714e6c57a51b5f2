import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useLayoutEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';

import { settingsQuery, threadQuery } from '@/api/queries';
import type { Conversation, Message } from '@/api/types';
import { useT } from '@/i18n';
import { dayTitle } from '@/lib/format';
import { useKeys } from '@/lib/keyboard';
import { useTenant } from '@/lib/permissions';
import { messagesOf } from '@/live/threads';
import { outbox } from '@/services';
import { Failed, Loading } from '@/ui/states';

import { Announcer } from './announcer';
import { Bubble } from './bubble';
import { NoteBubble } from './note-bubble';
import { notesQuery } from './notes';
import { PendingBubble } from './pending-bubble';
import classes from './thread.module.css';
import { timeline } from './timeline';

/** Pages are loaded before their first line comes into view. */
const NEAR_TOP_PX = 600;
const AT_END_PX = 80;

export function Thread({ conversation, onTrace }: { conversation: Conversation; onTrace: (message: string) => void }) {
  const t = useT();
  const tenant = useTenant();
  const thread = useInfiniteQuery(threadQuery(tenant.id, conversation.id));
  const { data: notes } = useQuery(notesQuery(tenant.id, conversation.id));
  const { data: settings } = useQuery(settingsQuery(tenant.id));
  const entriesOfAll = useSyncExternalStore(outbox.subscribe, outbox.snapshot);
  const messages = useMemo(() => messagesOf(thread.data), [thread.data]);
  const quoted = useMemo(() => new Map(messages.map((message) => [message.provider_message_id, message])), [messages]);
  const zone = settings?.time_zone;
  const entries = useMemo(() => {
    const pending = entriesOfAll.filter(
      (entry) => entry.tenant === tenant.id && entry.conversation === conversation.id,
    );
    return timeline(messages, notes?.items ?? [], pending, zone);
  }, [messages, notes, entriesOfAll, tenant.id, conversation.id, zone]);

  const frame = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: entries.length,
    getScrollElement: () => frame.current,
    estimateSize: () => 64,
    getItemKey: (index) => entries[index]?.key ?? index,
    overscan: 8,
    paddingStart: 16,
    paddingEnd: 12,
    anchorTo: 'end',
    followOnAppend: true,
    scrollEndThreshold: AT_END_PX,
  });
  const hasEntries = entries.length > 0;
  useLayoutEffect(() => {
    if (hasEntries) virtual.scrollToEnd();
  }, [hasEntries, virtual]);

  const { hasNextPage, isFetchingNextPage, fetchNextPage } = thread;
  const [isAway, setAway] = useState(false);
  const [seenUpTo, setSeenUpTo] = useState<string>();
  const onScroll = () => {
    const element = frame.current;
    if (!element) return;
    const away = element.scrollHeight - element.scrollTop - element.clientHeight > AT_END_PX;
    if (away && !isAway) setSeenUpTo(entries.at(-1)?.key);
    if (away !== isAway) setAway(away);
    if (element.scrollTop < NEAR_TOP_PX && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  };
  useEffect(() => {
    const element = frame.current;
    if (element && element.scrollHeight <= element.clientHeight + NEAR_TOP_PX && hasNextPage && !isFetchingNextPage)
      void fetchNextPage();
  }, [entries.length, hasNextPage, isFetchingNextPage, fetchNextPage]);

  const seenAt = isAway ? entries.findIndex((entry) => entry.key === seenUpTo) : -1;
  const unseen = seenAt === -1 ? 0 : entries.slice(seenAt + 1).filter((entry) => entry.kind === 'message').length;
  const lastOfBot = messages.findLast((message) => message.author === 'assistant');
  const focusedBubble = () => document.activeElement?.closest<HTMLElement>('[data-message]')?.dataset['message'];
  useKeys({ w: () => void ((id) => id && onTrace(id))(focusedBubble() ?? lastOfBot?.id) });

  return (
    <div className={classes.middle}>
      <Announcer messages={messages} />
      <div
        ref={frame}
        className={classes.scroll}
        onScroll={onScroll}
        role="log"
        aria-live="off"
        aria-label={t('thread.messages')} // eslint-disable-next-line jsx-a11y-x/no-noninteractive-tabindex -- the arrow keys scroll it
        tabIndex={0}
      >
        {thread.isPending && <Loading rows={6} height={44} />}
        {thread.isError && !thread.data && <Failed error={thread.error} onRetry={() => void thread.refetch()} />}
        {isFetchingNextPage && <div className={classes.older}>{t('thread.loadingOlder')}</div>}
        <div className={classes.canvas} style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const entry = entries[item.index];
            return entry ? (
              <div
                key={item.key}
                ref={virtual.measureElement}
                data-index={item.index}
                className={classes.slot}
                style={{ transform: `translateY(${item.start}px)` }}
              >
                {entry.kind === 'day' && <div className={classes.day}>{dayTitle(entry.at, t.language, zone)}</div>}
                {entry.kind === 'message' && (
                  <Bubble
                    message={entry.message}
                    quoted={quotedBy(entry.message, quoted)}
                    isJoined={entry.isJoined}
                    zone={zone}
                    onTrace={onTrace}
                  />
                )}
                {entry.kind === 'note' && <NoteBubble note={entry.note} zone={zone} />}
                {entry.kind === 'pending' && <PendingBubble entry={entry.entry} zone={zone} />}
              </div>
            ) : null;
          })}
        </div>
      </div>
      {isAway && (
        <button type="button" className={classes.toEnd} onClick={() => virtual.scrollToEnd()}>
          {unseen > 0 ? t('thread.newBelow', { count: unseen }) : t('thread.toEnd')}
        </button>
      )}
    </div>
  );
}

const quotedBy = (message: Message, known: Map<string | null | undefined, Message>): Message | undefined =>
  message.reply_to ? known.get(message.reply_to) : undefined;
