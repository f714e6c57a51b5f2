import { Button } from '@mantine/core';
import { IconNote, IconSend } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';

import type { Conversation } from '@/api/types';
import { useMe } from '@/features/session/session';
import { useT } from '@/i18n';
import { useKeys } from '@/lib/keyboard';
import { useTenant } from '@/lib/permissions';
import { usePreferences } from '@/lib/preferences';
import { type Draft, readDraft, writeDraft } from '@/outbox/drafts';
import { applier, outbox } from '@/services';

import { CannedPicker } from './canned-picker';
import { leftOpen } from './canned';
import classes from './composer.module.css';
import { useCanned } from './use-canned';
import type { Presence } from './use-presence';
import { OthersHere } from './others-here';
import { WindowBar } from './window-bar';

/** WhatsApp's limit for a text, and from where on it is worth showing. */
const MOST = 4096;
const SHOWN_FROM = 3500;
const MOST_OF_NOTE = 10_000;

/** Where replies and notes are written. Each conversation keeps its own text and its own mode. */
export function Composer({ conversation, presence }: { conversation: Conversation; presence: Presence }) {
  const t = useT();
  const me = useMe();
  const tenant = useTenant();
  const { enterSends } = usePreferences();
  const [draft, setDraft] = useState<Draft>(() => readDraft(me.id, tenant.id, conversation.id));
  const field = useRef<HTMLTextAreaElement>(null);

  const canReply = tenant.may('messages.send') && conversation.allowed_actions.includes('send_text');
  const canNote = tenant.may('conversations.write') && conversation.allowed_actions.includes('note');
  const mode = draft.mode === 'note' || !tenant.may('messages.send') ? 'note' : 'reply';
  const text = draft[mode];
  const most = mode === 'reply' ? MOST : MOST_OF_NOTE;
  const open = mode === 'reply' ? leftOpen(text) : [];
  const mayWrite = mode === 'reply' ? canReply : canNote;
  const length = [...text].length;
  const canSend = mayWrite && text.trim() !== '' && length <= most && open.length === 0;

  const change = (next: Draft) => {
    setDraft(next);
    // At once: whatever happens to the page, the words stay.
    writeDraft(me.id, tenant.id, conversation.id, next);
  };
  const write = (words: string) => {
    change({ ...draft, [mode]: words });
    presence.noteTyping();
  };
  const canned = useCanned(conversation, field, text, write, mode === 'reply' && canReply);

  const focusOn = (next: Draft['mode']) => {
    change({ ...draft, mode: next });
    requestAnimationFrame(() => field.current?.focus());
  };
  useKeys({
    r: tenant.may('messages.send') ? () => focusOn('reply') : undefined,
    n: canNote ? () => focusOn('note') : undefined,
  });
  useEffect(() => {
    // On a phone the keyboard would hide what one came to read.
    if (window.matchMedia('(pointer: fine)').matches) field.current?.focus({ preventScroll: true });
  }, []);

  const send = () => {
    if (!canSend) return;
    outbox.add({ tenant: tenant.id, conversation: conversation.id, kind: mode, text: text.trim() });
    if (mode === 'reply' && conversation.handled_by === 'assistant')
      applier.put(tenant.id, { ...conversation, handled_by: 'agent', assigned_user_id: me.id, waiting_since: null });
    // After a note one usually answers the customer.
    change({ ...draft, [mode]: '', mode: 'reply' });
    field.current?.focus();
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    // Enter also ends the writing of a character in some languages.
    if (event.nativeEvent.isComposing || canned.onKeyDown(event)) return;
    const isSend = event.key === 'Enter' && (event.ctrlKey || event.metaKey || (enterSends && !event.shiftKey));
    if (isSend) {
      event.preventDefault();
      send();
    } else if (event.key === 'Escape') field.current?.blur();
  };

  if (!tenant.may('messages.send') && !canNote) return <div className={classes.closed}>{t('composer.readOnly')}</div>;
  return (
    <div className={classes.composer} data-mode={mode}>
      <OthersHere others={presence.others} />
      <WindowBar conversation={conversation} />
      <div className={classes.modes} role="group" aria-label={t('composer.mode')}>
        <button
          type="button"
          aria-pressed={mode === 'reply'}
          onClick={() => focusOn('reply')}
          disabled={!tenant.may('messages.send')}
        >
          {t('composer.reply')}
        </button>
        <button type="button" aria-pressed={mode === 'note'} onClick={() => focusOn('note')} disabled={!canNote}>
          <IconNote size={14} aria-hidden /> {t('composer.note')}
        </button>
        {mode === 'note' && <span className={classes.noteHint}>{t('composer.noteHint')}</span>}
      </div>
      {mayWrite ? (
        <div className={classes.line}>
          {canned.isOpen && <CannedPicker picker={canned} />}
          <textarea
            ref={field}
            className={classes.field}
            value={text}
            rows={1}
            onChange={(event) => write(event.currentTarget.value)}
            onKeyDown={onKeyDown}
            onSelect={canned.onSelect}
            placeholder={mode === 'note' ? t('composer.notePlaceholder') : t('composer.placeholder')}
            aria-label={mode === 'note' ? t('composer.noteField') : t('composer.field')}
            aria-expanded={canned.isOpen}
            aria-controls={canned.isOpen ? canned.listId : undefined}
            aria-activedescendant={canned.activeId}
            role="combobox"
            aria-autocomplete="list"
            aria-haspopup="listbox"
            data-composer
          />
          <Button
            variant="filled"
            color={mode === 'note' ? 'accent' : 'accent'}
            onClick={send}
            disabled={!canSend}
            leftSection={mode === 'reply' ? <IconSend size={16} aria-hidden /> : undefined}
          >
            {mode === 'note' ? t('composer.saveNote') : t('composer.send')}
          </Button>
        </div>
      ) : (
        <Closed conversation={conversation} text={text} />
      )}
      {(length > SHOWN_FROM || open.length > 0) && (
        <p className={classes.count} data-over={length > most || open.length > 0 || undefined} role="status">
          {open.length > 0
            ? t('composer.openVariables', { names: open.join(', ') })
            : t('composer.count', { used: length, most })}
        </p>
      )}
    </div>
  );
}

/** Why nothing can be written now. What was written already is shown and kept. */
function Closed({ conversation, text }: { conversation: Conversation; text: string }) {
  const t = useT();
  const { opted_out_at, blocked_at } = conversation.contact;
  const why = blocked_at ? 'composer.blocked' : opted_out_at ? 'composer.optedOut' : 'composer.windowClosed';
  return (
    <div className={classes.closed}>
      <p>{t(why)}</p>
      {text && <p className={classes.kept}>{t('composer.kept', { text })}</p>}
    </div>
  );
}
