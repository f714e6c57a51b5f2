import type { ComponentProps } from 'react';

import type { SystemEvent } from '@/api/types';
import { useT } from '@/i18n';
import { longTime } from '@/lib/format';
import { PagedTable } from '@/ui/data-table';
import { Tag, type Tone } from '@/ui/tag';

import { Details } from './details';

const tones: Record<string, Tone> = {
  error: 'danger',
  critical: 'danger',
  warning: 'warn',
  warn: 'warn',
  info: 'info',
};

export function EventsTable({ query }: { query: ComponentProps<typeof PagedTable<SystemEvent>>['query'] }) {
  const t = useT();
  return (
    <PagedTable
      label={t('record.events')}
      query={query}
      rowKey={(row) => row.id}
      empty={t('record.noEvents')}
      columns={[
        {
          title: t('record.when'),
          cell: (row) => <span className="numbers">{longTime(row.occurred_at, t.language)}</span>,
        },
        { title: t('record.severity'), cell: (row) => <Tag tone={tones[row.severity] ?? 'plain'}>{row.severity}</Tag> },
        { title: t('record.what'), cell: (row) => <code className="mono">{row.kind}</code> },
        {
          title: t('record.details'),
          isTitleHidden: true,
          cell: (row) => Object.keys(row.detail).length > 0 && <Details value={row.detail} />,
        },
      ]}
    />
  );
}
