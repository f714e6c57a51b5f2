import { useQueryClient } from '@tanstack/react-query';
import { memo, useSyncExternalStore } from 'react';

import { conversationQuery, threadQuery, type View } from '@/api/queries';
import type { Conversation } from '@/api/types';
import { useMe } from '@/features/session/session';
import { useT } from '@/i18n';
import { listTime, longTime } from '@/lib/format';
import { useNow } from '@/lib/now';
import { useTenant } from '@/lib/permissions';
import { hasDraft, onDrafts } from '@/outbox/drafts';

import { previewOf } from '../preview';
import { StateTag } from '../state-tag';
import { nameOfContact } from '../names';
import { usePeople } from '../people';
import { WindowRing } from '../window-ring';
import classes from './list.module.css';

interface Props {
  row: Conversation;
  view: View;
  top: number;
  position: number;
  total: number;
  isOpen: boolean;
  isSelected: boolean;
  isSelecting: boolean;
  onOpen: (id: string, view?: View) => void;
  onSelect: (id: string) => void;
}

export const Row = memo(function Row({
  row,
  top,
  position,
  total,
  isOpen,
  isSelected,
  isSelecting,
  onOpen,
  onSelect,
}: Props) {
  const t = useT();
  const now = useNow();
  const me = useMe();
  const tenant = useTenant();
  const people = usePeople();
  const client = useQueryClient();
  const isDraft = useSyncExternalStore(onDrafts, () => hasDraft(me.id, tenant.id, row.id));
  const name = nameOfContact(row.contact, t);
  const prefetch = () => {
    void client.prefetchQuery(conversationQuery(tenant.id, row.id));
    void client.prefetchInfiniteQuery(threadQuery(tenant.id, row.id));
  };
  return (
    <li
      className={classes.row}
      style={{ transform: `translateY(${top}px)` }}
      data-row={row.id}
      data-selected={isSelected || undefined}
      aria-setsize={total}
      aria-posinset={position}
    >
      <button
        type="button"
        className={classes.open}
        data-open
        aria-current={isOpen || undefined}
        onClick={() => onOpen(row.id)}
        onPointerEnter={prefetch}
        onFocus={prefetch}
      >
        <span className={classes.first}>
          <span className={`${classes.name} truncate`} data-unread={row.unread_count > 0 || undefined}>
            <bdi>{name}</bdi>
          </span>
          {row.last_message.at && (
            <time
              className={classes.time}
              dateTime={row.last_message.at}
              title={longTime(row.last_message.at, t.language)}
            >
              {listTime(row.last_message.at, t.language, now)}
            </time>
          )}
        </span>
        <span className={classes.second}>
          <span className={`${classes.preview} truncate`}>
            {isDraft ? (
              <span className={classes.draft}>{t('list.draft')}</span>
            ) : (
              previewOf(row.last_message, t, people.nameOf)
            )}
          </span>
          {row.unread_count > 0 && (
            <span className={classes.unread}>
              <span aria-hidden>{row.unread_count}</span>
              <span className="hidden">{t('list.unread', { count: row.unread_count })}</span>
            </span>
          )}
        </span>
        <span className={classes.third}>
          <StateTag conversation={row} now={now} nameOf={people.nameOf} />
          {row.last_message.status === 'failed' && <span className={classes.failed}>{t('status.failed')}</span>}
          <WindowRing endsAt={row.window_ends_at} now={now} />
          {row.labels.slice(0, 2).map((label) => (
            <span key={label} className={`${classes.label} truncate`}>
              {label}
            </span>
          ))}
          {row.labels.length > 2 && <span className={classes.label}>+{row.labels.length - 2}</span>}
        </span>
      </button>
      {tenant.may('conversations.write') && (
        <input
          type="checkbox"
          className={classes.check}
          data-shown={isSelecting || undefined}
          checked={isSelected}
          onChange={() => onSelect(row.id)}
          aria-label={t('list.select', { name })}
        />
      )}
    </li>
  );
});
