import { Anchor, Button, PasswordInput, Stack, TextInput } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import * as v from 'valibot';

import { api, ask } from '@/api/client';
import { useT } from '@/i18n';
import { FormFailure } from '@/ui/states';
import { useApiForm } from '@/ui/use-api-form';

import { Card } from './card';

/** Asks for a mail. The answer is the same for every address. */
export function ForgotScreen() {
  const t = useT();
  const [isSent, setSent] = useState(false);
  const schema = v.object({ email: v.pipe(v.string(), v.trim(), v.email(t('field.email'))) });
  const { form, failure, isSending, onSubmit } = useApiForm({ email: '' }, schema, async (body) => {
    await ask(api.POST('/api/v1/password-resets', { body }));
    setSent(true);
  });
  return (
    <Card title={t('session.forgotTitle')} lead={isSent ? t('session.forgotSent') : t('session.forgotLead')}>
      {!isSent && (
        <form onSubmit={onSubmit}>
          <Stack gap={16}>
            <FormFailure error={failure} />
            <TextInput
              label={t('session.email')}
              type="email"
              autoComplete="username"
              required
              {...form.getInputProps('email')}
            />
            <Button type="submit" variant="filled" loading={isSending}>
              {t('session.sendLink')}
            </Button>
          </Stack>
        </form>
      )}
      <Anchor renderRoot={(props) => <Link {...props} to="/login" />}>{t('session.signIn')}</Anchor>
    </Card>
  );
}

/** Chooses a new password with the link of the mail. */
export function ResetScreen({ token }: { token: string }) {
  const t = useT();
  const navigate = useNavigate();
  const schema = v.object({ password: v.pipe(v.string(), v.minLength(10, t('field.password'))) });
  const { form, failure, isSending, onSubmit } = useApiForm({ password: '' }, schema, async ({ password }) => {
    await ask(api.POST('/api/v1/password-resets/use', { body: { token, password } }));
    await navigate({ to: '/login', replace: true });
  });
  return (
    <Card title={t('session.resetTitle')} lead={t('session.resetLead')}>
      <form onSubmit={onSubmit}>
        <Stack gap={16}>
          <FormFailure error={failure} />
          <PasswordInput
            label={t('session.newPassword')}
            description={t('field.password')}
            autoComplete="new-password"
            required
            visibilityToggleButtonProps={{ 'aria-label': t('session.showPassword') }}
            {...form.getInputProps('password')}
          />
          <Button type="submit" variant="filled" loading={isSending}>
            {t('session.savePassword')}
          </Button>
        </Stack>
      </form>
    </Card>
  );
}
