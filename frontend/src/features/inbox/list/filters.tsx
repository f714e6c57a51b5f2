import { ActionIcon } from '@mantine/core';
import { IconFilter, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';

import { teamsQuery } from '@/api/queries';
import { useT } from '@/i18n';
import { useTenant } from '@/lib/permissions';

import { usePeople } from '../people';
import type { InboxSearch } from '../search';
import classes from './list.module.css';
import { flags, useNarrow } from './narrow';

const FilterDialog = lazy(() => import('./filter-dialog'));

export function FilterMenu({ search }: { search: InboxSearch }) {
  const t = useT();
  const [isOpen, setOpen] = useState(false);
  const isOn = flags.some((flag) => search[flag]) || search.label || search.assignee || search.team;
  return (
    <>
      <ActionIcon
        aria-label={t('list.filters')}
        title={t('list.filters')}
        aria-expanded={isOpen}
        variant={isOn ? 'light' : 'subtle'}
        color={isOn ? 'accent' : 'gray'}
        onClick={() => setOpen(!isOpen)}
      >
        <IconFilter size={18} aria-hidden />
      </ActionIcon>
      <Suspense fallback={null}>{isOpen && <FilterDialog search={search} onClose={() => setOpen(false)} />}</Suspense>
    </>
  );
}

/** What narrows the list now, each to be taken away by itself. */
export function FilterChips({ search }: { search: InboxSearch }) {
  const t = useT();
  const tenant = useTenant();
  const narrow = useNarrow();
  const { nameOf } = usePeople();
  const { data: teams = [] } = useQuery({ ...teamsQuery(tenant.id), enabled: search.team !== undefined });
  const chips: [keyof InboxSearch, string][] = flags
    .filter((flag) => search[flag])
    .map((flag) => [flag, t(`filter.${flag}`)]);
  if (search.label) chips.push(['label', search.label]);
  if (search.assignee) chips.push(['assignee', nameOf(search.assignee)]);
  if (search.team) chips.push(['team', teams.find((team) => team.id === search.team)?.name ?? t('filter.team')]);
  if (chips.length === 0) return null;
  return (
    <div className={classes.chips}>
      {chips.map(([name, words]) => (
        <button
          key={name}
          type="button"
          className={classes.chip}
          onClick={() => narrow({ [name]: undefined })}
          aria-label={t('filter.remove', { name: words })}
        >
          {words} <IconX size={14} aria-hidden />
        </button>
      ))}
    </div>
  );
}
