import { IconCheck, IconClock, IconHandStop, IconSparkles, IconUser } from '@tabler/icons-react';

import type { Conversation } from '@/api/types';
import { useT } from '@/i18n';
import { duration } from '@/lib/format';
import { Tag } from '@/ui/tag';

interface Props {
  conversation: Conversation;
  now: number;
  nameOf: (id: string | null | undefined) => string;
}

/** Who controls a conversation: one icon, one word, one colour each, everywhere the same. */
export function StateTag({ conversation, now, nameOf }: Props) {
  const t = useT();
  const { status, handled_by, waiting_since, snoozed_until, assigned_user_id } = conversation;
  if (status === 'resolved') return <Tag icon={<IconCheck size={14} aria-hidden />}>{t('state.resolved')}</Tag>;
  if (status === 'snoozed' && snoozed_until) {
    return (
      <Tag icon={<IconClock size={14} aria-hidden />}>
        {t('state.snoozed', { time: duration(Date.parse(snoozed_until) - now) })}
      </Tag>
    );
  }
  if (waiting_since) {
    return (
      <Tag tone="warn" icon={<IconHandStop size={14} aria-hidden />}>
        {t('state.waiting', { time: duration(now - Date.parse(waiting_since)) })}
      </Tag>
    );
  }
  if (handled_by === 'assistant')
    return (
      <Tag tone="accent" icon={<IconSparkles size={14} aria-hidden />}>
        {t('state.assistant')}
      </Tag>
    );
  return (
    <Tag tone="info" icon={<IconUser size={14} aria-hidden />}>
      {assigned_user_id ? nameOf(assigned_user_id) : t('state.agent')}
    </Tag>
  );
}
