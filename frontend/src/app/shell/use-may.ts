import { useMe } from '@/features/session/session';
import { accessOf } from '@/lib/permissions';
import type { Permission } from '@/api/types';

/** What one may see of the business of the address. For navigation, which stands outside of the business' own frame. */
export function useMay(tenant: string | undefined): ((permission: Permission) => boolean) | undefined {
  const me = useMe();
  const access = tenant ? accessOf(me, tenant, '', true) : undefined;
  return access?.may;
}
