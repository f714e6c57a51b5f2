import { Button, Group, Modal, Stack, Textarea } from '@mantine/core';
import { useState } from 'react';

import { useT } from '@/i18n';

/** Back to the bot, with words that it reads before it answers. */
export default function GiveBackDialog({
  onClose,
  onConfirm,
}: {
  onClose: () => void;
  onConfirm: (note: string) => Promise<boolean>;
}) {
  const t = useT();
  const [note, setNote] = useState('');
  const [isBusy, setBusy] = useState(false);
  const onSubmit = async (event: React.FormEvent) => {
    event.preventDefault();
    setBusy(true);
    if (await onConfirm(note.trim())) onClose();
    else setBusy(false);
  };
  return (
    <Modal opened onClose={onClose} title={t('action.giveBack')} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <form onSubmit={(event) => void onSubmit(event)}>
        <Stack gap={16}>
          <Textarea
            label={t('giveBack.note')}
            description={t('giveBack.help')}
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
            maxLength={2000}
            data-autofocus
          />
          <Group justify="flex-end" gap={8}>
            <Button onClick={onClose}>{t('action.cancel')}</Button>
            <Button type="submit" variant="filled" loading={isBusy}>
              {t('action.giveBack')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
