import { Anchor, Button, Group, Modal, NativeSelect, Stack, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import * as v from 'valibot';

import { api, ask } from '@/api/client';
import type { Tenant } from '@/api/types';
import { useT } from '@/i18n';
import { browserZone, longTime } from '@/lib/format';
import { Confirm } from '@/ui/confirm';
import { PagedTable } from '@/ui/data-table';
import { Page } from '@/ui/page';
import { FormFailure } from '@/ui/states';
import { Tag } from '@/ui/tag';
import { toast } from '@/ui/toast';
import { useApiForm } from '@/ui/use-api-form';
import { usePaged } from '@/ui/use-paged';

const key = ['ops', 'tenants'];

/** Every business of the installation. */
export function TenantsScreen() {
  const t = useT();
  const client = useQueryClient();
  const [isMaking, setMaking] = useState(false);
  const [asked, setAsked] = useState<{ tenant: Tenant; deed: 'suspend' | 'erase' }>();
  const query = usePaged(key, (page) => ask(api.GET('/api/v1/tenants', { params: { query: page } })));
  const refresh = () => client.invalidateQueries({ queryKey: key });
  const path = (tenant: Tenant) => ({ params: { path: { tenant_id: tenant.id } } });
  const onResume = async (tenant: Tenant) => {
    try {
      await ask(api.POST('/api/v1/tenants/{tenant_id}/resume', path(tenant)));
      await refresh();
    } catch (error) {
      toast.failed(error);
    }
  };
  const onConfirm = async () => {
    if (!asked) return;
    const { tenant, deed } = asked;
    if (deed === 'suspend') await ask(api.POST('/api/v1/tenants/{tenant_id}/suspend', path(tenant)));
    else await ask(api.DELETE('/api/v1/tenants/{tenant_id}', { ...path(tenant), body: { confirm_name: tenant.name } }));
    await refresh();
  };
  return (
    <Page
      title={t('nav.tenants')}
      wide
      actions={
        <Button variant="filled" leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setMaking(true)}>
          {t('tenants.new')}
        </Button>
      }
    >
      <PagedTable
        label={t('nav.tenants')}
        query={query}
        rowKey={(row) => row.id}
        empty={t('tenants.empty')}
        columns={[
          {
            title: t('settings.name'),
            cell: (row) => (
              <Anchor
                renderRoot={(props) => (
                  <Link {...props} to="/t/$tenant/inbox/{-$view}/{-$conversation}" params={{ tenant: row.id }} />
                )}
              >
                {row.name}
              </Anchor>
            ),
          },
          {
            title: t('tenants.state'),
            cell: (row) => (
              <Tag tone={row.suspended_at ? 'warn' : 'ok'}>
                {t(row.suspended_at ? 'tenants.suspended' : 'tenants.active')}
              </Tag>
            ),
          },
          { title: t('settings.zone'), isExtra: true, cell: (row) => row.time_zone },
          { title: t('settings.language'), isExtra: true, cell: (row) => row.language },
          { title: t('me.since'), isExtra: true, cell: (row) => longTime(row.created_at, t.language) },
          {
            title: t('table.actions'),
            isTitleHidden: true,
            cell: (row) => (
              <Group gap={4} justify="flex-end">
                {row.suspended_at ? (
                  <Button size="compact-sm" onClick={() => void onResume(row)}>
                    {t('tenants.resume')}
                  </Button>
                ) : (
                  <Button size="compact-sm" onClick={() => setAsked({ tenant: row, deed: 'suspend' })}>
                    {t('tenants.suspend')}
                  </Button>
                )}
                <Button
                  size="compact-sm"
                  color="danger"
                  variant="subtle"
                  onClick={() => setAsked({ tenant: row, deed: 'erase' })}
                >
                  {t('tenants.erase')}
                </Button>
              </Group>
            ),
          },
        ]}
      />
      {isMaking && <NewTenant onClose={() => setMaking(false)} onMade={refresh} />}
      {asked && (
        <Confirm
          title={t(`tenants.${asked.deed}`)}
          deed={t(`tenants.${asked.deed}`)}
          isDangerous
          {...(asked.deed === 'erase' ? { name: asked.tenant.name } : {})}
          onClose={() => setAsked(undefined)}
          onConfirm={onConfirm}
        >
          {t(`tenants.words.${asked.deed}`, { name: asked.tenant.name })}
        </Confirm>
      )}
    </Page>
  );
}

function NewTenant({ onClose, onMade }: { onClose: () => void; onMade: () => Promise<void> }) {
  const t = useT();
  const schema = v.object({
    name: v.pipe(v.string(), v.trim(), v.minLength(1, t('field.blank'))),
    language: v.string(),
    time_zone: v.string(),
  });
  const { form, failure, isSending, onSubmit } = useApiForm(
    { name: '', language: t.language as string, time_zone: browserZone() },
    schema,
    async (body) => {
      await ask(api.POST('/api/v1/tenants', { body }));
      await onMade();
      onClose();
    },
  );
  return (
    <Modal opened onClose={onClose} title={t('tenants.new')} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <form onSubmit={onSubmit}>
        <Stack gap={16}>
          <FormFailure error={failure} />
          <TextInput label={t('settings.name')} required data-autofocus {...form.getInputProps('name')} />
          <NativeSelect
            label={t('settings.language')}
            data={[
              { value: 'es', label: 'Español' },
              { value: 'pt', label: 'Português' },
              { value: 'en', label: 'English' },
            ]}
            {...form.getInputProps('language')}
          />
          <NativeSelect
            label={t('settings.zone')}
            data={[...new Set([browserZone(), ...Intl.supportedValuesOf('timeZone')])]}
            {...form.getInputProps('time_zone')}
          />
          <Group justify="flex-end" gap={8}>
            <Button onClick={onClose}>{t('action.cancel')}</Button>
            <Button type="submit" variant="filled" loading={isSending}>
              {t('tenants.make')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
