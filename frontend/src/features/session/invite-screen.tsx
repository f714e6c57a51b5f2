import { Button, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import * as v from 'valibot';

import { api, ask } from '@/api/client';
import { useT } from '@/i18n';
import { Failed, FormFailure, Loading } from '@/ui/states';
import { useApiForm } from '@/ui/use-api-form';

import { Card } from './card';

export function InviteScreen({ token }: { token: string }) {
  const t = useT();
  const navigate = useNavigate();
  const {
    data: invitation,
    error,
    isPending,
  } = useQuery({
    queryKey: ['invitation', token],
    queryFn: () => ask(api.POST('/api/v1/invitations/look', { body: { token } })),
    retry: false,
  });
  const needsPassword = invitation?.needs_password ?? false;
  const schema = v.object({
    display_name: needsPassword ? v.pipe(v.string(), v.trim(), v.minLength(1, t('field.blank'))) : v.string(),
    password: needsPassword ? v.pipe(v.string(), v.minLength(10, t('field.password'))) : v.string(),
  });
  const { form, failure, isSending, onSubmit } = useApiForm(
    { display_name: '', password: '' },
    schema,
    async (values) => {
      await ask(api.POST('/api/v1/invitations/accept', { body: needsPassword ? { token, ...values } : { token } }));
      await navigate({ to: '/login', replace: true });
    },
  );
  if (isPending)
    return (
      <Card title={t('invite.title')}>
        <Loading rows={3} />
      </Card>
    );
  if (!invitation)
    return (
      <Card title={t('invite.title')}>
        <Failed error={error} />
      </Card>
    );
  return (
    <Card
      title={t('invite.to', { tenant: invitation.tenant_name })}
      lead={t('invite.as', { email: invitation.email, role: t(`role.${invitation.role}`) })}
    >
      <form onSubmit={onSubmit}>
        <Stack gap={16}>
          <FormFailure error={failure} />
          {needsPassword && (
            <>
              <TextInput
                label={t('session.name')}
                autoComplete="name"
                required
                {...form.getInputProps('display_name')}
              />
              <PasswordInput
                label={t('session.newPassword')}
                description={t('field.password')}
                autoComplete="new-password"
                required
                visibilityToggleButtonProps={{ 'aria-label': t('session.showPassword') }}
                {...form.getInputProps('password')}
              />
            </>
          )}
          <Button type="submit" variant="filled" loading={isSending}>
            {t('invite.accept')}
          </Button>
        </Stack>
      </form>
    </Card>
  );
}
