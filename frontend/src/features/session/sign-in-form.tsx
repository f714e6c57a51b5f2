import { Button, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import * as v from 'valibot';

import { api, ask } from '@/api/client';
import { ApiProblem } from '@/api/problem';
import type { Me } from '@/api/types';
import { type T, useT } from '@/i18n';
import { FormFailure } from '@/ui/states';
import { useApiForm } from '@/ui/use-api-form';

interface Props {
  /** Whose session ended; absent at the first sign-in. */
  email?: string;
  onSignedIn: (me: Me) => void;
}

/** E-mail and password, then the code where there is a second factor. Everything may be pasted. */
export function SignInForm({ email, onSignedIn }: Props) {
  const t = useT();
  const [asksCode, setAsksCode] = useState(false);
  const { form, failure, isSending, onSubmit } = useApiForm(
    { email: email ?? '', password: '', code: '' },
    schema(t),
    async (values) => {
      const { code } = values;
      try {
        const body = {
          email: values.email.trim(),
          password: values.password,
          ...(asksCode ? { code: code.trim() } : {}),
        };
        onSignedIn(await ask(api.POST('/api/v1/session', { body })));
      } catch (error) {
        if (error instanceof ApiProblem && error.code === 'second_factor_needed') return setAsksCode(true);
        throw error;
      }
    },
  );
  const wait = useCountdown(failure);
  return (
    <form onSubmit={onSubmit}>
      <Stack gap={16}>
        <FormFailure error={wait === 0 ? undefined : failure} />
        {wait > 0 && <p role="timer">{t('session.waitSeconds', { count: wait })}</p>}
        {email === undefined && (
          <TextInput
            label={t('session.email')}
            type="email"
            name="email"
            autoComplete="username"
            required
            {...form.getInputProps('email')}
          />
        )}
        <PasswordInput
          label={t('session.password')}
          name="password"
          autoComplete="current-password"
          required
          data-autofocus={email !== undefined || undefined}
          visibilityToggleButtonProps={{ 'aria-label': t('session.showPassword') }}
          {...form.getInputProps('password')}
        />
        {asksCode && (
          <TextInput
            label={t('session.code')}
            description={t('session.codeHelp')}
            name="code"
            autoComplete="one-time-code"
            inputMode="numeric"
            required
            autoFocus
            {...form.getInputProps('code')}
          />
        )}
        <Button type="submit" variant="filled" loading={isSending} disabled={wait > 0}>
          {t('session.signIn')}
        </Button>
      </Stack>
    </form>
  );
}

const schema = (t: T) =>
  v.object({
    email: v.pipe(v.string(), v.trim(), v.email(t('field.email'))),
    password: v.pipe(v.string(), v.minLength(1, t('field.blank'))),
    code: v.string(),
  });

/** Seconds until another try is allowed; -1 when nothing forbids it. */
function useCountdown(failure: unknown): number {
  const [until, setUntil] = useState(0);
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!(failure instanceof ApiProblem) || failure.code !== 'too_many_tries') return setUntil(0);
    setUntil(Date.now() + 1000 * (failure.retryAfter ?? 60));
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [failure]);
  if (until === 0) return -1;
  return Math.max(0, Math.ceil((until - now) / 1000));
}
