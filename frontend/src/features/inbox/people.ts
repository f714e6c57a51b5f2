import { useQuery } from '@tanstack/react-query';

import { membersQuery } from '@/api/queries';
import { useMe } from '@/features/session/session';
import { useT } from '@/i18n';
import { useTenant } from '@/lib/permissions';

/** The people of the business by their id. */
export function usePeople() {
  const t = useT();
  const me = useMe();
  const tenant = useTenant();
  const { data } = useQuery({ ...membersQuery(tenant.id), enabled: tenant.may('members.read') });
  const members = data?.items ?? [];
  const nameOf = (id: string | null | undefined): string => {
    if (id === me.id) return t('people.me');
    const member = members.find((other) => other.user_id === id);
    return member?.display_name || member?.email || t('people.somebody');
  };
  return { members, nameOf };
}
