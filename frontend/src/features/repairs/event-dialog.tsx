import { Button, Group, Modal, Stack, Textarea } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { useT } from '@/i18n';
import { Failed, FormFailure, Loading } from '@/ui/states';
import { toast } from '@/ui/toast';

import type { ParkedSource } from './parked-source';

/** One event as it came, to be mended and sent through again. */
export function EventDialog({ source, id, onClose }: { source: ParkedSource; id: number; onClose: () => void }) {
  const t = useT();
  const query = useQuery({
    queryKey: [...source.key, 'one', id],
    queryFn: () => source.get(id),
    gcTime: 0,
    staleTime: Infinity,
  });
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('parked.event')}
      size="lg"
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      {query.isPending && <Loading rows={4} />}
      {query.isError && <Failed error={query.error} onRetry={() => void query.refetch()} />}
      {query.data && (
        <Edit
          key={query.data.etag}
          source={source}
          id={id}
          body={query.data.value.body ?? undefined}
          etag={query.data.etag}
          onClose={onClose}
        />
      )}
    </Modal>
  );
}

function Edit({
  source,
  id,
  body,
  etag,
  onClose,
}: {
  source: ParkedSource;
  id: number;
  body: string | undefined;
  etag: string;
  onClose: () => void;
}) {
  const t = useT();
  const client = useQueryClient();
  const [text, setText] = useState(() => pretty(body));
  const [failure, setFailure] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  if (body === undefined) return <p>{t('parked.notText')}</p>;
  const isChanged = text !== pretty(body);
  const isJson = readable(text);
  const onSubmit = async (event: React.FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setFailure(undefined);
    try {
      if (isChanged) await source.edit(id, etag, text);
      await source.replay(id);
      toast.done(t('parked.replayedOne'));
      await client.invalidateQueries({ queryKey: source.key });
      onClose();
    } catch (error) {
      setFailure(error);
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void onSubmit(event)}>
      <Stack gap={16}>
        <Textarea
          label={t('parked.body')}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          styles={{ input: { fontFamily: 'var(--mono)', fontSize: 12 } }}
          minRows={12}
          maxRows={24}
          error={!isJson && t('parked.notJson')}
          spellCheck={false}
        />
        <FormFailure error={failure} />
        <Group justify="flex-end" gap={8}>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button type="submit" variant="filled" loading={isBusy}>
            {t(isChanged ? 'parked.saveAndReplay' : 'parked.replay')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function pretty(body: string | undefined): string {
  try {
    return JSON.stringify(JSON.parse(body ?? ''), null, 2);
  } catch {
    return body ?? '';
  }
}

function readable(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
