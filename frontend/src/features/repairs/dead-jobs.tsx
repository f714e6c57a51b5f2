import { Button, Group } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { api, ask } from '@/api/client';
import { keyOf } from '@/api/queries';
import type { DeadJob } from '@/api/types';
import { useT } from '@/i18n';
import { longTime } from '@/lib/format';
import { useTenant } from '@/lib/permissions';
import { Confirm } from '@/ui/confirm';
import { PagedTable } from '@/ui/data-table';
import { Section } from '@/ui/page';
import { toast } from '@/ui/toast';
import { usePaged } from '@/ui/use-paged';

/** Work that was given up: tried again, or given up for good with a reason. */
export function DeadJobs() {
  const t = useT();
  const tenant = useTenant();
  const client = useQueryClient();
  const key = keyOf(tenant.id, 'dead-jobs');
  const [asked, setAsked] = useState<DeadJob | 'all'>();
  const canRepair = tenant.may('settings.write');
  const query = usePaged(key, (page) =>
    ask(api.GET('/api/v1/tenants/{tenant_id}/dead-jobs', { params: { path: { tenant_id: tenant.id }, query: page } })),
  );
  const refresh = () => client.invalidateQueries({ queryKey: key });
  const path = (job: DeadJob) => ({ params: { path: { tenant_id: tenant.id, job_id: job.id } } });
  const onRetry = async (job: DeadJob) => {
    try {
      await ask(api.POST('/api/v1/tenants/{tenant_id}/dead-jobs/{job_id}/retry', path(job)));
      toast.done(t('jobs.retried', { count: 1 }));
      await refresh();
    } catch (error) {
      toast.failed(error);
    }
  };
  const onConfirm = async (reason: string) => {
    if (asked === 'all') {
      const { retried } = await ask(
        api.POST('/api/v1/tenants/{tenant_id}/dead-jobs/retry', {
          params: { path: { tenant_id: tenant.id } },
          body: {},
        }),
      );
      toast.done(t('jobs.retried', { count: retried }));
    } else if (asked) {
      await ask(
        api.POST('/api/v1/tenants/{tenant_id}/dead-jobs/{job_id}/discard', { ...path(asked), body: { reason } }),
      );
    }
    await refresh();
  };
  const loaded = query.data?.pages.flatMap((page) => page.items).length ?? 0;
  return (
    <Section
      title={t('jobs.title')}
      lead={t('jobs.lead')}
      actions={canRepair && loaded > 1 && <Button onClick={() => setAsked('all')}>{t('jobs.retryAll')}</Button>}
    >
      <PagedTable
        label={t('jobs.title')}
        query={query}
        rowKey={(row) => row.id}
        empty={t('jobs.none')}
        columns={[
          { title: t('jobs.kind'), cell: (row) => <code className="mono">{row.kind}</code> },
          { title: t('jobs.error'), cell: (row) => row.last_error ?? '—' },
          { title: t('parked.attempts'), isExtra: true, cell: (row) => row.attempts },
          { title: t('jobs.since'), isExtra: true, cell: (row) => longTime(row.finished_at, t.language) },
          {
            title: t('table.actions'),
            isTitleHidden: true,
            cell: (row) =>
              canRepair && (
                <Group gap={4} justify="flex-end">
                  <Button size="compact-sm" onClick={() => void onRetry(row)}>
                    {t('action.retry')}
                  </Button>
                  <Button size="compact-sm" variant="subtle" onClick={() => setAsked(row)}>
                    {t('action.discard')}
                  </Button>
                </Group>
              ),
          },
        ]}
      />
      {asked && (
        <Confirm
          title={t(asked === 'all' ? 'jobs.retryAll' : 'jobs.discard')}
          deed={t(asked === 'all' ? 'jobs.retryAll' : 'action.discard')}
          isDangerous={asked !== 'all'}
          asksReason={asked !== 'all'}
          onClose={() => setAsked(undefined)}
          onConfirm={onConfirm}
        >
          {asked === 'all' ? t('jobs.retryAllWords') : t('jobs.discardWords', { kind: asked.kind })}
        </Confirm>
      )}
    </Section>
  );
}
