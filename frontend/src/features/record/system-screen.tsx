import { api, ask } from '@/api/client';
import { useT } from '@/i18n';
import { Page } from '@/ui/page';
import { LinkTabs } from '@/ui/tabs';
import { usePaged } from '@/ui/use-paged';

import { ChangesTable } from './changes-table';
import { EventsTable } from './events-table';

/** The same for the whole installation. */
export function SystemScreen({ tab }: { tab: string | undefined }) {
  const t = useT();
  const current = tab === 'changes' ? 'changes' : 'events';
  return (
    <Page title={t('nav.system')} wide>
      <LinkTabs
        label={t('nav.system')}
        tabs={[
          { name: 'events', label: t('record.events') },
          { name: 'changes', label: t('record.changes') },
        ]}
        current={current}
        to="/ops/system/{-$tab}"
        params={{}}
        name="tab"
      />
      {current === 'changes' ? <Changes /> : <Events />}
    </Page>
  );
}

const Changes = () => (
  <ChangesTable
    query={usePaged(['ops', 'audit'], (query) => ask(api.GET('/api/v1/audit-log', { params: { query } })))}
  />
);
const Events = () => (
  <EventsTable
    query={usePaged(['ops', 'system-events'], (query) => ask(api.GET('/api/v1/system-events', { params: { query } })))}
  />
);
