import { IconNote } from '@tabler/icons-react';

import type { Note } from '@/api/types';
import { useT } from '@/i18n';
import { clock, longTime } from '@/lib/format';

import { usePeople } from '../people';
import { RichText } from './rich-text-view';
import classes from './thread.module.css';

export function NoteBubble({ note, zone }: { note: Note; zone: string | undefined }) {
  const t = useT();
  const { nameOf } = usePeople();
  return (
    <article className={classes.bubbleRow} data-side="note" aria-label={t('note.label')}>
      <div className={classes.bubble}>
        <div className={classes.author}>
          <IconNote size={14} aria-hidden /> {t('note.by', { name: nameOf(note.author_user_id) })}
        </div>
        <RichText text={note.body} />
        <span className={classes.meta}>
          <time dateTime={note.created_at} title={longTime(note.created_at, t.language, zone)}>
            {clock(note.created_at, t.language, zone)}
          </time>
        </span>
      </div>
    </article>
  );
}
