import { Button, Group, Modal, NativeSelect, Stack, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import * as v from 'valibot';

import { api, ask } from '@/api/client';
import { keyOf } from '@/api/queries';
import type { Role } from '@/api/types';
import { useT } from '@/i18n';
import { useTenant } from '@/lib/permissions';
import { CopyText } from '@/ui/copy-text';
import { FormFailure } from '@/ui/states';
import { useApiForm } from '@/ui/use-api-form';

import { roles } from './roles';

/** By mail; where no mail server is set up, by a link to pass on. */
export function InviteDialog({ onClose }: { onClose: () => void }) {
  const t = useT();
  const tenant = useTenant();
  const client = useQueryClient();
  const [invited, setInvited] = useState<{ email: string; link?: string | null | undefined }>();
  const schema = v.object({ email: v.pipe(v.string(), v.trim(), v.email(t('field.email'))), role: v.string() });
  const { form, failure, isSending, onSubmit } = useApiForm(
    { email: '', role: 'agent' },
    schema,
    async ({ email, role }) => {
      const { link } = await ask(
        api.POST('/api/v1/tenants/{tenant_id}/invitations', {
          params: { path: { tenant_id: tenant.id } },
          body: { email: email.trim(), role: role as Role },
        }),
      );
      setInvited({ email: email.trim(), link });
      await client.invalidateQueries({ queryKey: keyOf(tenant.id, 'invitations') });
    },
  );
  return (
    <Modal opened onClose={onClose} title={t('team.invite')} closeButtonProps={{ 'aria-label': t('action.close') }}>
      {invited ? (
        <Stack gap={16}>
          <p>
            {invited.link ? t('team.passOn', { email: invited.email }) : t('team.mailed', { email: invited.email })}
          </p>
          {invited.link && <CopyText text={invited.link} />}
          <Button variant="filled" onClick={onClose}>
            {t('action.close')}
          </Button>
        </Stack>
      ) : (
        <form onSubmit={onSubmit}>
          <Stack gap={16}>
            <FormFailure error={failure} />
            <TextInput
              label={t('session.email')}
              type="email"
              required
              data-autofocus
              {...form.getInputProps('email')}
            />
            <NativeSelect
              label={t('team.role')}
              data={roles.map((role) => ({ value: role, label: t(`role.${role}`) }))}
              {...form.getInputProps('role')}
            />
            <Group justify="flex-end" gap={8}>
              <Button onClick={onClose}>{t('action.cancel')}</Button>
              <Button type="submit" variant="filled" loading={isSending}>
                {t('team.invite')}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}
