import { IconSparkles } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { memo } from 'react';

import { traceQuery } from '@/api/queries';
import type { Message } from '@/api/types';
import { useT } from '@/i18n';
import { clock, longTime } from '@/lib/format';
import { useTenant } from '@/lib/permissions';

import { authorOf } from '../preview';
import { usePeople } from '../people';
import { FailureWords } from './failure-words';
import { MessageBody } from './message-body';
import { Ticks } from './ticks';
import classes from './thread.module.css';

interface Props {
  message: Message;
  quoted: Message | undefined;
  isJoined: boolean;
  zone: string | undefined;
  onTrace: (message: string) => void;
}

/** Kinds that are no words of anybody: shown as a line across the thread. */
const LINES = ['system', 'request_welcome'];

export const Bubble = memo(function Bubble({ message, quoted, isJoined, zone, onTrace }: Props) {
  const t = useT();
  const { nameOf } = usePeople();
  if (LINES.includes(message.kind))
    return (
      <div className={classes.line}>
        {message.kind === 'request_welcome' ? t('kind.request_welcome') : message.body}
      </div>
    );
  const author = authorOf(message.author, message.author_user_id, t, nameOf);
  const side = message.direction === 'inbound' ? 'customer' : message.author === 'assistant' ? 'bot' : 'agent';
  return (
    <article
      className={classes.bubbleRow}
      data-side={side}
      data-joined={isJoined || undefined}
      data-message={message.id}
      aria-label={author ?? t('author.contact')}
    >
      <div className={classes.bubble} data-failed={message.status === 'failed' || undefined}>
        {!isJoined && author && (
          <div className={classes.author}>
            {side === 'bot' && <IconSparkles size={14} aria-hidden />} {author}
          </div>
        )}
        {message.resend_of && <div className={classes.remark}>{t('bubble.resent')}</div>}
        {message.reply_to && (
          <blockquote className={classes.quote}>
            {quoted ? <span dir="auto">{quoted.body.slice(0, 160)}</span> : t('bubble.quoteUnknown')}
          </blockquote>
        )}
        <MessageBody message={message} />
        <span className={classes.meta}>
          <time dateTime={message.sent_at} title={longTime(message.sent_at, t.language, zone)}>
            {clock(message.sent_at, t.language, zone)}
          </time>
          <Ticks status={message.status} />
        </span>
        {message.failure && <FailureWords message={message} failure={message.failure} />}
      </div>
      {side === 'bot' && message.turn_id && <Why message={message} onTrace={onTrace} />}
    </article>
  );
});

/** Why did it say that? Read beforehand, so that the answer is there when the drawer opens. */
function Why({ message, onTrace }: { message: Message; onTrace: (message: string) => void }) {
  const t = useT();
  const tenant = useTenant();
  const client = useQueryClient();
  const prefetch = () => void client.prefetchQuery(traceQuery(tenant.id, message.conversation_id, message.id));
  return (
    <button
      type="button"
      className={classes.why}
      onClick={() => onTrace(message.id)}
      onPointerEnter={prefetch}
      onFocus={prefetch}
    >
      <IconSparkles size={14} aria-hidden /> {t('trace.why')}
    </button>
  );
}
