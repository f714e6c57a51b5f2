import { useT } from '@/i18n';
import { useTenant } from '@/lib/permissions';
import { Page } from '@/ui/page';
import { LinkTabs } from '@/ui/tabs';

import { ApiTokensSection } from './api-tokens-section';
import { BusinessSection } from './business-section';
import { LabelsSection } from './labels-section';
import { TeamsSection } from './teams-section';

const sections = ['business', 'labels', 'teams', 'tokens'] as const;

export function SettingsScreen({ section }: { section: string | undefined }) {
  const t = useT();
  const tenant = useTenant();
  const current = sections.find((known) => known === section) ?? 'business';
  return (
    <Page title={t('nav.settings')}>
      <LinkTabs
        label={t('nav.settings')}
        tabs={sections.map((name) => ({ name, label: t(`settings.${name}`) }))}
        current={current}
        to="/t/$tenant/settings/{-$section}"
        params={{ tenant: tenant.id }}
        name="section"
      />
      {current === 'business' && <BusinessSection />}
      {current === 'labels' && <LabelsSection />}
      {current === 'teams' && <TeamsSection />}
      {current === 'tokens' && <ApiTokensSection />}
    </Page>
  );
}
