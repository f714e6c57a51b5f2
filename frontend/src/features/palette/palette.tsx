import { Modal } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useId, useState } from 'react';

import { api, ask } from '@/api/client';
import { keyOf } from '@/api/queries';
import { opsPlaces, placesFor } from '@/app/shell/navigation';
import { useMay } from '@/app/shell/use-may';
import { useMe } from '@/features/session/session';
import { useT } from '@/i18n';
import { showPhone } from '@/lib/phone';

import { useDebounced } from './use-debounced';
import classes from './palette.module.css';

interface Choice {
  id: string;
  group: string;
  label: string;
  hint?: string;
  run: () => void;
}

/** Goes anywhere: a screen, a business, a contact by name or the last digits of the number. */
export default function Palette({ tenant, onClose }: { tenant: string | undefined; onClose: () => void }) {
  const t = useT();
  const listId = useId();
  const [words, setWords] = useState('');
  const [active, setActive] = useState(0);
  const choices = useChoices(tenant, words, onClose);
  const at = Math.min(active, choices.length - 1);
  const onKeyDown = (event: React.KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0 && choices.length > 0) setActive((at + step + choices.length) % choices.length);
    else if (event.key === 'Enter') choices[at]?.run();
    else return;
    event.preventDefault();
  };
  return (
    <Modal
      opened
      onClose={onClose}
      withCloseButton={false}
      padding={0}
      size="lg"
      yOffset="10vh"
      centered={false}
      title={undefined}
      aria-label={t('shell.search')}
    >
      <input
        className={classes.field}
        value={words}
        onChange={(event) => {
          setWords(event.currentTarget.value);
          setActive(0);
        }}
        onKeyDown={onKeyDown}
        placeholder={t('palette.placeholder')}
        aria-label={t('shell.search')}
        role="combobox"
        aria-expanded
        aria-controls={listId}
        aria-activedescendant={choices[at] ? `${listId}-${at}` : undefined}
        data-autofocus
      />
      <div role="listbox" id={listId} aria-label={t('palette.results')} className={classes.list}>
        {choices.map((choice, index) => (
          // The field keeps the focus; its own keys choose.
          // eslint-disable-next-line jsx-a11y-x/click-events-have-key-events, jsx-a11y-x/interactive-supports-focus
          <div
            key={choice.id}
            id={`${listId}-${index}`}
            role="option"
            aria-selected={index === at}
            className={classes.choice}
            onClick={choice.run}
          >
            <span>
              <bdi>{choice.label}</bdi>
            </span>
            <span className="muted">{choice.hint ?? choice.group}</span>
          </div>
        ))}
      </div>
      {choices.length === 0 && <p className={classes.none}>{t('palette.none')}</p>}
    </Modal>
  );
}

/** Without marks: who types "metricas" means "Métricas". */
const plain = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

function useChoices(tenant: string | undefined, words: string, onClose: () => void): Choice[] {
  const t = useT();
  const me = useMe();
  const may = useMay(tenant);
  const navigate = useNavigate();
  const sought = useDebounced(words.trim(), 200);
  const go = (to: string, params: Record<string, string | undefined>) => () => {
    onClose();
    void navigate({ to, params: params as never });
  };
  const { data: contacts } = useQuery({
    queryKey: keyOf(tenant ?? '', 'contacts', 'palette', sought),
    queryFn: () =>
      ask(
        api.GET('/api/v1/tenants/{tenant_id}/contacts', {
          params: { path: { tenant_id: tenant ?? '' }, query: { q: sought, limit: 6 } },
        }),
      ),
    enabled: tenant !== undefined && sought.length >= 2 && may?.('contacts.read') === true,
  });
  const screens = [
    ...(tenant ? placesFor(may).map((place) => ({ ...place, params: { tenant } as Record<string, string> })) : []),
    ...(me.is_superadmin ? opsPlaces.map((place) => ({ ...place, params: {} })) : []),
  ].map((place): Choice => ({
    id: place.to,
    group: t('palette.screen'),
    label: t(place.label),
    hint: `g ${place.key}`,
    run: go(place.to, place.params),
  }));
  const mine: Choice = { id: '/me', group: t('palette.screen'), label: t('nav.me'), run: go('/me', {}) };
  const businesses = me.tenants
    .filter((other) => other.id !== tenant)
    .map((other): Choice => ({
      id: other.id,
      group: t('palette.tenant'),
      label: other.name,
      run: go('/t/$tenant/inbox/{-$view}/{-$conversation}', { tenant: other.id }),
    }));
  // Those found for other words would take the Enter that is meant for what is typed now.
  const isCurrent = sought === words.trim();
  const people = (isCurrent ? (contacts?.items ?? []) : []).map((contact): Choice => ({
    id: contact.id,
    group: t('palette.contact'),
    label: contact.name || t('contact.unknown'),
    hint: showPhone(contact.phone),
    run: go('/t/$tenant/contacts/{-$contact}', { tenant, contact: contact.id }),
  }));
  const fits = (choice: Choice) => plain(choice.label).includes(plain(words.trim()));
  return [...people, ...[...screens, mine, ...businesses].filter(fits)];
}
