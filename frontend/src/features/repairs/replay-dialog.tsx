import { Button, Group, Modal, Stack } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { useT } from '@/i18n';
import { Failed, FormFailure, Loading } from '@/ui/states';

import type { ParkedSource, ReplayCount } from './parked-source';

/** First says how many it would be, then does it, batch by batch; it can be stopped between two. */
export function ReplayDialog({
  source,
  filter,
  onClose,
}: {
  source: ParkedSource;
  filter: { reason?: string; provider?: string };
  onClose: () => void;
}) {
  const t = useT();
  const client = useQueryClient();
  const [done, setDone] = useState<ReplayCount>();
  const [isRunning, setRunning] = useState(false);
  const [stop] = useState(() => new AbortController());
  const [failure, setFailure] = useState<unknown>();
  const dry = useQuery({
    queryKey: [...source.key, 'dry-run', filter],
    queryFn: () => source.replayAll(filter, true),
    gcTime: 0,
    staleTime: Infinity,
  });
  const close = () => {
    stop.abort();
    onClose();
    void client.invalidateQueries({ queryKey: source.key });
  };
  const run = async () => {
    setRunning(true);
    setFailure(undefined);
    let total: ReplayCount = { replayed: 0, skipped: 0, remaining: 0 };
    try {
      do {
        const batch = await source.replayAll(filter, false);
        total = {
          replayed: total.replayed + batch.replayed,
          skipped: total.skipped + batch.skipped,
          remaining: batch.remaining,
        };
        setDone(total);
        if (batch.replayed === 0) break;
      } while (total.remaining > 0 && !stop.signal.aborted);
    } catch (error) {
      setFailure(error);
    }
    setRunning(false);
  };
  return (
    <Modal opened onClose={close} title={t('parked.replayAll')} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <Stack gap={16}>
        {filter.reason && <code className="mono">{filter.reason}</code>}
        {dry.isPending && <Loading rows={1} />}
        {dry.isError && <Failed error={dry.error} onRetry={() => void dry.refetch()} />}
        {dry.data && !done && (
          <p>{t('parked.dryRun', { replay: dry.data.replayed + dry.data.remaining, skip: dry.data.skipped })}</p>
        )}
        {done && (
          <p role="status">
            {t('parked.progress', { replayed: done.replayed, skipped: done.skipped, remaining: done.remaining })}
          </p>
        )}
        <FormFailure error={failure} />
        <Group justify="flex-end" gap={8}>
          <Button onClick={isRunning ? () => stop.abort() : close}>
            {t(isRunning ? 'parked.stop' : 'action.close')}
          </Button>
          {!done && (
            <Button
              variant="filled"
              onClick={() => void run()}
              loading={isRunning}
              disabled={!dry.data || dry.data.replayed + dry.data.remaining === 0}
            >
              {t('parked.replay')}
            </Button>
          )}
        </Group>
      </Stack>
    </Modal>
  );
}
