import { Anchor, Button, Group } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';

import { api, ask } from '@/api/client';
import { contactQuery, keyOf } from '@/api/queries';
import { useT } from '@/i18n';
import { saveFile } from '@/lib/save-file';
import { longTime } from '@/lib/format';
import { useTenant } from '@/lib/permissions';
import { Confirm } from '@/ui/confirm';
import { Page, Section } from '@/ui/page';
import { Empty, Failed, Loading } from '@/ui/states';
import { toast } from '@/ui/toast';

import { ContactCard } from './contact-card';

export function ContactScreen({ id }: { id: string }) {
  const t = useT();
  const tenant = useTenant();
  const { data: contact, error, refetch } = useQuery(contactQuery(tenant.id, id));
  if (!contact) return error ? <Failed error={error} onRetry={() => void refetch()} /> : <Loading />;
  return (
    <Page
      title={contact.name || t('contact.unknown')}
      actions={
        <Anchor
          renderRoot={(props) => (
            <Link {...props} to="/t/$tenant/contacts/{-$contact}" params={{ tenant: tenant.id }} />
          )}
        >
          {t('contacts.all')}
        </Anchor>
      }
    >
      <Section title={t('contact.who')}>
        <ContactCard contact={contact} />
      </Section>
      <Section title={t('panel.conversations')}>
        {contact.conversations.length === 0 && <Empty title={t('panel.noOther')} />}
        <ul>
          {contact.conversations.map((thread) => (
            <li key={thread.id}>
              <Anchor
                renderRoot={(props) => (
                  <Link
                    {...props}
                    to="/t/$tenant/inbox/{-$view}/{-$conversation}"
                    params={{ tenant: tenant.id, view: 'all', conversation: thread.id }}
                  />
                )}
              >
                {thread.last_message_at ? longTime(thread.last_message_at, t.language) : t('panel.emptyThread')}
              </Anchor>
            </li>
          ))}
        </ul>
      </Section>
      {tenant.may('contacts.erase') && <Privacy id={id} name={contact.name || t('contact.unknown')} />}
    </Page>
  );
}

/** What the law gives to every customer: a copy of everything, and its end. */
function Privacy({ id, name }: { id: string; name: string }) {
  const t = useT();
  const tenant = useTenant();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [isErasing, setErasing] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const path = { params: { path: { tenant_id: tenant.id, contact_id: id } } };
  const onExport = async () => {
    setBusy(true);
    try {
      const everything = await ask(api.GET('/api/v1/tenants/{tenant_id}/contacts/{contact_id}/export', path));
      saveFile(`contact-${id}.json`, JSON.stringify(everything, null, 2), 'application/json');
    } catch (error) {
      toast.failed(error);
    }
    setBusy(false);
  };
  const onErase = async () => {
    await ask(api.DELETE('/api/v1/tenants/{tenant_id}/contacts/{contact_id}', path));
    await navigate({ to: '/t/$tenant/contacts/{-$contact}', params: { tenant: tenant.id } });
    await client.invalidateQueries({ queryKey: keyOf(tenant.id, 'contacts') });
    toast.done(t('contact.erased'));
  };
  return (
    <Section title={t('contact.privacy')} lead={t('contact.privacyLead')}>
      <Group gap={8}>
        <Button onClick={() => void onExport()} loading={isBusy}>
          {t('contact.export')}
        </Button>
        <Button color="danger" variant="outline" onClick={() => setErasing(true)}>
          {t('contact.erase')}
        </Button>
      </Group>
      {isErasing && (
        <Confirm
          title={t('contact.erase')}
          deed={t('contact.erase')}
          isDangerous
          name={name}
          onClose={() => setErasing(false)}
          onConfirm={onErase}
        >
          {t('contact.eraseWords')}
        </Confirm>
      )}
    </Section>
  );
}
