import { Button } from '@mantine/core';
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import { useT } from '@/i18n';

import classes from './data-table.module.css';
import { Empty, Failed, Loading } from './states';

export interface Column<Row> {
  title: string;
  cell: (row: Row) => ReactNode;
  /** Left out on a phone. */
  isExtra?: boolean;
  isTitleHidden?: boolean;
}

interface Props<Row> {
  label: string;
  columns: Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  empty: ReactNode;
}

export function Table<Row>({ label, columns, rows, rowKey, empty }: Props<Row>) {
  if (rows.length === 0) return typeof empty === 'string' ? <Empty title={empty} /> : empty;
  return (
    // Wide rows scroll in here, not the page; focusable, so that the arrow keys do it too.
    // eslint-disable-next-line jsx-a11y-x/no-noninteractive-tabindex
    <div className={classes.frame} role="region" aria-label={label} tabIndex={0}>
      <table className={classes.table}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.title} scope="col" className={column.isExtra ? classes.extra : undefined}>
                {column.isTitleHidden ? <span className="hidden">{column.title}</span> : column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)}>
              {columns.map((column) => (
                <td key={column.title} className={column.isExtra ? classes.extra : undefined}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

type Paged<Row> = UseInfiniteQueryResult<InfiniteData<{ items: Row[]; next_cursor?: string | null }>>;

/** A table that the API gives page by page, with its three other states. */
export function PagedTable<Row>({ query, ...props }: Omit<Props<Row>, 'rows'> & { query: Paged<Row> }) {
  const t = useT();
  if (query.isPending) return <Loading />;
  if (query.isError && !query.data) return <Failed error={query.error} onRetry={() => void query.refetch()} />;
  const rows = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <Table {...props} rows={rows} />
      {query.hasNextPage && (
        <Button onClick={() => void query.fetchNextPage()} loading={query.isFetchingNextPage} className={classes.more}>
          {t('action.more')}
        </Button>
      )}
    </>
  );
}
