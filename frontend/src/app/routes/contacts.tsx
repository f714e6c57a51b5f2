import { useParams, useSearch } from '@tanstack/react-router';

import { ContactScreen } from '@/features/contacts/contact-screen';
import { ContactsScreen } from '@/features/contacts/contacts-screen';
import { Needs } from '@/ui/needs';

export function ContactsRoute() {
  const { contact } = useParams({ from: '/app/t/$tenant/contacts/{-$contact}' });
  const { q, tab } = useSearch({ from: '/app/t/$tenant/contacts/{-$contact}' });
  return (
    <Needs permission="contacts.read" role="agent">
      {contact ? <ContactScreen key={contact} id={contact} /> : <ContactsScreen words={q} tab={tab} />}
    </Needs>
  );
}
