import { useQuery } from '@tanstack/react-query';
import { createContext, type ReactNode, use, useState } from 'react';

import { meQuery } from '@/api/queries';
import type { Me, MyTenant, Permission } from '@/api/types';

export interface TenantAccess {
  id: string;
  name: string;
  /** A superadmin who looks at a business they do not belong to. */
  isGuest: boolean;
  may: (permission: Permission) => boolean;
  /** Guests see and change nothing until they say that they want to. */
  canWrite: boolean;
  setCanWrite: (canWrite: boolean) => void;
}

const Context = createContext<TenantAccess | undefined>(undefined);

/** The business of the address, and what one may do in it. The API decides; this only hides what it would refuse. */
export function useTenant(): TenantAccess {
  const tenant = use(Context);
  if (!tenant) throw new Error('useTenant outside of TenantProvider');
  return tenant;
}

export const useMaybeTenant = (): TenantAccess | undefined => use(Context);

/** What is left of a permission for a guest who only looks. */
const readsOnly = (permission: Permission): boolean => permission.endsWith('.read');

export function accessOf(
  me: Me,
  id: string,
  guestName: string,
  canWrite: boolean,
): Omit<TenantAccess, 'setCanWrite'> | undefined {
  const mine: MyTenant | undefined = me.tenants.find((tenant) => tenant.id === id);
  if (mine)
    return {
      id,
      name: mine.name,
      isGuest: false,
      canWrite: true,
      may: (permission) => mine.permissions.includes(permission),
    };
  if (!me.is_superadmin) return undefined;
  return { id, name: guestName, isGuest: true, canWrite, may: (permission) => canWrite || readsOnly(permission) };
}

export function TenantProvider({
  id,
  guestName,
  children,
  fallback,
}: {
  id: string;
  guestName: string;
  children: ReactNode;
  fallback: ReactNode;
}) {
  const { data: me } = useQuery(meQuery);
  const [canWrite, setCanWrite] = useState(false);
  const access = me && accessOf(me, id, guestName, canWrite);
  if (!access) return fallback;
  return <Context value={{ ...access, setCanWrite }}>{children}</Context>;
}
