import { Anchor } from '@mantine/core';
import { Link } from '@tanstack/react-router';

import { api, ask } from '@/api/client';
import { keyOf } from '@/api/queries';
import { useT } from '@/i18n';
import { longTime } from '@/lib/format';
import { useTenant } from '@/lib/permissions';
import { PagedTable } from '@/ui/data-table';
import { Section } from '@/ui/page';
import { usePaged } from '@/ui/use-paged';

/** Messages that did not arrive, with why; they are sent again from their conversation, where one sees what came after. */
export function FailedMessages() {
  const t = useT();
  const tenant = useTenant();
  const query = usePaged(keyOf(tenant.id, 'failed-messages'), (page) =>
    ask(
      api.GET('/api/v1/tenants/{tenant_id}/failed-messages', {
        params: { path: { tenant_id: tenant.id }, query: page },
      }),
    ),
  );
  return (
    <Section title={t('failed.title')} lead={t('failed.lead')}>
      <PagedTable
        label={t('failed.title')}
        query={query}
        rowKey={(row) => row.id}
        empty={t('failed.none')}
        columns={[
          {
            title: t('record.when'),
            cell: (row) => <span className="numbers">{longTime(row.sent_at, t.language)}</span>,
          },
          { title: t('failed.message'), cell: (row) => <span dir="auto">{row.body.slice(0, 120)}</span> },
          {
            title: t('failed.why'),
            cell: (row) => (
              <>
                {row.failure?.words} {row.failure?.code && <code className="mono">{row.failure.code}</code>}
              </>
            ),
          },
          {
            title: t('table.actions'),
            isTitleHidden: true,
            cell: (row) => (
              <Anchor
                renderRoot={(props) => (
                  <Link
                    {...props}
                    to="/t/$tenant/inbox/{-$view}/{-$conversation}"
                    params={{ tenant: tenant.id, view: 'all', conversation: row.conversation_id }}
                  />
                )}
              >
                {t('failed.open')}
              </Anchor>
            ),
          },
        ]}
      />
    </Section>
  );
}
