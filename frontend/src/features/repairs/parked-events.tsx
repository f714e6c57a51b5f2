import { Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import type { EventGroup } from '@/api/types';
import { useT } from '@/i18n';
import { longTime, relative } from '@/lib/format';
import { useNow } from '@/lib/now';
import { PagedTable, Table } from '@/ui/data-table';
import { Section } from '@/ui/page';
import { Failed, Loading } from '@/ui/states';
import { toast } from '@/ui/toast';
import { usePaged } from '@/ui/use-paged';

import { EventDialog } from './event-dialog';
import type { ParkedSource } from './parked-source';
import { ReplayDialog } from './replay-dialog';

/** Webhooks that could not be used: grouped by their cause, each group mended and sent through again as one. */
export function ParkedEvents({ source }: { source: ParkedSource }) {
  const t = useT();
  const now = useNow();
  const [group, setGroup] = useState<EventGroup>();
  const [replaying, setReplaying] = useState<{ reason?: string; provider?: string }>();
  const groups = useQuery({ queryKey: [...source.key, 'groups'], queryFn: source.groups });
  return (
    <>
      <Section
        title={t('parked.groups')}
        lead={t('parked.lead')}
        actions={
          source.canRepair &&
          (groups.data?.length ?? 0) > 1 && <Button onClick={() => setReplaying({})}>{t('parked.replayAll')}</Button>
        }
      >
        {groups.isPending && <Loading rows={3} />}
        {groups.isError && <Failed error={groups.error} onRetry={() => void groups.refetch()} />}
        {groups.data && (
          <Table
            label={t('parked.groups')}
            rows={groups.data}
            rowKey={(row) => `${row.provider}/${row.reason}`}
            empty={t('parked.none')}
            columns={[
              { title: t('parked.reason'), cell: (row) => <code className="mono">{row.reason}</code> },
              { title: t('parked.provider'), cell: (row) => row.provider },
              { title: t('parked.count'), cell: (row) => <span className="numbers">{row.count}</span> },
              { title: t('parked.first'), isExtra: true, cell: (row) => longTime(row.first_received_at, t.language) },
              {
                title: t('parked.last'),
                isExtra: true,
                cell: (row) => relative(row.last_received_at, t.language, now),
              },
              {
                title: t('table.actions'),
                isTitleHidden: true,
                cell: (row) => (
                  <>
                    <Button size="compact-sm" onClick={() => setGroup(row)}>
                      {t('parked.open')}
                    </Button>{' '}
                    {source.canRepair && (
                      <Button
                        size="compact-sm"
                        onClick={() => setReplaying({ reason: row.reason, provider: row.provider })}
                      >
                        {t('parked.replayGroup')}
                      </Button>
                    )}
                  </>
                ),
              },
            ]}
          />
        )}
      </Section>
      {group && <Group key={`${group.provider}/${group.reason}`} source={source} group={group} />}
      {replaying && <ReplayDialog source={source} filter={replaying} onClose={() => setReplaying(undefined)} />}
    </>
  );
}

function Group({ source, group }: { source: ParkedSource; group: EventGroup }) {
  const t = useT();
  const client = useQueryClient();
  const [open, setOpen] = useState<number>();
  const query = usePaged([...source.key, 'list', group.provider, group.reason], (page) =>
    source.list({ ...page, reason: group.reason, provider: group.provider }),
  );
  const onReplay = async (id: number) => {
    try {
      await source.replay(id);
      toast.done(t('parked.replayedOne'));
      await client.invalidateQueries({ queryKey: source.key });
    } catch (error) {
      toast.failed(error);
    }
  };
  return (
    <Section title={`${group.reason} · ${group.provider}`}>
      <PagedTable
        label={t('parked.events')}
        query={query}
        rowKey={(row) => String(row.id)}
        empty={t('parked.none')}
        columns={[
          {
            title: t('parked.received'),
            cell: (row) => <span className="numbers">{longTime(row.received_at, t.language)}</span>,
          },
          { title: t('parked.eventId'), isExtra: true, cell: (row) => <code className="mono">{row.event_id}</code> },
          { title: t('parked.attempts'), cell: (row) => row.attempts },
          {
            title: t('table.actions'),
            isTitleHidden: true,
            cell: (row) =>
              source.canRepair && (
                <>
                  <Button size="compact-sm" onClick={() => setOpen(row.id)}>
                    {t('parked.look')}
                  </Button>{' '}
                  <Button size="compact-sm" onClick={() => void onReplay(row.id)}>
                    {t('action.retry')}
                  </Button>
                </>
              ),
          },
        ]}
      />
      {open !== undefined && <EventDialog source={source} id={open} onClose={() => setOpen(undefined)} />}
    </Section>
  );
}
