import { Outlet, useParams } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';

import { SessionGate } from '@/features/session/session';
import { useT } from '@/i18n';
import { PaneBoundary } from '@/ui/pane-boundary';

import { BottomBar } from './bottom-bar';
import { Rail } from './rail';
import classes from './shell.module.css';
import { useGlobalKeys } from './global-keys';
import { TopBar } from './top-bar';
import { useLiveEvents } from './use-live-events';

const Palette = lazy(() => import('@/features/palette/palette'));
const ShortcutSheet = lazy(() => import('@/features/palette/shortcut-sheet'));

/** The frame of every screen for signed-in people. */
export function Shell() {
  return (
    <SessionGate>
      <Frame />
    </SessionGate>
  );
}

function Frame() {
  const t = useT();
  const { tenant } = useParams({ strict: false });
  useLiveEvents(tenant);
  const { open, setOpen } = useGlobalKeys(tenant);
  return (
    <div className={classes.frame}>
      <a href="#main" className="visible-on-focus">
        {t('shell.skip')}
      </a>
      <TopBar tenant={tenant} onSearch={() => setOpen('palette')} onShortcuts={() => setOpen('sheet')} />
      <Rail tenant={tenant} />
      <main id="main" className={classes.main} tabIndex={-1}>
        <PaneBoundary resetKey={tenant}>
          <Outlet />
        </PaneBoundary>
      </main>
      <BottomBar tenant={tenant} />
      <Suspense fallback={null}>
        {open === 'palette' && <Palette tenant={tenant} onClose={() => setOpen(undefined)} />}
        {open === 'sheet' && <ShortcutSheet onClose={() => setOpen(undefined)} />}
      </Suspense>
    </div>
  );
}
