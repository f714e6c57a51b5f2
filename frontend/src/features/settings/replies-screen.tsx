import { Button, Group, NativeSelect, Stack, Textarea, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { api, ask } from '@/api/client';
import { cannedQuery } from '@/api/queries';
import type { CannedReply } from '@/api/types';
import { languages, useT } from '@/i18n';
import { newId } from '@/lib/id';
import { useTenant } from '@/lib/permissions';
import { Table } from '@/ui/data-table';
import { Page } from '@/ui/page';
import { Failed, Loading } from '@/ui/states';

import { EditDialog, RowDeeds, useEditable } from './editable';

const VARIABLES = ['contact.name', 'contact.first_name', 'contact.phone', 'agent.name', 'business.name'];

/** Texts behind `/` in the composer. */
export function RepliesScreen() {
  const t = useT();
  const tenant = useTenant();
  const query = useQuery(cannedQuery(tenant.id));
  const editable = useEditable<CannedReply>(cannedQuery(tenant.id).queryKey);
  const canWrite = tenant.may('settings.write');
  const [values, setValues] = useState({ shortcut: '', title: '', body: '', language: t.language as string });
  const path = { tenant_id: tenant.id };
  const start = (reply: CannedReply | 'new') => {
    setValues(
      reply === 'new'
        ? { shortcut: '', title: '', body: '', language: t.language }
        : { shortcut: reply.shortcut, title: reply.title, body: reply.body, language: reply.language },
    );
    editable.edit(reply);
  };
  const save = (reply: CannedReply | 'new') =>
    reply === 'new'
      ? ask(
          api.POST('/api/v1/tenants/{tenant_id}/canned-replies', {
            params: { path, header: { 'Idempotency-Key': newId() } },
            body: values,
          }),
        )
      : ask(
          api.PUT('/api/v1/tenants/{tenant_id}/canned-replies/{canned_reply_id}', {
            params: { path: { ...path, canned_reply_id: reply.id }, header: { 'If-Match': `"${reply.revision}"` } },
            body: values,
          }),
        );
  const remove = (reply: CannedReply) =>
    ask(
      api.DELETE('/api/v1/tenants/{tenant_id}/canned-replies/{canned_reply_id}', {
        params: { path: { ...path, canned_reply_id: reply.id } },
      }),
    );
  return (
    <Page
      title={t('nav.replies')}
      actions={
        canWrite && (
          <Button variant="filled" leftSection={<IconPlus size={16} aria-hidden />} onClick={() => start('new')}>
            {t('canned.new')}
          </Button>
        )
      }
    >
      <p className="muted">{t('canned.lead')}</p>
      {query.isPending && <Loading />}
      {query.isError && <Failed error={query.error} onRetry={() => void query.refetch()} />}
      {query.data && (
        <Table
          label={t('nav.replies')}
          rows={query.data.items}
          rowKey={(row) => row.id}
          empty={t('canned.empty')}
          columns={[
            { title: t('canned.shortcut'), cell: (row) => <code>/{row.shortcut.replace(/^\//, '')}</code> },
            { title: t('canned.title'), cell: (row) => row.title },
            {
              title: t('canned.body'),
              isExtra: true,
              cell: (row) => <span style={{ whiteSpace: 'pre-wrap' }}>{row.body}</span>,
            },
            { title: t('me.language'), isExtra: true, cell: (row) => row.language },
            {
              title: t('table.actions'),
              isTitleHidden: true,
              cell: (row) =>
                canWrite && (
                  <RowDeeds name={row.title} onEdit={() => start(row)} onDelete={() => editable.remove(row)} />
                ),
            },
          ]}
        />
      )}
      <EditDialog
        editable={editable}
        title={t(editable.editing === 'new' ? 'canned.new' : 'canned.edit')}
        nameOf={(reply) => reply.title}
        onSave={save}
        onDelete={remove}
      >
        {(errors) => (
          <Stack gap={12}>
            <Group grow gap={12}>
              <TextInput
                label={t('canned.shortcut')}
                value={values.shortcut}
                error={errors['shortcut']}
                onChange={(event) => setValues({ ...values, shortcut: event.currentTarget.value })}
                required
              />
              <NativeSelect
                label={t('me.language')}
                value={values.language}
                error={errors['language']}
                data={[...languages]}
                onChange={(event) => setValues({ ...values, language: event.currentTarget.value })}
              />
            </Group>
            <TextInput
              label={t('canned.title')}
              value={values.title}
              error={errors['title']}
              onChange={(event) => setValues({ ...values, title: event.currentTarget.value })}
              required
            />
            <Textarea
              label={t('canned.body')}
              description={t('canned.variables', { names: VARIABLES.map((name) => `{{${name}}}`).join(' ') })}
              value={values.body}
              error={errors['body']}
              onChange={(event) => setValues({ ...values, body: event.currentTarget.value })}
              required
              minRows={5}
            />
          </Stack>
        )}
      </EditDialog>
    </Page>
  );
}
