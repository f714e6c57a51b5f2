import { Button, Group } from '@mantine/core';
import { IconClock } from '@tabler/icons-react';

import { ApiProblem, wordsOf } from '@/api/problem';
import type { ProblemCode } from '@/api/types';
import { useT } from '@/i18n';
import { clock } from '@/lib/format';
import type { OutboxEntry } from '@/outbox/store';
import { outbox } from '@/services';

import { RichText } from './rich-text-view';
import classes from './thread.module.css';

/** Written, and not yet at the API: shown at once, with a clock, and with words when it was refused. */
export function PendingBubble({ entry, zone }: { entry: OutboxEntry; zone: string | undefined }) {
  const t = useT();
  const isStuck = entry.state !== 'waiting';
  const words =
    entry.state === 'asking'
      ? t('outbox.asking')
      : wordsOf(new ApiProblem({ code: entry.code as ProblemCode, status: 0 }), t);
  return (
    <article
      className={classes.bubbleRow}
      data-side={entry.kind === 'note' ? 'note' : 'agent'}
      aria-label={t('outbox.label')}
    >
      <div className={classes.bubble} data-failed={isStuck || undefined}>
        <div className={classes.author}>{entry.kind === 'note' ? t('note.label') : t('people.me')}</div>
        <RichText text={entry.text} />
        <span className={classes.meta}>
          <time>{clock(new Date(entry.createdAt), t.language, zone)}</time>
          <span role="img" aria-label={t('status.queued')} title={t('outbox.waiting')} className={classes.ticks}>
            <IconClock size={15} aria-hidden />
          </span>
        </span>
        {isStuck && (
          <div className={classes.failure}>
            <p>{words}</p>
            <Group gap={8}>
              <Button size="compact-sm" onClick={() => outbox.retry(entry.id)}>
                {t('action.retry')}
              </Button>
              <Button size="compact-sm" onClick={() => outbox.discard(entry.id)}>
                {t('action.discard')}
              </Button>
            </Group>
          </div>
        )}
      </div>
    </article>
  );
}
