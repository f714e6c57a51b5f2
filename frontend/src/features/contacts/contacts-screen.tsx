import { Anchor, Button, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';

import { api, ask } from '@/api/client';
import { keyOf } from '@/api/queries';
import { useT } from '@/i18n';
import { newId } from '@/lib/id';
import { longTime } from '@/lib/format';
import { useTenant } from '@/lib/permissions';
import { showPhone } from '@/lib/phone';
import { Confirm } from '@/ui/confirm';
import { PagedTable } from '@/ui/data-table';
import { Page } from '@/ui/page';
import { Tag } from '@/ui/tag';
import { toast } from '@/ui/toast';
import { usePaged } from '@/ui/use-paged';
import type { Suggestion } from '@/api/types';

const TYPING_MS = 250;

export function ContactsScreen({ words, tab }: { words: string | undefined; tab: 'duplicates' | undefined }) {
  const t = useT();
  const tenant = useTenant();
  return (
    <Page
      title={t('nav.contacts')}
      wide
      actions={
        <Anchor
          renderRoot={(props) => (
            <Link
              {...props}
              to="/t/$tenant/contacts/{-$contact}"
              params={{ tenant: tenant.id }}
              search={{ tab: tab ? undefined : 'duplicates' }}
            />
          )}
        >
          {t(tab ? 'contacts.all' : 'contacts.duplicates')}
        </Anchor>
      }
    >
      {tab ? <Duplicates /> : <Everybody words={words} />}
    </Page>
  );
}

function Everybody({ words }: { words: string | undefined }) {
  const t = useT();
  const tenant = useTenant();
  const navigate = useNavigate({ from: '/t/$tenant/contacts/{-$contact}' });
  const [typed, setTyped] = useState(words ?? '');
  useEffect(() => {
    const wanted = typed.trim() || undefined;
    if (wanted === words) return;
    const timer = setTimeout(
      () => void navigate({ search: { q: wanted }, params: (before) => before, replace: true }),
      TYPING_MS,
    );
    return () => clearTimeout(timer);
  }, [typed, words, navigate]);
  const query = usePaged(keyOf(tenant.id, 'contacts', words ?? ''), (page) =>
    ask(
      api.GET('/api/v1/tenants/{tenant_id}/contacts', {
        params: { path: { tenant_id: tenant.id }, query: { ...page, ...(words ? { q: words } : {}) } },
      }),
    ),
  );
  return (
    <>
      <TextInput
        data-search
        type="search"
        aria-label={t('contacts.search')}
        placeholder={t('contacts.search')}
        leftSection={<IconSearch size={16} aria-hidden />}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        maw={420}
      />
      <PagedTable
        label={t('nav.contacts')}
        query={query}
        rowKey={(row) => row.id}
        empty={words ? t('contacts.noMatch') : t('contacts.empty')}
        columns={[
          {
            title: t('contact.name'),
            cell: (row) => (
              <Anchor
                renderRoot={(props) => (
                  <Link
                    {...props}
                    to="/t/$tenant/contacts/{-$contact}"
                    params={{ tenant: tenant.id, contact: row.id }}
                  />
                )}
              >
                <bdi>{row.name || showPhone(row.phone) || t('contact.unknown')}</bdi>
              </Anchor>
            ),
          },
          { title: t('contact.phone'), cell: (row) => <span className="numbers">{showPhone(row.phone)}</span> },
          {
            title: t('contact.consent'),
            isExtra: true,
            cell: (row) =>
              row.blocked_at ? (
                <Tag tone="danger">{t('contact.blocked')}</Tag>
              ) : row.opted_out_at ? (
                <Tag tone="warn">{t('contact.optedOut')}</Tag>
              ) : null,
          },
          { title: t('contact.firstSeen'), isExtra: true, cell: (row) => longTime(row.created_at, t.language) },
        ]}
      />
    </>
  );
}

function Duplicates() {
  const t = useT();
  const tenant = useTenant();
  const client = useQueryClient();
  const [merging, setMerging] = useState<Suggestion>();
  const key = keyOf(tenant.id, 'merge-suggestions');
  const query = usePaged(key, (page) =>
    ask(
      api.GET('/api/v1/tenants/{tenant_id}/contact-merge-suggestions', {
        params: { path: { tenant_id: tenant.id }, query: page },
      }),
    ),
  );
  const refresh = () => client.invalidateQueries({ queryKey: key });
  const onDismiss = async (row: Suggestion) => {
    try {
      await ask(
        api.DELETE('/api/v1/tenants/{tenant_id}/contact-merge-suggestions/{contact_id}/{other_id}', {
          params: { path: { tenant_id: tenant.id, contact_id: row.contact_id, other_id: row.other_id } },
        }),
      );
      await refresh();
    } catch (error) {
      toast.failed(error);
    }
  };
  const onMerge = async (row: Suggestion) => {
    await ask(
      api.POST('/api/v1/tenants/{tenant_id}/contacts/{contact_id}/merge', {
        params: { path: { tenant_id: tenant.id, contact_id: row.contact_id }, header: { 'Idempotency-Key': newId() } },
        body: { other_id: row.other_id },
      }),
    );
    toast.done(t('contacts.merged'));
    await refresh();
  };
  return (
    <>
      <p className="muted">{t('contacts.duplicatesLead')}</p>
      <PagedTable
        label={t('contacts.duplicates')}
        query={query}
        rowKey={(row) => `${row.contact_id}/${row.other_id}`}
        empty={t('contacts.noDuplicates')}
        columns={[
          { title: t('contacts.one'), cell: (row) => <bdi>{row.contact_name || t('contact.unknown')}</bdi> },
          { title: t('contacts.other'), cell: (row) => <bdi>{row.other_name || t('contact.unknown')}</bdi> },
          { title: t('contacts.reason'), isExtra: true, cell: (row) => row.reason },
          {
            title: t('table.actions'),
            isTitleHidden: true,
            cell: (row) =>
              tenant.may('contacts.write') && (
                <>
                  <Button size="compact-sm" onClick={() => setMerging(row)}>
                    {t('contacts.merge')}
                  </Button>{' '}
                  <Button size="compact-sm" variant="subtle" onClick={() => void onDismiss(row)}>
                    {t('contacts.areTwo')}
                  </Button>
                </>
              ),
          },
        ]}
      />
      {merging && (
        <Confirm
          title={t('contacts.merge')}
          deed={t('contacts.merge')}
          isDangerous
          onClose={() => setMerging(undefined)}
          onConfirm={() => onMerge(merging)}
        >
          {t('contacts.mergeWords', { one: merging.contact_name, other: merging.other_name })}
        </Confirm>
      )}
    </>
  );
}
