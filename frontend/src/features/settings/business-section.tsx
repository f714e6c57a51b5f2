import { Button, Group, NativeSelect, Stack, Textarea, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import * as v from 'valibot';

import { api, askVersioned } from '@/api/client';
import { ApiProblem } from '@/api/problem';
import { keyOf, settingsQuery } from '@/api/queries';
import type { Settings, SettingsChange } from '@/api/types';
import { useT } from '@/i18n';
import { useTenant } from '@/lib/permissions';
import { Section } from '@/ui/page';
import { Failed, FormFailure, Loading } from '@/ui/states';
import { toast } from '@/ui/toast';
import { useApiForm } from '@/ui/use-api-form';

import { HoursEditor } from './hours-editor';

/** How a business is set up. */
export function BusinessSection() {
  const tenant = useTenant();
  const query = useQuery({
    queryKey: keyOf(tenant.id, 'settings', 'edit'),
    queryFn: () =>
      askVersioned(api.GET('/api/v1/tenants/{tenant_id}/settings', { params: { path: { tenant_id: tenant.id } } })),
    gcTime: 0,
    staleTime: Infinity,
  });
  if (query.isError && !query.data) return <Failed error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <Loading />;
  return <Form key={query.data.etag} settings={query.data.value} etag={query.data.etag} />;
}

const zones = (): string[] => Intl.supportedValuesOf('timeZone');

function Form({ settings, etag }: { settings: Settings; etag: string }) {
  const t = useT();
  const tenant = useTenant();
  const client = useQueryClient();
  const [isOutdated, setOutdated] = useState(false);
  const optional = v.nullable(v.number());
  const schema = v.object({
    name: v.pipe(v.string(), v.trim(), v.minLength(1, t('field.blank')), v.maxLength(200, t('field.too_long'))),
    language: v.string(),
    time_zone: v.string(),
    description: v.string(),
    location: v.string(),
    website: v.string(),
    business_hours: v.nullable(v.record(v.string(), v.array(v.array(v.string())))),
    silence_window_hours: v.pipe(
      v.number(t('field.out_of_range')),
      v.minValue(1, t('field.out_of_range')),
      v.maxValue(720, t('field.out_of_range')),
    ),
    burst_window_ms: optional,
    handoff_emails: v.string(),
  });
  const initial = {
    name: settings.name,
    language: settings.language,
    time_zone: settings.time_zone,
    description: settings.description ?? '',
    location: settings.location ?? '',
    website: settings.website ?? '',
    business_hours: (settings.business_hours ?? null) as Record<string, string[][]> | null,
    silence_window_hours: settings.silence_window_hours,
    burst_window_ms: settings.burst_window_ms ?? null,
    handoff_emails: settings.handoff_emails.join('\n'),
  };
  const { form, failure, isSending, onSubmit } = useApiForm(initial, schema, async (values) => {
    const body: SettingsChange = {
      ...values,
      description: values.description || null,
      location: values.location || null,
      website: values.website || null,
      handoff_emails: values.handoff_emails.split(/[\s,;]+/).filter(Boolean),
    };
    try {
      const saved = await askVersioned(
        api.PATCH('/api/v1/tenants/{tenant_id}/settings', {
          params: { path: { tenant_id: tenant.id }, header: { 'If-Match': etag } },
          body,
        }),
      );
      client.setQueryData(keyOf(tenant.id, 'settings', 'edit'), saved);
      client.setQueryData(settingsQuery(tenant.id).queryKey, saved.value);
      toast.done(t('done.saved'));
    } catch (error) {
      if (error instanceof ApiProblem && error.code === 'version_outdated') setOutdated(true);
      throw error;
    }
  });
  const { business_hours: hours, ...fields } = form.getValues();
  return (
    <form onSubmit={onSubmit}>
      <Stack gap={16}>
        <FormFailure error={failure} />
        {isOutdated && (
          <Button onClick={() => void client.invalidateQueries({ queryKey: keyOf(tenant.id, 'settings', 'edit') })}>
            {t('settings.readAgain')}
          </Button>
        )}
        <Section title={t('settings.business')}>
          <TextInput label={t('settings.name')} required {...form.getInputProps('name')} />
          <Group grow gap={16} align="flex-start">
            <NativeSelect
              label={t('settings.language')}
              data={[
                { value: 'es', label: 'Español' },
                { value: 'pt', label: 'Português' },
                { value: 'en', label: 'English' },
              ]}
              {...form.getInputProps('language')}
            />
            <NativeSelect
              label={t('settings.zone')}
              data={[...new Set([fields.time_zone, ...zones()])]}
              {...form.getInputProps('time_zone')}
            />
          </Group>
          <Textarea
            label={t('settings.description')}
            description={t('settings.descriptionHelp')}
            {...form.getInputProps('description')}
          />
          <Group grow gap={16} align="flex-start">
            <TextInput label={t('settings.location')} {...form.getInputProps('location')} />
            <TextInput label={t('settings.website')} inputMode="url" {...form.getInputProps('website')} />
          </Group>
        </Section>
        <Section title={t('settings.hours')} lead={t('settings.hoursLead')}>
          <HoursEditor
            hours={hours}
            onChange={(next) => form.setFieldValue('business_hours', next)}
            error={form.errors['business_hours']}
          />
        </Section>
        <Section title={t('settings.handoff')}>
          <TextInput
            type="number"
            label={t('settings.silence')}
            description={t('settings.silenceHelp')}
            min={1}
            max={720}
            required
            {...form.getInputProps('silence_window_hours')}
            onChange={(event) => form.setFieldValue('silence_window_hours', event.currentTarget.valueAsNumber)}
          />
          <Textarea
            label={t('settings.emails')}
            description={t('settings.emailsHelp')}
            {...form.getInputProps('handoff_emails')}
          />
          <TextInput
            type="number"
            label={t('settings.burst')}
            description={t('settings.burstHelp')}
            min={0}
            max={60_000}
            step={500}
            error={form.errors['burst_window_ms']}
            value={fields.burst_window_ms ?? ''}
            onChange={(event) =>
              form.setFieldValue(
                'burst_window_ms',
                event.currentTarget.value === '' ? null : event.currentTarget.valueAsNumber,
              )
            }
          />
        </Section>
        <Group>
          <Button type="submit" variant="filled" loading={isSending}>
            {t('action.save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
