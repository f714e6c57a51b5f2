import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';

import { countsQuery, type ListFilter, listQuery, type View } from '@/api/queries';
import type { InboxSearch } from '../search';
import { useT } from '@/i18n';
import { useKeys } from '@/lib/keyboard';
import { useTenant } from '@/lib/permissions';
import { usePreferences } from '@/lib/preferences';
import { useTitle } from '@/ui/page';
import { Failed, Loading } from '@/ui/states';

import classes from './list.module.css';
import { ListHead } from './list-head';
import { NothingHere } from './nothing-here';
import { Row } from './row';
import { useFrozen } from './frozen';
import { useSelection } from './selection';

const BulkBar = lazy(() => import('./bulk-bar'));

interface Props {
  view: View;
  views: readonly View[];
  search: InboxSearch;
  openId: string | undefined;
  onOpen: (id: string | undefined, view?: View) => void;
}

export const filterOf = (view: View, search: InboxSearch): ListFilter => ({
  view,
  ...(search.q ? { q: search.q } : {}),
  ...(search.channel ? { channel_id: search.channel } : {}),
  ...(search.label ? { label: search.label } : {}),
  ...(search.assignee ? { assigned_user_id: search.assignee } : {}),
  ...(search.team ? { team_id: search.team } : {}),
  ...(search.unread ? { unread: true } : {}),
  ...(search.closing ? { window_closing: true } : {}),
  ...(search.failed ? { failed: true } : {}),
});

export function ConversationList({ view, views, search, openId, onOpen }: Props) {
  const t = useT();
  const tenant = useTenant();
  const { density } = usePreferences();
  const filter = filterOf(view, search);
  const list = useInfiniteQuery(listQuery(tenant.id, filter));
  const { data: counts } = useQuery(countsQuery(tenant.id));
  const [isHeld, setHeld] = useState(false);
  const group = JSON.stringify([tenant.id, filter]);
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];
  const { shown, waiting, release } = useFrozen(rows, isHeld, group);
  const selection = useSelection(group, shown);
  const frame = useRef<HTMLDivElement>(null);
  const rowHeight = density === 'compact' ? 56 : 72;
  const virtual = useVirtualizer({
    count: shown.length,
    getScrollElement: () => frame.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => shown[index]?.id ?? index,
    overscan: 6,
  });
  useEffect(() => {
    virtual.measure();
  }, [virtual, rowHeight]);
  useEffect(() => {
    // Newer browsers answer with a promise, which is no way to clean up.
    void frame.current?.scrollTo({ top: 0 });
  }, [group]);

  const visible = virtual.getVirtualItems();
  const lastVisible = visible.at(-1)?.index ?? 0;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && lastVisible >= shown.length - 12) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage, lastVisible, shown.length]);

  const moveTo = (step: number) => {
    const focused = document.activeElement?.closest<HTMLElement>('[data-row]')?.dataset['row'];
    const from = shown.findIndex((row) => row.id === (focused ?? openId));
    const to = Math.min(shown.length - 1, Math.max(0, from + step));
    virtual.scrollToIndex(to);
    requestAnimationFrame(() =>
      frame.current?.querySelector<HTMLElement>(`[data-row="${shown[to]?.id}"] [data-open]`)?.focus(),
    );
  };
  const focusedId = () => document.activeElement?.closest<HTMLElement>('[data-row]')?.dataset['row'];
  const selectFocused = () => {
    const id = focusedId();
    if (id) selection.toggle(id);
  };
  const extend = (step: number) => {
    selectFocused();
    moveTo(step);
  };
  useKeys({
    j: () => moveTo(1),
    k: () => moveTo(-1),
    ArrowDown: focusedId() ? () => moveTo(1) : undefined,
    ArrowUp: focusedId() ? () => moveTo(-1) : undefined,
    x: selectFocused,
    'Shift+ArrowDown': () => extend(1),
    'Shift+ArrowUp': () => extend(-1),
  });

  useTitle(counts && counts.waiting > 0 ? `(${counts.waiting}) ${t('nav.inbox')}` : t('nav.inbox'));
  return (
    <>
      <ListHead view={view} views={views} counts={counts} search={search} />
      <Suspense fallback={null}>
        {selection.ids.length > 0 && <BulkBar selection={selection} onDone={release} />}
      </Suspense>
      <div
        className={classes.body}
        // The button is part of it: on the way to it nothing may move either.
        onPointerEnter={(event) => event.pointerType === 'mouse' && setHeld(true)}
        onPointerLeave={() => setHeld(false)}
      >
        {waiting > 0 && (
          <button type="button" className={classes.pill} onClick={release}>
            {t('list.new', { count: waiting })}
          </button>
        )}
        <div ref={frame} className={classes.scroll}>
          {list.isPending && <Loading rows={8} height={56} />}
          {list.isError && !list.data && <Failed error={list.error} onRetry={() => void list.refetch()} />}
          {list.data && shown.length === 0 && <NothingHere view={view} search={search} counts={counts} />}
          <ul className={classes.rows} aria-label={t(`view.${view}`)} style={{ height: virtual.getTotalSize() }}>
            {visible.map((item) => {
              const row = shown[item.index];
              return row ? (
                <Row
                  key={row.id}
                  row={row}
                  view={view}
                  top={item.start}
                  position={item.index + 1}
                  total={hasNextPage ? -1 : shown.length}
                  isOpen={row.id === openId}
                  isSelected={selection.has(row.id)}
                  isSelecting={selection.ids.length > 0}
                  onOpen={onOpen}
                  onSelect={selection.toggle}
                />
              ) : null;
            })}
          </ul>
        </div>
      </div>
    </>
  );
}
