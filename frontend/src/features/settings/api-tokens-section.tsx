import { Button, Checkbox, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import * as v from 'valibot';

import { api, ask } from '@/api/client';
import { keyOf } from '@/api/queries';
import { permissions } from '@/api/permissions';
import type { ApiToken, Permission } from '@/api/types';
import { useT } from '@/i18n';
import { longTime } from '@/lib/format';
import { useTenant } from '@/lib/permissions';
import { Confirm } from '@/ui/confirm';
import { CopyText } from '@/ui/copy-text';
import { PagedTable } from '@/ui/data-table';
import { Section } from '@/ui/page';
import { FormFailure } from '@/ui/states';
import { useApiForm } from '@/ui/use-api-form';
import { usePaged } from '@/ui/use-paged';

/** Keys for programs. A key is shown once, when it is made. */
export function ApiTokensSection() {
  const t = useT();
  const tenant = useTenant();
  const client = useQueryClient();
  const key = keyOf(tenant.id, 'api-tokens');
  const [isMaking, setMaking] = useState(false);
  const [revoking, setRevoking] = useState<ApiToken>();
  const query = usePaged(key, (page) =>
    ask(api.GET('/api/v1/tenants/{tenant_id}/api-tokens', { params: { path: { tenant_id: tenant.id }, query: page } })),
  );
  const refresh = () => client.invalidateQueries({ queryKey: key });
  const onRevoke = async (token: ApiToken) => {
    await ask(
      api.DELETE('/api/v1/tenants/{tenant_id}/api-tokens/{api_token_id}', {
        params: { path: { tenant_id: tenant.id, api_token_id: token.id } },
      }),
    );
    await refresh();
  };
  return (
    <Section
      title={t('settings.tokens')}
      lead={t('tokens.lead')}
      actions={
        tenant.may('api_tokens.write') && (
          <Button variant="filled" onClick={() => setMaking(true)}>
            {t('tokens.new')}
          </Button>
        )
      }
    >
      <PagedTable
        label={t('settings.tokens')}
        query={query}
        rowKey={(row) => row.id}
        empty={t('tokens.empty')}
        columns={[
          { title: t('tokens.name'), cell: (row) => row.name },
          {
            title: t('tokens.scopes'),
            isExtra: true,
            cell: (row) => <span className="mono">{row.scopes.join(', ')}</span>,
          },
          {
            title: t('tokens.lastUsed'),
            cell: (row) => (row.last_used_at ? longTime(row.last_used_at, t.language) : t('tokens.never')),
          },
          {
            title: t('table.actions'),
            isTitleHidden: true,
            cell: (row) =>
              row.revoked_at
                ? t('tokens.revoked')
                : tenant.may('api_tokens.write') && (
                    <Button size="compact-sm" onClick={() => setRevoking(row)}>
                      {t('tokens.revoke')}
                    </Button>
                  ),
          },
        ]}
      />
      {isMaking && <NewToken onClose={() => setMaking(false)} onMade={refresh} />}
      {revoking && (
        <Confirm
          title={t('tokens.revoke')}
          deed={t('tokens.revoke')}
          isDangerous
          onClose={() => setRevoking(undefined)}
          onConfirm={() => onRevoke(revoking)}
        >
          {t('tokens.revokeWords', { name: revoking.name })}
        </Confirm>
      )}
    </Section>
  );
}

/** A key must not be able to make keys or let people in. */
const forPrograms = permissions.filter(
  (permission) => !['api_tokens.read', 'api_tokens.write', 'members.write'].includes(permission),
);

function NewToken({ onClose, onMade }: { onClose: () => void; onMade: () => Promise<void> }) {
  const t = useT();
  const tenant = useTenant();
  const [made, setMade] = useState<string>();
  const schema = v.object({
    name: v.pipe(v.string(), v.trim(), v.minLength(1, t('field.blank'))),
    scopes: v.pipe(v.array(v.string()), v.minLength(1, t('field.blank'))),
  });
  const { form, failure, isSending, onSubmit } = useApiForm(
    { name: '', scopes: [] as string[] },
    schema,
    async ({ name, scopes }) => {
      const { token } = await ask(
        api.POST('/api/v1/tenants/{tenant_id}/api-tokens', {
          params: { path: { tenant_id: tenant.id } },
          body: { name, scopes: scopes as Permission[] },
        }),
      );
      setMade(token);
      await onMade();
    },
  );
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('tokens.new')}
      closeOnClickOutside={made === undefined}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      {made !== undefined ? (
        <Stack gap={16}>
          <p>{t('tokens.once')}</p>
          <CopyText text={made} />
          <Button variant="filled" onClick={onClose}>
            {t('tokens.kept')}
          </Button>
        </Stack>
      ) : (
        <form onSubmit={onSubmit}>
          <Stack gap={16}>
            <FormFailure error={failure} />
            <TextInput
              label={t('tokens.name')}
              description={t('tokens.nameHelp')}
              required
              data-autofocus
              {...form.getInputProps('name')}
            />
            <Checkbox.Group label={t('tokens.scopes')} {...form.getInputProps('scopes')}>
              <Stack gap={8} mt={4}>
                {forPrograms.map((permission) => (
                  <Checkbox
                    key={permission}
                    value={permission}
                    label={t(`permission.${permission.replace('.', '_') as PermissionKey}`)}
                  />
                ))}
              </Stack>
            </Checkbox.Group>
            <Group justify="flex-end" gap={8}>
              <Button onClick={onClose}>{t('action.cancel')}</Button>
              <Button type="submit" variant="filled" loading={isSending}>
                {t('tokens.make')}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}

type Underscored<P extends string> = P extends `${infer A}.${infer B}` ? `${A}_${B}` : P;
type PermissionKey = Underscored<Permission>;
