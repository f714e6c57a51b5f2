import { Button, Group } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { api, ask } from '@/api/client';
import type { Account } from '@/api/types';
import { useMe } from '@/features/session/session';
import { useT } from '@/i18n';
import { etagOf } from '@/lib/etag';
import { longTime } from '@/lib/format';
import { Confirm } from '@/ui/confirm';
import { PagedTable } from '@/ui/data-table';
import { Page } from '@/ui/page';
import { Tag } from '@/ui/tag';
import { usePaged } from '@/ui/use-paged';

const key = ['ops', 'users'];

/** Everybody who may sign in to this installation. */
export function UsersScreen() {
  const t = useT();
  const me = useMe();
  const client = useQueryClient();
  const [asked, setAsked] = useState<{ account: Account; change: 'disable' | 'enable' | 'promote' | 'demote' }>();
  const query = usePaged(key, (page) => ask(api.GET('/api/v1/users', { params: { query: page } })));
  const onChange = async () => {
    if (!asked) return;
    const body = {
      disable: { is_disabled: true },
      enable: { is_disabled: false },
      promote: { is_superadmin: true },
      demote: { is_superadmin: false },
    }[asked.change];
    await ask(
      api.PATCH('/api/v1/users/{user_id}', {
        params: { path: { user_id: asked.account.id }, header: { 'If-Match': etagOf(asked.account.updated_at) } },
        body,
      }),
    );
    await client.invalidateQueries({ queryKey: key });
  };
  return (
    <Page title={t('nav.users')} wide>
      <PagedTable
        label={t('nav.users')}
        query={query}
        rowKey={(row) => row.id}
        empty={t('users.empty')}
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
            title: t('users.state'),
            cell: (row) => (
              <Group gap={4}>
                {row.is_superadmin && <Tag tone="accent">{t('role.superadmin')}</Tag>}
                {row.disabled_at && <Tag tone="danger">{t('team.disabled')}</Tag>}
                {row.has_second_factor && <Tag tone="ok">{t('team.secondFactor')}</Tag>}
              </Group>
            ),
          },
          { title: t('me.since'), isExtra: true, cell: (row) => longTime(row.created_at, t.language) },
          {
            title: t('table.actions'),
            isTitleHidden: true,
            cell: (row) =>
              row.id !== me.id && (
                <Group gap={4} justify="flex-end">
                  <Button
                    size="compact-sm"
                    onClick={() => setAsked({ account: row, change: row.disabled_at ? 'enable' : 'disable' })}
                  >
                    {t(row.disabled_at ? 'users.enable' : 'users.disable')}
                  </Button>
                  <Button
                    size="compact-sm"
                    onClick={() => setAsked({ account: row, change: row.is_superadmin ? 'demote' : 'promote' })}
                  >
                    {t(row.is_superadmin ? 'users.demote' : 'users.promote')}
                  </Button>
                </Group>
              ),
          },
        ]}
      />
      {asked && (
        <Confirm
          title={t(`users.${asked.change}`)}
          deed={t(`users.${asked.change}`)}
          isDangerous={asked.change !== 'enable'}
          onClose={() => setAsked(undefined)}
          onConfirm={onChange}
        >
          {t(`users.words.${asked.change}`, { name: asked.account.display_name || asked.account.email })}
        </Confirm>
      )}
    </Page>
  );
}
