import { useT } from '@/i18n';
import { useTenant } from '@/lib/permissions';
import { Page } from '@/ui/page';
import { LinkTabs } from '@/ui/tabs';

import { DeadJobs } from './dead-jobs';
import { FailedMessages } from './failed-messages';
import { ParkedEvents } from './parked-events';
import { ofTenant } from './parked-source';

const tabs = ['messages', 'events', 'jobs'] as const;

/** What failed, why, and how it is mended. */
export function DeliveriesScreen({ tab }: { tab: string | undefined }) {
  const t = useT();
  const tenant = useTenant();
  const current = tabs.find((known) => known === tab) ?? 'messages';
  return (
    <Page title={t('nav.deliveries')} wide>
      <LinkTabs
        label={t('nav.deliveries')}
        tabs={tabs.map((name) => ({ name, label: t(`deliveries.${name}`) }))}
        current={current}
        to="/t/$tenant/deliveries/{-$tab}"
        params={{ tenant: tenant.id }}
        name="tab"
      />
      {current === 'messages' && <FailedMessages />}
      {current === 'events' && <ParkedEvents source={ofTenant(tenant.id, tenant.may('settings.write'))} />}
      {current === 'jobs' && <DeadJobs />}
    </Page>
  );
}
