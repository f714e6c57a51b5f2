import { Button, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import * as v from 'valibot';

import { api, ask } from '@/api/client';
import { meQuery, setupQuery } from '@/api/queries';
import { useT } from '@/i18n';
import { FormFailure } from '@/ui/states';
import { useApiForm } from '@/ui/use-api-form';

import { Card } from './card';

/** First steps of a new installation: the person who runs it. Proves itself with the installation's own token, once. */
export function SetupScreen() {
  const t = useT();
  const navigate = useNavigate();
  const client = useQueryClient();
  const { data: setup } = useQuery(setupQuery);
  const schema = v.object({
    token: v.pipe(v.string(), v.minLength(1, t('field.blank'))),
    display_name: v.pipe(v.string(), v.trim(), v.minLength(1, t('field.blank'))),
    email: v.pipe(v.string(), v.trim(), v.email(t('field.email'))),
    password: v.pipe(v.string(), v.minLength(10, t('field.password'))),
  });
  const initial = { token: '', display_name: '', email: '', password: '' };
  const { form, failure, isSending, onSubmit } = useApiForm(initial, schema, async ({ token, ...person }) => {
    // The token goes into this one request and is kept nowhere.
    await ask(api.POST('/api/v1/setup', { body: person, headers: { authorization: `Bearer ${token.trim()}` } }));
    const me = await ask(api.POST('/api/v1/session', { body: { email: person.email, password: person.password } }));
    client.setQueryData(meQuery.queryKey, me);
    await navigate({ to: '/ops/tenants', replace: true });
  });
  if (setup && !setup.needs_setup) {
    return (
      <Card title={t('setup.title')} lead={t('problem.already_set_up')}>
        <Button onClick={() => void navigate({ to: '/login', replace: true })}>{t('session.signIn')}</Button>
      </Card>
    );
  }
  return (
    <Card title={t('setup.title')} lead={t('setup.lead')}>
      <form onSubmit={onSubmit}>
        <Stack gap={16}>
          <FormFailure error={failure} />
          <PasswordInput
            label={t('setup.token')}
            description={t('setup.tokenHelp')}
            autoComplete="off"
            required
            visibilityToggleButtonProps={{ 'aria-label': t('session.showPassword') }}
            {...form.getInputProps('token')}
          />
          <TextInput label={t('session.name')} autoComplete="name" required {...form.getInputProps('display_name')} />
          <TextInput
            label={t('session.email')}
            type="email"
            autoComplete="username"
            required
            {...form.getInputProps('email')}
          />
          <PasswordInput
            label={t('session.password')}
            description={t('field.password')}
            autoComplete="new-password"
            required
            visibilityToggleButtonProps={{ 'aria-label': t('session.showPassword') }}
            {...form.getInputProps('password')}
          />
          <Button type="submit" variant="filled" loading={isSending}>
            {t('setup.create')}
          </Button>
        </Stack>
      </form>
    </Card>
  );
}
