import { ActionIcon, useMantineColorScheme } from '@mantine/core';
import { IconChevronDown, IconDeviceDesktop, IconMoon, IconSearch, IconSun, IconUserCircle } from '@tabler/icons-react';
import { lazy } from 'react';

import { useMe } from '@/features/session/session';
import { useT } from '@/i18n';
import { useLive } from '@/live/state';
import { iconTarget, MenuButton, type TargetProps } from '@/ui/menu-button';

import classes from './shell.module.css';

const TenantItems = lazy(() => import('./menu-items').then((items) => ({ default: items.TenantItems })));
const MeItems = lazy(() => import('./menu-items').then((items) => ({ default: items.MeItems })));

interface Props {
  tenant: string | undefined;
  onSearch: () => void;
  onShortcuts: () => void;
}

export function TopBar({ tenant, onSearch, onShortcuts }: Props) {
  const t = useT();
  const keys = /Mac|iPhone|iPad/.test(navigator.userAgent) ? '⌘K' : 'Ctrl K';
  return (
    <header className={classes.top}>
      <TenantMenu tenant={tenant} />
      <button type="button" className={classes.search} onClick={onSearch} aria-keyshortcuts="Control+K Meta+K">
        <IconSearch size={16} aria-hidden />
        <span>{t('shell.search')}</span>
        <kbd>{keys}</kbd>
      </button>
      <LiveMark />
      <MeMenu onShortcuts={onShortcuts} />
    </header>
  );
}

function TenantMenu({ tenant }: { tenant: string | undefined }) {
  const t = useT();
  const me = useMe();
  const current = me.tenants.find((mine) => mine.id === tenant);
  const name = current?.name ?? (tenant ? t('shell.otherTenant') : t('nav.installation'));
  const target = (props: TargetProps) => (
    <button type="button" {...props} className={classes.brand} aria-label={t('shell.tenantMenu', { name })}>
      <img src="/favicon.svg" width={22} height={22} alt="" />
      <span className="truncate">{name}</span>
      <IconChevronDown size={14} aria-hidden />
    </button>
  );
  return (
    <MenuButton target={target} position="bottom-start" width={280}>
      <TenantItems />
    </MenuButton>
  );
}

/** Whether what is shown is what is: in words for who listens, by shape for who sees. */
function LiveMark() {
  const t = useT();
  const { status } = useLive();
  return (
    <span className={classes.live} role="status">
      <span className={classes.dot} data-status={status} aria-hidden />
      <span>{t(`live.${status}`)}</span>
    </span>
  );
}

function MeMenu({ onShortcuts }: { onShortcuts: () => void }) {
  const t = useT();
  const me = useMe();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const next = colorScheme === 'auto' ? 'light' : colorScheme === 'light' ? 'dark' : 'auto';
  const ThemeIcon = { auto: IconDeviceDesktop, light: IconSun, dark: IconMoon }[colorScheme];
  const label = t('shell.theme', { theme: t(`theme.${colorScheme}`) });
  return (
    <>
      <ActionIcon onClick={() => setColorScheme(next)} aria-label={label} title={label}>
        <ThemeIcon size={18} aria-hidden />
      </ActionIcon>
      <MenuButton
        target={iconTarget(
          t('shell.meMenu', { name: me.display_name || me.email }),
          <IconUserCircle size={22} aria-hidden />,
        )}
        width={240}
      >
        <MeItems onShortcuts={onShortcuts} />
      </MenuButton>
    </>
  );
}
