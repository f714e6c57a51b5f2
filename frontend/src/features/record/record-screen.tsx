import { api, ask } from '@/api/client';
import { keyOf } from '@/api/queries';
import { useT } from '@/i18n';
import { useTenant } from '@/lib/permissions';
import { Page } from '@/ui/page';
import { LinkTabs } from '@/ui/tabs';
import { usePaged } from '@/ui/use-paged';

import { ChangesTable } from './changes-table';
import { EventsTable } from './events-table';

/** Who changed what in a business, and what went wrong. */
export function RecordScreen({ tab }: { tab: string | undefined }) {
  const t = useT();
  const tenant = useTenant();
  const current = tab === 'events' ? 'events' : 'changes';
  return (
    <Page title={t('nav.record')} wide>
      <LinkTabs
        label={t('nav.record')}
        tabs={[
          { name: 'changes', label: t('record.changes') },
          { name: 'events', label: t('record.events') },
        ]}
        current={current}
        to="/t/$tenant/record/{-$tab}"
        params={{ tenant: tenant.id }}
        name="tab"
      />
      {current === 'changes' ? <Changes /> : <Events />}
    </Page>
  );
}

function Changes() {
  const tenant = useTenant();
  const path = { tenant_id: tenant.id };
  return (
    <ChangesTable
      query={usePaged(keyOf(tenant.id, 'audit'), (query) =>
        ask(api.GET('/api/v1/tenants/{tenant_id}/audit-log', { params: { path, query } })),
      )}
    />
  );
}

function Events() {
  const tenant = useTenant();
  const path = { tenant_id: tenant.id };
  return (
    <EventsTable
      query={usePaged(keyOf(tenant.id, 'system-events'), (query) =>
        ask(api.GET('/api/v1/tenants/{tenant_id}/system-events', { params: { path, query } })),
      )}
    />
  );
}
