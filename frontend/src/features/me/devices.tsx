import { Button } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';

import { api, ask } from '@/api/client';
import type { Device } from '@/api/types';
import { useT } from '@/i18n';
import { longTime, relative } from '@/lib/format';
import { useNow } from '@/lib/now';
import { PagedTable } from '@/ui/data-table';
import { Section } from '@/ui/page';
import { Tag } from '@/ui/tag';
import { toast } from '@/ui/toast';
import { usePaged } from '@/ui/use-paged';

import { browserOf } from './browser-name';

const key = ['me', 'devices'];

export function Devices() {
  const t = useT();
  const now = useNow();
  const client = useQueryClient();
  const query = usePaged(key, (page) => ask(api.GET('/api/v1/me/sessions', { params: { query: page } })));
  const onRevoke = async (device: Device) => {
    try {
      await ask(api.DELETE('/api/v1/me/sessions/{session_id}', { params: { path: { session_id: device.id } } }));
      await client.invalidateQueries({ queryKey: key });
    } catch (error) {
      toast.failed(error);
    }
  };
  return (
    <Section title={t('me.devices')}>
      <PagedTable
        label={t('me.devices')}
        query={query}
        rowKey={(row) => row.id}
        empty={t('me.noDevices')}
        columns={[
          {
            title: t('me.device'),
            cell: (row) => <span title={row.user_agent}>{browserOf(row.user_agent) ?? t('me.unknownBrowser')}</span>,
          },
          { title: t('me.address'), isExtra: true, cell: (row) => <span className="mono">{row.address}</span> },
          { title: t('me.since'), isExtra: true, cell: (row) => longTime(row.created_at, t.language) },
          { title: t('team.lastSeen'), cell: (row) => relative(row.last_seen_at, t.language, now) },
          {
            title: t('table.actions'),
            isTitleHidden: true,
            cell: (row) =>
              row.is_this ? (
                <Tag tone="accent">{t('me.thisDevice')}</Tag>
              ) : (
                <Button size="compact-sm" onClick={() => void onRevoke(row)}>
                  {t('session.signOut')}
                </Button>
              ),
          },
        ]}
      />
    </Section>
  );
}
