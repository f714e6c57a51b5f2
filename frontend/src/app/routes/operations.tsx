/** What went wrong and who changed what, of a business and of the installation. */
import { useParams } from '@tanstack/react-router';

import { TenantsScreen } from '@/features/ops/tenants-screen';
import { UsersScreen } from '@/features/ops/users-screen';
import { RecordScreen } from '@/features/record/record-screen';
import { SystemScreen } from '@/features/record/system-screen';
import { DeliveriesScreen } from '@/features/repairs/deliveries-screen';
import { OpsDeliveriesScreen } from '@/features/repairs/ops-deliveries-screen';
import { useMe } from '@/features/session/session';
import { Needs } from '@/ui/needs';
import { Forbidden } from '@/ui/states';

function ForSuperadmin({ children }: { children: React.ReactNode }) {
  return useMe().is_superadmin ? children : <Forbidden role="superadmin" />;
}

export function DeliveriesRoute() {
  const { tab } = useParams({ from: '/app/t/$tenant/deliveries/{-$tab}' });
  return (
    <Needs permission="system_events.read" role="supervisor">
      <DeliveriesScreen tab={tab} />
    </Needs>
  );
}

export function RecordRoute() {
  const { tab } = useParams({ from: '/app/t/$tenant/record/{-$tab}' });
  return (
    <Needs permission="audit.read" role="supervisor">
      <RecordScreen tab={tab} />
    </Needs>
  );
}

export const TenantsRoute = () => (
  <ForSuperadmin>
    <TenantsScreen />
  </ForSuperadmin>
);

export const UsersRoute = () => (
  <ForSuperadmin>
    <UsersScreen />
  </ForSuperadmin>
);

export const OpsDeliveriesRoute = () => (
  <ForSuperadmin>
    <OpsDeliveriesScreen />
  </ForSuperadmin>
);

export function SystemRoute() {
  const { tab } = useParams({ from: '/app/ops/system/{-$tab}' });
  return (
    <ForSuperadmin>
      <SystemScreen tab={tab} />
    </ForSuperadmin>
  );
}
