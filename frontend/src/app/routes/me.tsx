import { MeScreen } from '@/features/me/me-screen';
import { useT } from '@/i18n';
import { Empty } from '@/ui/states';

export const MeRoute = () => <MeScreen />;

export function NoTenantRoute() {
  return <Empty title={useT()('state.noTenant')} />;
}
