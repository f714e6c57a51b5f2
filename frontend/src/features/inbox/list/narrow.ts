import { useNavigate } from '@tanstack/react-router';

import type { InboxSearch } from '../search';

export const flags = ['unread', 'closing', 'failed'] as const;

/** Changes what narrows the list; the address keeps it. */
export function useNarrow() {
  const navigate = useNavigate({ from: '/t/$tenant/inbox/{-$view}/{-$conversation}' });
  return (change: Partial<InboxSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...change }), params: (before) => before, replace: true });
}
