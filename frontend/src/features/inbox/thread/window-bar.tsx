import { IconClock } from '@tabler/icons-react';

import type { Conversation } from '@/api/types';
import { useT } from '@/i18n';
import { duration } from '@/lib/format';
import { useNow } from '@/lib/now';

import classes from './composer.module.css';

const SOON_MS = 4 * 3_600_000;

/** How long free text is still allowed. Channels without a window show nothing. */
export function WindowBar({ conversation }: { conversation: Conversation }) {
  const t = useT();
  const now = useNow();
  const endsAt = conversation.window_ends_at;
  if (!endsAt || !conversation.can_send_free_text) return null;
  const left = Date.parse(endsAt) - now;
  if (left <= 0) return null;
  return (
    <div className={classes.window} data-soon={left < SOON_MS || undefined}>
      <IconClock size={14} aria-hidden /> {t('window.open', { time: duration(left) })}
    </div>
  );
}
