import { Button, Stack, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { api, ask } from '@/api/client';
import { labelsQuery } from '@/api/queries';
import type { Label } from '@/api/types';
import { useT } from '@/i18n';
import { newId } from '@/lib/id';
import { useTenant } from '@/lib/permissions';
import { Table } from '@/ui/data-table';
import { Section } from '@/ui/page';
import { Failed, Loading } from '@/ui/states';

import { EditDialog, RowDeeds, useEditable } from './editable';
import classes from './settings.module.css';

const FIRST_COLOR = '#0f766e';
/** Thousands are possible; the field finds the one that is meant. */
const SHOWN = 200;

export function LabelsSection() {
  const t = useT();
  const tenant = useTenant();
  const query = useQuery(labelsQuery(tenant.id));
  const editable = useEditable<Label>(labelsQuery(tenant.id).queryKey);
  const [words, setWords] = useState('');
  const [values, setValues] = useState({ name: '', color: FIRST_COLOR });
  const path = { tenant_id: tenant.id };
  const start = (label: Label | 'new') => {
    setValues(label === 'new' ? { name: '', color: FIRST_COLOR } : { name: label.name, color: label.color });
    editable.edit(label);
  };
  const save = (label: Label | 'new') =>
    label === 'new'
      ? ask(
          api.POST('/api/v1/tenants/{tenant_id}/labels', {
            params: { path, header: { 'Idempotency-Key': newId() } },
            body: values,
          }),
        )
      : ask(
          api.PUT('/api/v1/tenants/{tenant_id}/labels/{label_id}', {
            params: { path: { ...path, label_id: label.id }, header: { 'If-Match': `"${label.revision}"` } },
            body: values,
          }),
        );
  const remove = (label: Label) =>
    ask(
      api.DELETE('/api/v1/tenants/{tenant_id}/labels/{label_id}', {
        params: { path: { ...path, label_id: label.id } },
      }),
    );
  const found = (query.data ?? []).filter((label) => label.name.toLowerCase().includes(words.trim().toLowerCase()));
  return (
    <Section
      title={t('settings.labels')}
      lead={t('label.lead')}
      actions={
        <Button variant="filled" onClick={() => start('new')}>
          {t('label.new')}
        </Button>
      }
    >
      {query.isPending && <Loading />}
      {query.isError && <Failed error={query.error} onRetry={() => void query.refetch()} />}
      {query.data && query.data.length > 10 && (
        <TextInput
          type="search"
          data-search
          aria-label={t('label.search')}
          placeholder={t('label.search')}
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
        />
      )}
      {query.data && (
        <Table
          label={t('settings.labels')}
          rows={found.slice(0, SHOWN)}
          rowKey={(row) => row.id}
          empty={words ? t('label.none') : t('label.empty')}
          columns={[
            {
              title: t('label.name'),
              cell: (row) => (
                <>
                  <span className={classes.swatch} style={{ background: row.color }} aria-hidden />
                  {row.name}
                </>
              ),
            },
            {
              title: t('table.actions'),
              isTitleHidden: true,
              cell: (row) => (
                <RowDeeds name={row.name} onEdit={() => start(row)} onDelete={() => editable.remove(row)} />
              ),
            },
          ]}
        />
      )}
      {found.length > SHOWN && <p className="muted">{t('label.more', { count: found.length - SHOWN })}</p>}
      <EditDialog
        editable={editable}
        title={t(editable.editing === 'new' ? 'label.new' : 'label.edit')}
        nameOf={(label) => label.name}
        onSave={save}
        onDelete={remove}
      >
        {(errors) => (
          <Stack gap={12}>
            <TextInput
              label={t('label.name')}
              value={values.name}
              error={errors['name']}
              onChange={(event) => setValues({ ...values, name: event.currentTarget.value })}
              required
              data-autofocus
            />
            <TextInput
              type="color"
              label={t('label.color')}
              value={values.color}
              error={errors['color']}
              onChange={(event) => setValues({ ...values, color: event.currentTarget.value })}
            />
          </Stack>
        )}
      </EditDialog>
    </Section>
  );
}
