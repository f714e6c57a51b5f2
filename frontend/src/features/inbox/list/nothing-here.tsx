import { Anchor } from '@mantine/core';
import { Link } from '@tanstack/react-router';

import type { View } from '@/api/queries';
import type { Counts } from '@/api/types';
import { useT } from '@/i18n';
import { useTenant } from '@/lib/permissions';
import { Empty } from '@/ui/states';

import type { InboxSearch } from '../search';

/** "No results" is not "nothing yet", and nobody waiting is good news. */
export function NothingHere({ view, search, counts }: { view: View; search: InboxSearch; counts: Counts | undefined }) {
  const t = useT();
  const tenant = useTenant();
  if (Object.values(search).some((value) => value !== undefined)) {
    return (
      <Empty title={t('list.noMatch')}>
        <Anchor
          renderRoot={(props) => (
            <Link
              {...props}
              to="/t/$tenant/inbox/{-$view}/{-$conversation}"
              params={{ tenant: tenant.id, view }}
              search={{}}
            />
          )}
        >
          {t('list.clearFilters')}
        </Anchor>
      </Empty>
    );
  }
  if (counts?.all === 0)
    return (
      <Empty title={t('list.nothingYet')}>
        <p className="muted">{t('list.nothingYetHint')}</p>
      </Empty>
    );
  if (view === 'waiting') return <Empty title={t('list.nobodyWaits', { count: counts?.assistant ?? 0 })} />;
  return <Empty title={t(`list.empty.${view}`)} />;
}
