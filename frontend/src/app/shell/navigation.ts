import {
  IconActivity,
  IconAddressBook,
  IconBuilding,
  IconHistory,
  IconMessages,
  IconMessageShare,
  IconRefreshAlert,
  IconSettings,
  IconUsers,
  IconUsersGroup,
} from '@tabler/icons-react';
import type { ComponentType } from 'react';

import type { Permission } from '@/api/types';
import type { Key } from '@/i18n';

export interface Place {
  to: string;
  label: Key;
  icon: ComponentType<{ size?: number; 'aria-hidden'?: boolean }>;
  /** What one must be allowed to see; absent for the operator's own screens. */
  permission?: Permission;
  /** After `g`. */
  key: string;
}

/** The screens of a business. */
export const places: readonly Place[] = [
  {
    to: '/t/$tenant/inbox/{-$view}/{-$conversation}',
    label: 'nav.inbox',
    icon: IconMessages,
    permission: 'conversations.read',
    key: 'i',
  },
  {
    to: '/t/$tenant/contacts/{-$contact}',
    label: 'nav.contacts',
    icon: IconAddressBook,
    permission: 'contacts.read',
    key: 'c',
  },
  {
    to: '/t/$tenant/replies',
    label: 'nav.replies',
    icon: IconMessageShare,
    permission: 'conversations.read',
    key: 'r',
  },
  { to: '/t/$tenant/team', label: 'nav.team', icon: IconUsersGroup, permission: 'members.write', key: 'e' },
  {
    to: '/t/$tenant/deliveries/{-$tab}',
    label: 'nav.deliveries',
    icon: IconRefreshAlert,
    permission: 'system_events.read',
    key: 'd',
  },
  { to: '/t/$tenant/record/{-$tab}', label: 'nav.record', icon: IconHistory, permission: 'audit.read', key: 'h' },
  {
    to: '/t/$tenant/settings/{-$section}',
    label: 'nav.settings',
    icon: IconSettings,
    permission: 'settings.write',
    key: ',',
  },
];

/** The screens of whoever runs the installation. */
export const opsPlaces: readonly Place[] = [
  { to: '/ops/tenants', label: 'nav.tenants', icon: IconBuilding, key: 'o' },
  { to: '/ops/users', label: 'nav.users', icon: IconUsers, key: 'u' },
  { to: '/ops/deliveries', label: 'nav.opsDeliveries', icon: IconRefreshAlert, key: 'w' },
  { to: '/ops/system/{-$tab}', label: 'nav.system', icon: IconActivity, key: 'y' },
];

export function placesFor(may: ((permission: Permission) => boolean) | undefined): readonly Place[] {
  return may ? places.filter((place) => !place.permission || may(place.permission)) : [];
}
