import { Button, NativeSelect } from '@mantine/core';
import { IconUserPlus } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { api, ask } from '@/api/client';
import { keyOf } from '@/api/queries';
import type { Invitation, Member, Role } from '@/api/types';
import { useMe } from '@/features/session/session';
import { useT } from '@/i18n';
import { etagOf } from '@/lib/etag';
import { longTime, relative } from '@/lib/format';
import { useNow } from '@/lib/now';
import { useTenant } from '@/lib/permissions';
import { Confirm } from '@/ui/confirm';
import { PagedTable } from '@/ui/data-table';
import { Page, Section } from '@/ui/page';
import { Tag } from '@/ui/tag';
import { toast } from '@/ui/toast';
import { usePaged } from '@/ui/use-paged';

import { InviteDialog } from './invite-dialog';
import { RoleMatrix } from './role-matrix';
import { roles } from './roles';

export function TeamScreen() {
  const t = useT();
  const [isInviting, setInviting] = useState(false);
  return (
    <Page
      title={t('nav.team')}
      actions={
        <Button variant="filled" leftSection={<IconUserPlus size={16} aria-hidden />} onClick={() => setInviting(true)}>
          {t('team.invite')}
        </Button>
      }
    >
      <Members />
      <Invitations />
      <RoleMatrix />
      {isInviting && <InviteDialog onClose={() => setInviting(false)} />}
    </Page>
  );
}

function Members() {
  const t = useT();
  const me = useMe();
  const now = useNow();
  const tenant = useTenant();
  const client = useQueryClient();
  const [removing, setRemoving] = useState<Member>();
  const query = usePaged(keyOf(tenant.id, 'members', 'paged'), (page) =>
    ask(api.GET('/api/v1/tenants/{tenant_id}/members', { params: { path: { tenant_id: tenant.id }, query: page } })),
  );
  const refresh = () => client.invalidateQueries({ queryKey: keyOf(tenant.id, 'members') });
  const path = (member: Member) => ({ params: { path: { tenant_id: tenant.id, user_id: member.user_id } } });
  const change = async (member: Member, role: Role) => {
    try {
      await ask(
        api.PATCH('/api/v1/tenants/{tenant_id}/members/{user_id}', {
          params: { ...path(member).params, header: { 'If-Match': etagOf(member.updated_at) } },
          body: { role },
        }),
      );
      toast.done(t('team.roleChanged', { name: member.display_name || member.email, role: t(`role.${role}`) }));
    } catch (error) {
      toast.failed(error);
    }
    await refresh();
  };
  const onRemove = async (member: Member) => {
    await ask(api.DELETE('/api/v1/tenants/{tenant_id}/members/{user_id}', path(member)));
    await refresh();
  };
  return (
    <Section title={t('team.people')}>
      <PagedTable
        label={t('team.people')}
        query={query}
        rowKey={(row) => row.user_id}
        empty={t('team.empty')}
        columns={[
          {
            title: t('team.person'),
            cell: (row) => (
              <>
                <div>{row.display_name || row.email}</div>
                <div className="muted">{row.email}</div>
              </>
            ),
          },
          {
            title: t('team.role'),
            cell: (row) => (
              <NativeSelect
                aria-label={t('team.roleOf', { name: row.display_name || row.email })}
                value={row.role}
                disabled={!tenant.may('members.write')}
                data={roles.map((role) => ({ value: role, label: t(`role.${role}`) }))}
                onChange={(event) => void change(row, event.currentTarget.value as Role)}
              />
            ),
          },
          {
            title: t('team.lastSeen'),
            isExtra: true,
            cell: (row) =>
              row.is_disabled ? (
                <Tag tone="danger">{t('team.disabled')}</Tag>
              ) : row.last_seen_at ? (
                relative(row.last_seen_at, t.language, now)
              ) : (
                '—'
              ),
          },
          {
            title: t('team.secondFactor'),
            isExtra: true,
            cell: (row) => (
              <Tag tone={row.has_second_factor ? 'ok' : 'plain'}>
                {t(row.has_second_factor ? 'team.yes' : 'team.no')}
              </Tag>
            ),
          },
          {
            title: t('table.actions'),
            isTitleHidden: true,
            cell: (row) =>
              row.user_id !== me.id && (
                <Button size="compact-sm" onClick={() => setRemoving(row)} disabled={!tenant.may('members.write')}>
                  {t('team.remove')}
                </Button>
              ),
          },
        ]}
      />
      {removing && (
        <Confirm
          title={t('team.remove')}
          deed={t('team.remove')}
          isDangerous
          onClose={() => setRemoving(undefined)}
          onConfirm={() => onRemove(removing)}
        >
          {t('team.removeWords', { name: removing.display_name || removing.email })}
        </Confirm>
      )}
    </Section>
  );
}

function Invitations() {
  const t = useT();
  const tenant = useTenant();
  const client = useQueryClient();
  const key = keyOf(tenant.id, 'invitations');
  const query = usePaged(key, (page) =>
    ask(
      api.GET('/api/v1/tenants/{tenant_id}/invitations', { params: { path: { tenant_id: tenant.id }, query: page } }),
    ),
  );
  const onRevoke = async (row: Invitation) => {
    try {
      await ask(
        api.DELETE('/api/v1/tenants/{tenant_id}/invitations/{invitation_id}', {
          params: { path: { tenant_id: tenant.id, invitation_id: row.id } },
        }),
      );
      await client.invalidateQueries({ queryKey: key });
    } catch (error) {
      toast.failed(error);
    }
  };
  return (
    <Section title={t('team.invitations')}>
      <PagedTable
        label={t('team.invitations')}
        query={query}
        rowKey={(row) => row.id}
        empty={t('team.noInvitations')}
        columns={[
          { title: t('session.email'), cell: (row) => row.email },
          { title: t('team.role'), cell: (row) => t(`role.${row.role}`) },
          { title: t('team.validUntil'), isExtra: true, cell: (row) => longTime(row.expires_at, t.language) },
          {
            title: t('table.actions'),
            isTitleHidden: true,
            cell: (row) => (
              <Button size="compact-sm" onClick={() => void onRevoke(row)} disabled={!tenant.may('members.write')}>
                {t('team.revokeInvitation')}
              </Button>
            ),
          },
        ]}
      />
    </Section>
  );
}
