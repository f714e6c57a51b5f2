import { Button } from '@mantine/core';
import { useState } from 'react';

import type { Message } from '@/api/types';
import { useT } from '@/i18n';
import { newId } from '@/lib/id';
import { useTenant } from '@/lib/permissions';

import { useConversationActions } from '../actions';
import classes from './thread.module.css';

/** Remedies with which sending the same again can help. */
const RESENDABLE = ['wait', 'check_and_resend', 'nothing', 'tell_administrator'];

/** Why it did not arrive, in words, and what to do about it. */
export function FailureWords({ message, failure }: { message: Message; failure: NonNullable<Message['failure']> }) {
  const t = useT();
  const tenant = useTenant();
  const { resend } = useConversationActions();
  // One key per bubble: pressing twice sends once.
  const [key] = useState(newId);
  const [isBusy, setBusy] = useState(false);
  const canResend = tenant.may('messages.send') && RESENDABLE.includes(failure.remedy);
  const onResend = async () => {
    setBusy(true);
    await resend(message.conversation_id, message.id, key);
    setBusy(false);
  };
  return (
    <div className={classes.failure}>
      <p>{failure.words}</p>
      <p className={classes.remedy}>{t(`remedy.${failure.remedy}`)}</p>
      {failure.code && (
        <p className="mono">
          {failure.code} {failure.provider_words}
        </p>
      )}
      {canResend && (
        <Button size="compact-sm" onClick={() => void onResend()} loading={isBusy}>
          {t('action.resend')}
        </Button>
      )}
    </div>
  );
}
