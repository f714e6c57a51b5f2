import { Menu } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { labelsQuery } from '@/api/queries';
import { useT } from '@/i18n';
import { useTenant } from '@/lib/permissions';

/** More than this nobody reads; the field narrows them. */
const SHOWN = 30;

export default function LabelItems({
  chosen,
  onToggle,
}: {
  chosen: readonly string[];
  onToggle: (label: string) => void;
}) {
  const t = useT();
  const tenant = useTenant();
  const [words, setWords] = useState('');
  const { data: labels = [], isPending } = useQuery(labelsQuery(tenant.id));
  const found = labels.filter((label) => label.name.toLowerCase().includes(words.trim().toLowerCase()));
  return (
    <>
      {labels.length > 8 && (
        <input
          type="search"
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
          onKeyDown={(event) => event.key !== 'Escape' && event.key !== 'ArrowDown' && event.stopPropagation()}
          placeholder={t('label.search')}
          aria-label={t('label.search')}
          style={{
            width: '100%',
            padding: 8,
            border: '1px solid var(--border-strong)',
            borderRadius: 8,
            background: 'var(--surface)',
            color: 'inherit',
            font: 'inherit',
          }}
        />
      )}
      {found.slice(0, SHOWN).map((label) => (
        <Menu.Item
          key={label.id}
          closeMenuOnClick={false}
          role="menuitemcheckbox"
          aria-checked={chosen.includes(label.name)}
          rightSection={chosen.includes(label.name) && <IconCheck size={16} aria-hidden />}
          onClick={() => onToggle(label.name)}
        >
          {label.name}
        </Menu.Item>
      ))}
      {!isPending && found.length === 0 && <Menu.Label>{t('label.none')}</Menu.Label>}
      {found.length > SHOWN && <Menu.Label>{t('label.more', { count: found.length - SHOWN })}</Menu.Label>}
    </>
  );
}
