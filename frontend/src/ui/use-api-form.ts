import { type FormErrors, schemaResolver, useForm } from '@mantine/form';
import { useState } from 'react';
import type { GenericSchema } from 'valibot';

import { ApiProblem } from '@/api/problem';
import { useT } from '@/i18n';

/** A form that checks before it asks, and shows at each field what the API says of it. */
export function useApiForm<V extends Record<string, unknown>>(
  initialValues: V,
  schema: GenericSchema<V>,
  send: (values: V, reset: () => void) => Promise<void>,
) {
  const t = useT();
  const [failure, setFailure] = useState<unknown>();
  const [isSending, setSending] = useState(false);
  const form = useForm<V>({ initialValues, validate: schemaResolver(schema, { sync: true }) });

  const onSubmit = form.onSubmit(async (values) => {
    setFailure(undefined);
    setSending(true);
    try {
      await send(values, form.reset);
    } catch (error) {
      const errors: FormErrors = {};
      if (error instanceof ApiProblem) {
        for (const { field, code } of error.problem?.errors ?? []) {
          const name = field.replace(/\[\d+\]$/, '');
          if (name in values) errors[name] = t(`field.${code}`);
        }
      }
      form.setErrors(errors);
      // What stands at a field already need not stand above as well.
      if (Object.keys(errors).length === 0) setFailure(error);
    } finally {
      setSending(false);
    }
  });
  return { form, failure, isSending, onSubmit };
}
