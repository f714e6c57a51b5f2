import { IconDots } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { lazy } from 'react';

import { useMe } from '@/features/session/session';
import { useT } from '@/i18n';
import { MenuButton, type TargetProps } from '@/ui/menu-button';

import { opsPlaces, placesFor } from './navigation';
import classes from './shell.module.css';
import { useMay } from './use-may';

const PlaceItems = lazy(() => import('./menu-items').then((items) => ({ default: items.PlaceItems })));

/** On a phone: what one needs all day at the thumb, everything else behind the last button. */
const AT_THUMB = 3;

export function BottomBar({ tenant }: { tenant: string | undefined }) {
  const t = useT();
  const me = useMe();
  const may = useMay(tenant);
  const all = tenant ? placesFor(may) : [];
  const first = tenant ? all.slice(0, AT_THUMB) : me.is_superadmin ? opsPlaces.slice(0, AT_THUMB) : [];
  const others = [...all, ...(me.is_superadmin ? opsPlaces : [])].filter((place) => !first.includes(place));
  const more = (props: TargetProps) => (
    <button type="button" {...props}>
      <IconDots size={22} aria-hidden />
      {t('nav.more')}
    </button>
  );
  return (
    <nav className={classes.bottom} aria-label={t('shell.navigation')}>
      {first.map((place) => (
        <Link
          key={place.to}
          to={place.to}
          params={{ tenant } as never}
          activeOptions={{ exact: false, includeSearch: false }}
          activeProps={{ 'aria-current': 'page' }}
        >
          <place.icon size={22} aria-hidden />
          {t(place.label)}
        </Link>
      ))}
      <MenuButton target={more} position="top-end" width={260}>
        <PlaceItems places={others} tenant={tenant} />
      </MenuButton>
    </nav>
  );
}
