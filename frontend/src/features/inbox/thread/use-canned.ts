import { useQuery } from '@tanstack/react-query';
import { type RefObject, useId, useState } from 'react';

import { cannedQuery } from '@/api/queries';
import type { CannedReply, Conversation } from '@/api/types';
import { useMe } from '@/features/session/session';
import { useTenant } from '@/lib/permissions';

import { fillIn, matching, slashAt, valuesFor } from './canned';

export interface Picker {
  isOpen: boolean;
  listId: string;
  activeId: string | undefined;
  active: number;
  found: CannedReply[];
  preview: (reply: CannedReply) => string;
  choose: (reply: CannedReply) => void;
  /** Whether the key was ours. */
  onKeyDown: (event: React.KeyboardEvent) => boolean;
  onSelect: () => void;
}

/** Canned replies behind `/`, at the start of any word. */
export function useCanned(
  conversation: Conversation,
  field: RefObject<HTMLTextAreaElement | null>,
  text: string,
  write: (text: string) => void,
  isOn: boolean,
): Picker {
  const me = useMe();
  const tenant = useTenant();
  const listId = useId();
  const [cursor, setCursor] = useState(0);
  const [active, setActive] = useState(0);
  const [dismissed, setDismissed] = useState<string>();
  const slash = isOn ? slashAt(text, cursor) : undefined;
  const { data } = useQuery({ ...cannedQuery(tenant.id), enabled: slash !== undefined });
  const found = slash && dismissed !== text ? matching(data?.items ?? [], slash.word) : [];
  const isOpen = found.length > 0;
  const values = valuesFor(conversation, me.display_name, tenant.name);
  const at = Math.min(active, found.length - 1);

  const choose = (reply: CannedReply) => {
    if (!slash) return;
    const filled = fillIn(reply.body, values);
    write(text.slice(0, slash.from) + filled + text.slice(cursor));
    const end = slash.from + filled.length;
    requestAnimationFrame(() => {
      field.current?.focus();
      field.current?.setSelectionRange(end, end);
    });
  };
  const onKeyDown = (event: React.KeyboardEvent): boolean => {
    const chosen = found[at];
    if (!isOpen || !chosen) return false;
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) setActive((at + step + found.length) % found.length);
    else if (event.key === 'Enter' || event.key === 'Tab') choose(chosen);
    else if (event.key === 'Escape') setDismissed(text);
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  };
  return {
    isOpen,
    listId,
    active: at,
    activeId: isOpen ? `${listId}-${at}` : undefined,
    found,
    preview: (reply) => fillIn(reply.body, values),
    choose,
    onKeyDown,
    onSelect: () => setCursor(field.current?.selectionStart ?? 0),
  };
}
