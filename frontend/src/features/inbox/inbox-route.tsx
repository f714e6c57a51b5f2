import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';

import type { View } from '@/api/queries';
import { useT } from '@/i18n';
import { PaneBoundary } from '@/ui/pane-boundary';
import { Empty } from '@/ui/states';
import { Needs } from '@/ui/needs';

import classes from './inbox.module.css';
import { ConversationList } from './list/conversation-list';
import { ThreadPane } from './thread/thread-pane';
import { useMedia } from './use-media';

const ContactPanel = lazy(() => import('./panel/contact-panel'));
const PanelDrawer = lazy(() => import('./panel/panel-drawer'));

const views: readonly View[] = ['waiting', 'mine', 'unassigned', 'assistant', 'all', 'resolved', 'snoozed'];

const FROM = '/app/t/$tenant/inbox/{-$view}/{-$conversation}';

/** List, thread and panel side by side; on a phone one at a time. */
export function InboxRoute() {
  const { tenant, view: named, conversation } = useParams({ from: FROM });
  const search = useSearch({ from: FROM });
  const navigate = useNavigate({ from: '/t/$tenant/inbox/{-$view}/{-$conversation}' });
  const t = useT();
  const view = views.find((known) => known === named) ?? 'waiting';
  const isWide = useMedia('(min-width: 1280px)');
  const isPhone = useMedia('(max-width: 767px)');
  const [isPanelOpen, setPanelOpen] = useState(false);

  const onOpen = (id: string | undefined, inView: View = view) =>
    void navigate({
      params: { tenant, view: inView, conversation: id },
      search: (before) => ({ ...before, at: undefined }),
    });

  return (
    <Needs permission="conversations.read" role="agent">
      <div className={classes.panes} data-open={conversation ? true : undefined}>
        {/* Kept mounted on a phone too: going back finds the list where it was. */}
        <div className={classes.list} hidden={isPhone && conversation !== undefined}>
          <PaneBoundary>
            <ConversationList view={view} views={views} search={search} openId={conversation} onOpen={onOpen} />
          </PaneBoundary>
        </div>
        <section
          className={classes.thread}
          aria-label={t('thread.label')}
          data-full-screen={(isPhone && conversation !== undefined) || undefined}
          hidden={isPhone && conversation === undefined}
        >
          <PaneBoundary resetKey={conversation}>
            {conversation ? (
              <ThreadPane
                key={conversation}
                tenant={tenant}
                id={conversation}
                onBack={() => onOpen(undefined)}
                onOpen={onOpen}
                onPanel={() => setPanelOpen(!isPanelOpen)}
                isPanelOpen={isWide ? !isPanelOpen : isPanelOpen}
              />
            ) : (
              <Empty title={t('thread.none')}>
                <p className="muted">{t('thread.noneHint')}</p>
              </Empty>
            )}
          </PaneBoundary>
        </section>
        <Suspense fallback={null}>
          {conversation && isWide && !isPanelOpen && (
            <aside className={classes.panel} aria-label={t('panel.label')}>
              <PaneBoundary resetKey={conversation}>
                <ContactPanel key={conversation} tenant={tenant} conversation={conversation} />
              </PaneBoundary>
            </aside>
          )}
          {conversation && !isWide && isPanelOpen && (
            <PanelDrawer tenant={tenant} conversation={conversation} onClose={() => setPanelOpen(false)} />
          )}
        </Suspense>
      </div>
    </Needs>
  );
}
