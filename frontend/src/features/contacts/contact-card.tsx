import { Button, Group, Stack, Textarea, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { api, ask, askVersioned } from '@/api/client';
import { ApiProblem } from '@/api/problem';
import { contactQuery } from '@/api/queries';
import type { Contact } from '@/api/types';
import { useT } from '@/i18n';
import { longTime } from '@/lib/format';
import { useTenant } from '@/lib/permissions';
import { e164, showPhone } from '@/lib/phone';

import { Confirm } from '@/ui/confirm';
import classes from './contact-card.module.css';
import { CopyText } from '@/ui/copy-text';
import { FormFailure } from '@/ui/states';
import { Tag } from '@/ui/tag';
import { toast } from '@/ui/toast';

/** Who somebody is: name, numbers, notes, own fields, and whether they want messages. */
export function ContactCard({ contact }: { contact: Contact }) {
  const t = useT();
  const tenant = useTenant();
  const [isEditing, setEditing] = useState(false);
  const fields = Object.entries(contact.custom_attributes ?? {});
  return (
    <div className={classes.card}>
      {isEditing ? (
        <EditContact contact={contact} onClose={() => setEditing(false)} />
      ) : (
        <>
          <div className={classes.head}>
            <h2>
              <bdi>{contact.name || t('contact.unknown')}</bdi>
            </h2>
            {tenant.may('contacts.write') && (
              <Button size="compact-sm" onClick={() => setEditing(true)}>
                {t('action.edit')}
              </Button>
            )}
          </div>
          {(contact.opted_out_at || contact.blocked_at) && (
            <Group gap={8}>
              {contact.opted_out_at && (
                <Tag tone="warn">{t('contact.optedOutAt', { time: longTime(contact.opted_out_at, t.language) })}</Tag>
              )}
              {contact.blocked_at && (
                <Tag tone="danger">{t('contact.blockedAt', { time: longTime(contact.blocked_at, t.language) })}</Tag>
              )}
            </Group>
          )}
          <ul className={classes.identities}>
            {contact.identities.map((identity) => (
              <li key={`${identity.channel_id}/${identity.kind}/${identity.address}`}>
                {identity.kind === 'phone' ? (
                  <CopyText text={e164(identity.address)} shown={showPhone(identity.address)} />
                ) : (
                  <CopyText text={identity.address} />
                )}
              </li>
            ))}
          </ul>
          {contact.notes && <p className={classes.notes}>{contact.notes}</p>}
          {fields.length > 0 && (
            <dl className={classes.fields}>
              {fields.map(([name, value]) => (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd>
                    {typeof value === 'string' || typeof value === 'number' ? String(value) : JSON.stringify(value)}
                  </dd>
                </div>
              ))}
            </dl>
          )}
          <p className="muted">{t('contact.since', { time: longTime(contact.created_at, t.language) })}</p>
        </>
      )}
      {tenant.may('contacts.write') && !isEditing && <Consent contact={contact} />}
    </div>
  );
}

function EditContact({ contact, onClose }: { contact: Contact; onClose: () => void }) {
  const t = useT();
  const tenant = useTenant();
  const client = useQueryClient();
  const [name, setName] = useState(contact.custom_name ?? contact.name);
  const [notes, setNotes] = useState(contact.notes);
  const [failure, setFailure] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const onSubmit = async (event: React.FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      const { value } = await askVersioned(
        api.PATCH('/api/v1/tenants/{tenant_id}/contacts/{contact_id}', {
          params: {
            path: { tenant_id: tenant.id, contact_id: contact.id },
            header: { 'If-Match': `"${contact.revision}"` },
          },
          body: { name: name.trim() || null, notes },
        }),
      );
      client.setQueryData(contactQuery(tenant.id, contact.id).queryKey, value);
      onClose();
    } catch (error) {
      // The newer version is read below the form; what was typed stays in it.
      if (error instanceof ApiProblem && error.code === 'version_outdated')
        void client.invalidateQueries(contactQuery(tenant.id, contact.id));
      setFailure(error);
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void onSubmit(event)}>
      <Stack gap={12}>
        <FormFailure error={failure} />
        <TextInput
          label={t('contact.name')}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          maxLength={200}
        />
        <Textarea
          label={t('contact.notes')}
          value={notes}
          onChange={(event) => setNotes(event.currentTarget.value)}
          maxLength={4000}
        />
        <Group gap={8}>
          <Button type="submit" variant="filled" loading={isBusy}>
            {t('action.save')}
          </Button>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Whether they want messages, and whether we answer them. */
function Consent({ contact }: { contact: Contact }) {
  const t = useT();
  const tenant = useTenant();
  const client = useQueryClient();
  const [asks, setAsks] = useState<'block' | 'opt-out'>();
  const path = { params: { path: { tenant_id: tenant.id, contact_id: contact.id } } };
  const put = async (call: Promise<Contact>) => {
    client.setQueryData(contactQuery(tenant.id, contact.id).queryKey, await call);
    void client.invalidateQueries({ queryKey: ['t', tenant.id, 'conversation'] });
  };
  const lift = (call: () => Promise<Contact>) => void put(call()).catch(toast.failed);
  const BASE = '/api/v1/tenants/{tenant_id}/contacts/{contact_id}' as const;
  return (
    <Group gap={8}>
      {contact.opted_out_at ? (
        <Button size="compact-sm" onClick={() => lift(() => ask(api.DELETE(`${BASE}/opt-out`, path)))}>
          {t('contact.optIn')}
        </Button>
      ) : (
        <Button size="compact-sm" onClick={() => setAsks('opt-out')}>
          {t('contact.optOut')}
        </Button>
      )}
      {contact.blocked_at ? (
        <Button size="compact-sm" onClick={() => lift(() => ask(api.DELETE(`${BASE}/block`, path)))}>
          {t('contact.unblock')}
        </Button>
      ) : (
        <Button size="compact-sm" onClick={() => setAsks('block')}>
          {t('contact.block')}
        </Button>
      )}
      {asks && (
        <Confirm
          title={t(asks === 'block' ? 'contact.block' : 'contact.optOut')}
          deed={t(asks === 'block' ? 'contact.block' : 'contact.optOut')}
          isDangerous
          onClose={() => setAsks(undefined)}
          onConfirm={() =>
            put(asks === 'block' ? ask(api.PUT(`${BASE}/block`, path)) : ask(api.PUT(`${BASE}/opt-out`, path)))
          }
        >
          {t(asks === 'block' ? 'contact.blockWords' : 'contact.optOutWords', { name: contact.name })}
        </Confirm>
      )}
    </Group>
  );
}
