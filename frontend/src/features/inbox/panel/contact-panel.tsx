import { Anchor } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { contactQuery, conversationQuery } from '@/api/queries';
import { ContactCard } from '@/features/contacts/contact-card';
import { useT } from '@/i18n';
import { longTime } from '@/lib/format';
import { Failed, Loading } from '@/ui/states';
import { PaneBoundary } from '@/ui/pane-boundary';

import classes from './panel.module.css';

/** Who writes: each block is loaded by itself and fails by itself. */
export default function ContactPanel({ tenant, conversation }: { tenant: string; conversation: string }) {
  const t = useT();
  const { data: open } = useQuery(conversationQuery(tenant, conversation));
  const contactId = open?.contact.id;
  const contact = useQuery({ ...contactQuery(tenant, contactId ?? ''), enabled: contactId !== undefined });
  if (contact.isError && !contact.data) return <Failed error={contact.error} onRetry={() => void contact.refetch()} />;
  if (!contact.data) return <Loading rows={4} height={32} />;
  const others = contact.data.conversations.filter((other) => other.id !== conversation);
  return (
    <div className={classes.panel}>
      <PaneBoundary>
        <ContactCard contact={contact.data} />
      </PaneBoundary>
      <section className={classes.block}>
        <h3>{t('panel.conversations')}</h3>
        {others.length === 0 && <p className="muted">{t('panel.noOther')}</p>}
        <ul className={classes.list}>
          {others.map((other) => (
            <li key={other.id}>
              <Anchor
                renderRoot={(props) => (
                  <Link
                    {...props}
                    to="/t/$tenant/inbox/{-$view}/{-$conversation}"
                    params={{ tenant, view: 'all', conversation: other.id }}
                  />
                )}
              >
                {other.last_message_at ? longTime(other.last_message_at, t.language) : t('panel.emptyThread')}
              </Anchor>
            </li>
          ))}
        </ul>
        <Anchor
          renderRoot={(props) => (
            <Link {...props} to="/t/$tenant/contacts/{-$contact}" params={{ tenant, contact: contact.data.id }} />
          )}
        >
          {t('panel.whole')}
        </Anchor>
      </section>
    </div>
  );
}
