/** What is being written, per conversation: text and mode of each stay as they were left. */
export interface Draft {
  mode: 'reply' | 'note';
  reply: string;
  note: string;
}

const PREFIX = 'nexus.draft.';
const none: Draft = { mode: 'reply', reply: '', note: '' };
const listeners = new Set<() => void>();
const nameOf = (user: string, tenant: string, conversation: string) => `${PREFIX}${user}/${tenant}/${conversation}`;

export function readDraft(user: string, tenant: string, conversation: string): Draft {
  try {
    return {
      ...none,
      ...(JSON.parse(localStorage.getItem(nameOf(user, tenant, conversation)) ?? '{}') as Partial<Draft>),
    };
  } catch {
    return none;
  }
}

export function writeDraft(user: string, tenant: string, conversation: string, draft: Draft): void {
  const name = nameOf(user, tenant, conversation);
  const had = localStorage.getItem(name) !== null;
  const has = draft.reply !== '' || draft.note !== '' || draft.mode !== 'reply';
  if (has) localStorage.setItem(name, JSON.stringify(draft));
  else localStorage.removeItem(name);
  if (had !== has) listeners.forEach((listener) => listener());
}

export const hasDraft = (user: string, tenant: string, conversation: string): boolean => {
  const { reply, note } = readDraft(user, tenant, conversation);
  return reply.trim() !== '' || note.trim() !== '';
};

export function onDrafts(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** On leaving by one's own wish: the next person at this computer must not find them. */
export function forgetDrafts(): void {
  for (const name of Object.keys(localStorage)) if (name.startsWith(PREFIX)) localStorage.removeItem(name);
}
