import { IconLayoutSidebarLeftCollapse, IconLayoutSidebarLeftExpand } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';

import { useMe } from '@/features/session/session';
import { useT } from '@/i18n';
import { prefer, usePreferences } from '@/lib/preferences';

import { opsPlaces, type Place, placesFor } from './navigation';
import classes from './shell.module.css';
import { useMay } from './use-may';

export function Rail({ tenant }: { tenant: string | undefined }) {
  const t = useT();
  const me = useMe();
  const may = useMay(tenant);
  const { railOpen } = usePreferences();
  const Fold = railOpen ? IconLayoutSidebarLeftCollapse : IconLayoutSidebarLeftExpand;
  const foldLabel = t(railOpen ? 'shell.fold' : 'shell.unfold');
  return (
    <nav className={classes.rail} data-open={railOpen || undefined} aria-label={t('shell.navigation')}>
      {tenant && placesFor(may).map((place) => <Item key={place.to} place={place} tenant={tenant} isOpen={railOpen} />)}
      {me.is_superadmin && (
        <>
          <div className={classes.group}>{t('nav.installation')}</div>
          {opsPlaces.map((place) => (
            <Item key={place.to} place={place} tenant={undefined} isOpen={railOpen} />
          ))}
        </>
      )}
      <button
        type="button"
        className={`${classes.item} ${classes.fold}`}
        onClick={() => prefer({ railOpen: !railOpen })}
        aria-label={foldLabel}
        title={railOpen ? undefined : foldLabel}
      >
        <Fold size={20} aria-hidden />
        <span className={classes.label} aria-hidden>
          {foldLabel}
        </span>
      </button>
    </nav>
  );
}

function Item({ place, tenant, isOpen }: { place: Place; tenant: string | undefined; isOpen: boolean }) {
  const t = useT();
  const label = t(place.label);
  return (
    <Link
      to={place.to}
      params={{ tenant } as never}
      className={classes.item}
      aria-label={label}
      title={isOpen ? undefined : label}
      activeOptions={{ exact: false, includeSearch: false }}
      activeProps={{ 'aria-current': 'page' }}
    >
      <place.icon size={20} aria-hidden />
      <span className={classes.label}>{label}</span>
    </Link>
  );
}
