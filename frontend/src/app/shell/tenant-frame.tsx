import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Outlet, useParams } from '@tanstack/react-router';
import { type ReactNode, useEffect, useState } from 'react';

import { settingsQuery } from '@/api/queries';
import { useT } from '@/i18n';
import { duration } from '@/lib/format';
import { useNow } from '@/lib/now';
import { TenantProvider, useTenant } from '@/lib/permissions';
import { useLive } from '@/live/state';
import { PaneBoundary } from '@/ui/pane-boundary';
import { Empty } from '@/ui/states';

import classes from './shell.module.css';

/** A hiccup of a moment worries nobody. */
const LOST_AFTER_MS = 5000;

/** Around every screen of a business: what one may do there, and what everybody must know. */
export function TenantFrame() {
  const t = useT();
  const { tenant } = useParams({ from: '/app/t/$tenant' });
  const { data: settings } = useQuery(settingsQuery(tenant));
  return (
    <TenantProvider
      key={tenant}
      id={tenant}
      guestName={settings?.name ?? ''}
      fallback={<Empty title={t('state.noSuchTenant')} />}
    >
      <div className={classes.tenant}>
        <LostBar />
        <GuestBar />
        {settings?.suspended_at && <Bar>{t('tenants.isSuspended')}</Bar>}
        <div className={classes.screen}>
          <PaneBoundary>
            <Outlet />
          </PaneBoundary>
        </div>
      </div>
    </TenantProvider>
  );
}

function Bar({ children, tone }: { children: ReactNode; tone?: 'info' }) {
  return (
    <div className={classes.bar} data-tone={tone} role="status">
      {children}
    </div>
  );
}

/** Reading and writing go on; only what is new does not come by itself. */
function LostBar() {
  const t = useT();
  const live = useLive();
  const now = useNow();
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    if (live.status !== 'lost') return setLong(false);
    const timer = setTimeout(() => setLong(true), Math.max(0, live.since + LOST_AFTER_MS - Date.now()));
    return () => clearTimeout(timer);
  }, [live]);
  return isLong ? <Bar>{t('live.bar', { age: duration(Math.max(now, Date.now()) - live.since) })}</Bar> : null;
}

function GuestBar() {
  const t = useT();
  const tenant = useTenant();
  if (!tenant.isGuest) return null;
  return (
    <Bar tone="info">
      <span>{t(tenant.canWrite ? 'guest.writes' : 'guest.reads', { name: tenant.name })}</span>
      <Button size="compact-sm" onClick={() => tenant.setCanWrite(!tenant.canWrite)}>
        {t(tenant.canWrite ? 'guest.readOnly' : 'guest.allow')}
      </Button>
    </Bar>
  );
}
