import { Menu } from '@mantine/core';
import { IconKeyboard, IconLogout, IconUserCircle } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';

import { api, ask } from '@/api/client';
import { useMe } from '@/features/session/session';
import { useT } from '@/i18n';
import { forgetDrafts } from '@/outbox/drafts';
import { toast } from '@/ui/toast';

import type { Place } from './navigation';

export function TenantItems() {
  const t = useT();
  const me = useMe();
  return (
    <>
      {me.tenants.map((mine) => (
        <Menu.Item
          key={mine.id}
          renderRoot={(props) => (
            <Link {...props} to="/t/$tenant/inbox/{-$view}/{-$conversation}" params={{ tenant: mine.id }} />
          )}
        >
          {mine.name} {mine.is_suspended && <span className="muted">({t('tenants.suspended')})</span>}
        </Menu.Item>
      ))}
      {me.is_superadmin && (
        <Menu.Item renderRoot={(props) => <Link {...props} to="/ops/tenants" />}>{t('shell.allTenants')}</Menu.Item>
      )}
    </>
  );
}

export function MeItems({ onShortcuts }: { onShortcuts: () => void }) {
  const t = useT();
  const me = useMe();
  const navigate = useNavigate();
  const client = useQueryClient();
  const onSignOut = async () => {
    try {
      await ask(api.DELETE('/api/v1/session'));
      forgetDrafts();
      await navigate({ to: '/login' });
      client.clear();
    } catch (error) {
      toast.failed(error);
    }
  };
  return (
    <>
      <Menu.Label>{me.display_name || me.email}</Menu.Label>
      <Menu.Item
        leftSection={<IconUserCircle size={18} aria-hidden />}
        renderRoot={(props) => <Link {...props} to="/me" />}
      >
        {t('nav.me')}
      </Menu.Item>
      <Menu.Item leftSection={<IconKeyboard size={18} aria-hidden />} onClick={onShortcuts}>
        {t('shell.shortcuts')}
      </Menu.Item>
      <Menu.Item leftSection={<IconLogout size={18} aria-hidden />} onClick={() => void onSignOut()}>
        {t('session.signOut')}
      </Menu.Item>
    </>
  );
}

export function PlaceItems({ places, tenant }: { places: readonly Place[]; tenant: string | undefined }) {
  const t = useT();
  return (
    <>
      {places.map((place) => (
        <Menu.Item
          key={place.to}
          leftSection={<place.icon size={18} aria-hidden />}
          renderRoot={(props) => <Link {...props} to={place.to} params={{ tenant } as never} />}
        >
          {t(place.label)}
        </Menu.Item>
      ))}
      <Menu.Item
        leftSection={<IconUserCircle size={18} aria-hidden />}
        renderRoot={(props) => <Link {...props} to="/me" />}
      >
        {t('nav.me')}
      </Menu.Item>
    </>
  );
}
