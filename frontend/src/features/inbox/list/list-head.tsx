import { TextInput } from '@mantine/core';
import { IconSearch, IconX } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';

import type { View } from '@/api/queries';
import type { Counts } from '@/api/types';
import { useT } from '@/i18n';
import { useTenant } from '@/lib/permissions';

import type { InboxSearch } from '../search';
import { FilterMenu, FilterChips } from './filters';
import classes from './list.module.css';

const TYPING_MS = 250;

interface Props {
  view: View;
  views: readonly View[];
  counts: Counts | undefined;
  search: InboxSearch;
}

export function ListHead({ view, views, counts, search }: Props) {
  const t = useT();
  const tenant = useTenant();
  return (
    <div className={classes.head}>
      <h1 className="hidden">{t('nav.inbox')}</h1>
      <div className={classes.line}>
        <SearchField words={search.q} />
        <FilterMenu search={search} />
      </div>
      <FilterChips search={search} />
      <nav className={classes.views} aria-label={t('list.views')}>
        {views.map((other) => (
          <Link
            key={other}
            className={classes.view}
            to="/t/$tenant/inbox/{-$view}/{-$conversation}"
            params={{ tenant: tenant.id, view: other, conversation: undefined }}
            search={(before) => ({ ...before, at: undefined })}
            aria-current={other === view ? 'page' : undefined}
            activeProps={{}}
            preload={false}
          >
            {t(`view.${other}`)}
            {counts && <span className={classes.count}>{counts[other] >= 1000 ? '999+' : counts[other]}</span>}
          </Link>
        ))}
      </nav>
    </div>
  );
}

/** Name, digits of the number, or words of what was said. */
function SearchField({ words }: { words: string | undefined }) {
  const t = useT();
  const navigate = useNavigate({ from: '/t/$tenant/inbox/{-$view}/{-$conversation}' });
  const [typed, setTyped] = useState(words ?? '');
  useEffect(() => {
    const wanted = typed.trim() || undefined;
    if (wanted === words) return;
    const timer = setTimeout(
      () =>
        void navigate({ search: (before) => ({ ...before, q: wanted }), params: (before) => before, replace: true }),
      TYPING_MS,
    );
    return () => clearTimeout(timer);
  }, [typed, words, navigate]);
  return (
    <TextInput
      data-search
      type="search"
      aria-label={t('list.search')}
      placeholder={t('list.search')}
      leftSection={<IconSearch size={16} aria-hidden />}
      rightSectionPointerEvents="all"
      rightSection={
        typed && (
          <button
            type="button"
            onClick={() => setTyped('')}
            aria-label={t('list.clearSearch')}
            style={{ all: 'unset', cursor: 'pointer', padding: 6, display: 'flex' }}
          >
            <IconX size={14} aria-hidden />
          </button>
        )
      }
      value={typed}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
    />
  );
}
