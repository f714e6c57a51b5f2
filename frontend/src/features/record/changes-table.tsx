import type { ComponentProps } from 'react';

import type { RecordedChange } from '@/api/types';
import { useT } from '@/i18n';
import { longTime } from '@/lib/format';
import { PagedTable } from '@/ui/data-table';

import { Details } from './details';

export function ChangesTable({ query }: { query: ComponentProps<typeof PagedTable<RecordedChange>>['query'] }) {
  const t = useT();
  return (
    <PagedTable
      label={t('record.changes')}
      query={query}
      rowKey={(row) => row.id}
      empty={t('record.noChanges')}
      columns={[
        { title: t('record.when'), cell: (row) => <span className="numbers">{longTime(row.at, t.language)}</span> },
        { title: t('record.what'), cell: (row) => <code className="mono">{row.action}</code> },
        {
          title: t('record.who'),
          isExtra: true,
          cell: (row) => (
            <>
              {row.actor_kind} <span className="mono muted">{row.actor_id?.slice(0, 8)}</span>
            </>
          ),
        },
        {
          title: t('record.object'),
          isExtra: true,
          cell: (row) => (
            <>
              {row.object_kind} <span className="mono muted">{row.object_id?.slice(0, 8)}</span>
            </>
          ),
        },
        {
          title: t('record.details'),
          isTitleHidden: true,
          cell: (row) =>
            (row.before != null || row.after != null) && (
              <Details value={{ before: row.before ?? null, after: row.after ?? null }} />
            ),
        },
      ]}
    />
  );
}
