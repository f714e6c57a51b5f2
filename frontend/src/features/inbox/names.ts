import type { Conversation } from '@/api/types';
import type { T } from '@/i18n';
import { showPhone } from '@/lib/phone';

/** What somebody is called: their name, or their number, or nothing at all. */
export const nameOfContact = (contact: Pick<Conversation['contact'], 'name' | 'phone'>, t: T): string =>
  contact.name.trim() || showPhone(contact.phone) || t('contact.unknown');
