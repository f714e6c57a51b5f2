import { Button, Group, Modal, Stack, Textarea, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';

import { useT } from '@/i18n';

import { FormFailure } from './states';

interface Props {
  title: string;
  children: ReactNode;
  /** What the button says: the deed itself, not "yes". */
  deed: string;
  isDangerous?: boolean;
  /** To be typed: for what cannot be undone. */
  name?: string;
  /** Asks for a reason of at least three characters. */
  asksReason?: boolean;
  onConfirm: (reason: string) => Promise<unknown>;
  onClose: () => void;
}

export function Confirm({ title, children, deed, isDangerous, name, asksReason, onConfirm, onClose }: Props) {
  const t = useT();
  const [typed, setTyped] = useState('');
  const [reason, setReason] = useState('');
  const [failure, setFailure] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const isReady = (name === undefined || typed.trim() === name) && (!asksReason || reason.trim().length >= 3);
  const onSubmit = async (event: React.FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setFailure(undefined);
    try {
      await onConfirm(reason.trim());
      onClose();
    } catch (error) {
      setFailure(error);
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <form onSubmit={(event) => void onSubmit(event)}>
        <Stack gap={16}>
          <div>{children}</div>
          {name !== undefined && (
            <TextInput
              label={t('confirm.typeName', { name })}
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
              autoComplete="off"
              data-autofocus
            />
          )}
          {asksReason && (
            <Textarea
              label={t('confirm.reason')}
              value={reason}
              onChange={(event) => setReason(event.currentTarget.value)}
              required
              data-autofocus
            />
          )}
          <FormFailure error={failure} />
          <Group justify="flex-end" gap={8}>
            <Button onClick={onClose}>{t('action.cancel')}</Button>
            <Button
              type="submit"
              variant="filled"
              color={isDangerous ? 'danger' : 'accent'}
              loading={isBusy}
              disabled={!isReady}
            >
              {deed}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
