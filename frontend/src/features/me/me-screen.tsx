import {
  Button,
  Checkbox,
  Group,
  NativeSelect,
  PasswordInput,
  Stack,
  TextInput,
  useMantineColorScheme,
} from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import * as v from 'valibot';

import { api, ask } from '@/api/client';
import { meQuery } from '@/api/queries';
import { useMe } from '@/features/session/session';
import { isLanguage, speak, useT } from '@/i18n';
import { etagOf } from '@/lib/etag';
import { prefer, usePreferences } from '@/lib/preferences';
import { Page, Section } from '@/ui/page';
import { FormFailure } from '@/ui/states';
import { toast } from '@/ui/toast';
import { useApiForm } from '@/ui/use-api-form';

import { Devices } from './devices';
import { SecondFactor } from './second-factor';

/** What somebody sees and changes about themselves. */
export function MeScreen() {
  const t = useT();
  return (
    <Page title={t('nav.me')}>
      <Profile />
      <Preferences />
      <Password />
      <SecondFactor />
      <Devices />
    </Page>
  );
}

function Profile() {
  const t = useT();
  const me = useMe();
  const client = useQueryClient();
  const schema = v.object({
    display_name: v.pipe(v.string(), v.trim(), v.minLength(1, t('field.blank'))),
    language: v.string(),
  });
  const { form, failure, isSending, onSubmit } = useApiForm(
    { display_name: me.display_name, language: me.language },
    schema,
    async (body) => {
      const changed = await ask(
        api.PATCH('/api/v1/me', { params: { header: { 'If-Match': etagOf(me.updated_at) } }, body }),
      );
      client.setQueryData(meQuery.queryKey, changed);
      if (isLanguage(changed.language)) await speak(changed.language);
      toast.done(t('done.saved'));
    },
  );
  return (
    <Section title={t('me.profile')} lead={me.email}>
      <form onSubmit={onSubmit}>
        <Stack gap={12} maw={420}>
          <FormFailure error={failure} />
          <TextInput label={t('session.name')} autoComplete="name" required {...form.getInputProps('display_name')} />
          <NativeSelect
            label={t('me.language')}
            data={[
              { value: 'es', label: 'Español' },
              { value: 'en', label: 'English' },
              { value: 'pt', label: 'Português' },
            ]}
            {...form.getInputProps('language')}
          />
          <Group>
            <Button type="submit" variant="filled" loading={isSending}>
              {t('action.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}

function Preferences() {
  const t = useT();
  const preferences = usePreferences();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Section title={t('me.preferences')} lead={t('me.preferencesLead')}>
      <Stack gap={12} maw={420}>
        <NativeSelect
          label={t('me.theme')}
          value={colorScheme}
          data={(['auto', 'light', 'dark'] as const).map((value) => ({ value, label: t(`theme.${value}`) }))}
          onChange={(event) => setColorScheme(event.currentTarget.value as 'auto' | 'light' | 'dark')}
        />
        <NativeSelect
          label={t('me.density')}
          value={preferences.density}
          data={(['comfortable', 'compact'] as const).map((value) => ({ value, label: t(`me.${value}`) }))}
          onChange={(event) => prefer({ density: event.currentTarget.value as 'comfortable' | 'compact' })}
        />
        <Checkbox
          label={t('me.enterSends')}
          checked={preferences.enterSends}
          onChange={(event) => prefer({ enterSends: event.currentTarget.checked })}
        />
        <Checkbox
          label={t('me.singleKeys')}
          checked={preferences.singleKeys}
          onChange={(event) => prefer({ singleKeys: event.currentTarget.checked })}
        />
      </Stack>
    </Section>
  );
}

function Password() {
  const t = useT();
  const schema = v.object({
    current: v.pipe(v.string(), v.minLength(1, t('field.blank'))),
    new: v.pipe(v.string(), v.minLength(10, t('field.password'))),
  });
  const { form, failure, isSending, onSubmit } = useApiForm({ current: '', new: '' }, schema, async (body, reset) => {
    await ask(api.PUT('/api/v1/me/password', { body }));
    reset();
    toast.done(t('me.passwordChanged'));
  });
  const toggle = { 'aria-label': t('session.showPassword') };
  return (
    <Section title={t('me.password')} lead={t('me.passwordLead')}>
      <form onSubmit={onSubmit}>
        <Stack gap={12} maw={420}>
          <FormFailure error={failure} />
          <PasswordInput
            label={t('me.currentPassword')}
            autoComplete="current-password"
            required
            visibilityToggleButtonProps={toggle}
            {...form.getInputProps('current')}
          />
          <PasswordInput
            label={t('session.newPassword')}
            description={t('field.password')}
            autoComplete="new-password"
            required
            visibilityToggleButtonProps={toggle}
            {...form.getInputProps('new')}
          />
          <Group>
            <Button type="submit" loading={isSending}>
              {t('session.savePassword')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}
