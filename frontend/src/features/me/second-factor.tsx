import { Button, Group, Modal, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import * as v from 'valibot';

import { api, ask } from '@/api/client';
import { meQuery } from '@/api/queries';
import { useMe } from '@/features/session/session';
import { useT } from '@/i18n';
import { CopyText } from '@/ui/copy-text';
import { Section } from '@/ui/page';
import { FormFailure } from '@/ui/states';
import { useApiForm } from '@/ui/use-api-form';

/** A code of an app beside the password. */
export function SecondFactor() {
  const t = useT();
  const me = useMe();
  const [isOpen, setOpen] = useState(false);
  return (
    <Section title={t('me.secondFactor')} lead={t(me.has_second_factor ? 'me.secondFactorOn' : 'me.secondFactorOff')}>
      {me.has_second_factor && <p className="muted">{t('me.backupCodesLeft', { count: me.backup_codes_left })}</p>}
      <Group>
        <Button onClick={() => setOpen(true)}>{t(me.has_second_factor ? 'me.turnOff' : 'me.turnOn')}</Button>
      </Group>
      {isOpen &&
        (me.has_second_factor ? <TurnOff onClose={() => setOpen(false)} /> : <TurnOn onClose={() => setOpen(false)} />)}
    </Section>
  );
}

function PasswordStep({ deed, onProof }: { deed: string; onProof: (password: string) => Promise<void> }) {
  const t = useT();
  const schema = v.object({ password: v.pipe(v.string(), v.minLength(1, t('field.blank'))) });
  const { form, failure, isSending, onSubmit } = useApiForm({ password: '' }, schema, ({ password }) =>
    onProof(password),
  );
  return (
    <form onSubmit={onSubmit}>
      <Stack gap={16}>
        <FormFailure error={failure} />
        <PasswordInput
          label={t('session.password')}
          autoComplete="current-password"
          required
          data-autofocus
          visibilityToggleButtonProps={{ 'aria-label': t('session.showPassword') }}
          {...form.getInputProps('password')}
        />
        <Button type="submit" variant="filled" loading={isSending}>
          {deed}
        </Button>
      </Stack>
    </form>
  );
}

function TurnOff({ onClose }: { onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  return (
    <Modal opened onClose={onClose} title={t('me.turnOff')} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <PasswordStep
        deed={t('me.turnOff')}
        onProof={async (password) => {
          await ask(api.DELETE('/api/v1/me/second-factor', { body: { password } }));
          await client.invalidateQueries(meQuery);
          onClose();
        }}
      />
    </Modal>
  );
}

/** Password, then the secret for the app, then a first code, then the backup codes. */
function TurnOn({ onClose }: { onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const [enrolment, setEnrolment] = useState<{ secret: string; url: string }>();
  const [codes, setCodes] = useState<string[]>();
  const schema = v.object({ code: v.pipe(v.string(), v.trim(), v.minLength(6, t('field.too_short'))) });
  const { form, failure, isSending, onSubmit } = useApiForm({ code: '' }, schema, async ({ code }) => {
    const { backup_codes } = await ask(api.POST('/api/v1/me/second-factor/confirm', { body: { code: code.trim() } }));
    setCodes(backup_codes);
    await client.invalidateQueries(meQuery);
  });
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('me.turnOn')}
      closeOnClickOutside={codes === undefined}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      {codes ? (
        <Stack gap={16}>
          <p>{t('me.backupCodes')}</p>
          <CopyText text={codes.join('\n')} />
          <Button variant="filled" onClick={onClose}>
            {t('tokens.kept')}
          </Button>
        </Stack>
      ) : enrolment ? (
        <form onSubmit={onSubmit}>
          <Stack gap={16}>
            <p>{t('me.enrol')}</p>
            <CopyText text={enrolment.secret} />
            <p>
              <a href={enrolment.url}>{t('me.openApp')}</a>
            </p>
            <FormFailure error={failure} />
            <TextInput
              label={t('session.code')}
              inputMode="numeric"
              autoComplete="one-time-code"
              required
              data-autofocus
              {...form.getInputProps('code')}
            />
            <Button type="submit" variant="filled" loading={isSending}>
              {t('me.confirmCode')}
            </Button>
          </Stack>
        </form>
      ) : (
        <PasswordStep
          deed={t('action.next')}
          onProof={async (password) =>
            setEnrolment(await ask(api.POST('/api/v1/me/second-factor', { body: { password } })))
          }
        />
      )}
    </Modal>
  );
}
