import type { ReactNode } from 'react';

import type { Permission, Role } from '@/api/types';
import { useTenant } from '@/lib/permissions';

import { Forbidden } from './states';

/** Shows a screen to those who may see it, and tells the others who can let them in. */
export function Needs({
  permission,
  role,
  children,
}: {
  permission: Permission;
  role: Role & ('administrator' | 'supervisor' | 'agent');
  children: ReactNode;
}) {
  return useTenant().may(permission) ? children : <Forbidden role={role} />;
}
