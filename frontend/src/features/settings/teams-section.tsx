import { Button, Checkbox, Stack, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { api, ask } from '@/api/client';
import { membersQuery, teamsQuery } from '@/api/queries';
import type { Team } from '@/api/types';
import { useT } from '@/i18n';
import { newId } from '@/lib/id';
import { useTenant } from '@/lib/permissions';
import { Table } from '@/ui/data-table';
import { Section } from '@/ui/page';
import { Failed, Loading } from '@/ui/states';

import { EditDialog, RowDeeds, useEditable } from './editable';

export function TeamsSection() {
  const t = useT();
  const tenant = useTenant();
  const query = useQuery(teamsQuery(tenant.id));
  const { data: members } = useQuery(membersQuery(tenant.id));
  const editable = useEditable<Team>(teamsQuery(tenant.id).queryKey);
  const [values, setValues] = useState({ name: '', member_ids: [] as string[] });
  const path = { tenant_id: tenant.id };
  const people = members?.items ?? [];
  const nameOf = (id: string) => {
    const person = people.find((other) => other.user_id === id);
    return person?.display_name || person?.email || t('people.somebody');
  };
  const start = (team: Team | 'new') => {
    setValues(team === 'new' ? { name: '', member_ids: [] } : { name: team.name, member_ids: team.member_ids });
    editable.edit(team);
  };
  const save = (team: Team | 'new') =>
    team === 'new'
      ? ask(
          api.POST('/api/v1/tenants/{tenant_id}/teams', {
            params: { path, header: { 'Idempotency-Key': newId() } },
            body: values,
          }),
        )
      : ask(
          api.PUT('/api/v1/tenants/{tenant_id}/teams/{team_id}', {
            params: { path: { ...path, team_id: team.id }, header: { 'If-Match': `"${team.revision}"` } },
            body: values,
          }),
        );
  const remove = (team: Team) =>
    ask(api.DELETE('/api/v1/tenants/{tenant_id}/teams/{team_id}', { params: { path: { ...path, team_id: team.id } } }));
  const toggle = (id: string) =>
    setValues({
      ...values,
      member_ids: values.member_ids.includes(id)
        ? values.member_ids.filter((other) => other !== id)
        : [...values.member_ids, id],
    });
  return (
    <Section
      title={t('settings.teams')}
      lead={t('teams.lead')}
      actions={
        <Button variant="filled" onClick={() => start('new')}>
          {t('teams.new')}
        </Button>
      }
    >
      {query.isPending && <Loading />}
      {query.isError && <Failed error={query.error} onRetry={() => void query.refetch()} />}
      {query.data && (
        <Table
          label={t('settings.teams')}
          rows={query.data}
          rowKey={(row) => row.id}
          empty={t('teams.empty')}
          columns={[
            { title: t('teams.name'), cell: (row) => row.name },
            { title: t('teams.people'), cell: (row) => row.member_ids.map(nameOf).join(', ') },
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
      <EditDialog
        editable={editable}
        title={t(editable.editing === 'new' ? 'teams.new' : 'teams.edit')}
        nameOf={(team) => team.name}
        onSave={save}
        onDelete={remove}
      >
        {(errors) => (
          <Stack gap={12}>
            <TextInput
              label={t('teams.name')}
              value={values.name}
              error={errors['name']}
              onChange={(event) => setValues({ ...values, name: event.currentTarget.value })}
              required
              data-autofocus
            />
            <Stack gap={8} role="group" aria-label={t('teams.people')}>
              {people.map((person) => (
                <Checkbox
                  key={person.user_id}
                  label={person.display_name || person.email}
                  checked={values.member_ids.includes(person.user_id)}
                  onChange={() => toggle(person.user_id)}
                />
              ))}
            </Stack>
          </Stack>
        )}
      </EditDialog>
    </Section>
  );
}
