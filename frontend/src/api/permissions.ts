import type { Permission } from './types';

/** Every permission of the document; the type fails when one is missing here. */
const every: Record<Permission, true> = {
  'settings.read': true,
  'settings.write': true,
  'conversations.read': true,
  'conversations.write': true,
  'messages.send': true,
  'contacts.read': true,
  'contacts.write': true,
  'contacts.erase': true,
  'members.read': true,
  'members.write': true,
  'api_tokens.read': true,
  'api_tokens.write': true,
  'audit.read': true,
  'system_events.read': true,
  'channels.read': true,
  'channels.write': true,
  'integrations.read': true,
  'integrations.write': true,
};

export const permissions = Object.keys(every) as Permission[];
