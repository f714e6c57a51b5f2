import { useT } from '@/i18n';
import { Page } from '@/ui/page';

import { ParkedEvents } from './parked-events';
import { ofInstallation } from './parked-source';

const source = ofInstallation();

/** Parked events of all businesses, and those that belong to none. */
export function OpsDeliveriesScreen() {
  return (
    <Page title={useT()('nav.opsDeliveries')} wide>
      <ParkedEvents source={source} />
    </Page>
  );
}
