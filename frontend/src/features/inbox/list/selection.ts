import { useState } from 'react';

import type { Conversation } from '@/api/types';

export interface Selection {
  ids: string[];
  rows: Conversation[];
  has: (id: string) => boolean;
  toggle: (id: string) => void;
  all: () => void;
  clear: () => void;
}

/** What is ticked in one list; another list begins with nothing ticked. */
export function useSelection(group: string, rows: Conversation[]): Selection {
  const [chosen, setChosen] = useState<{ group: string; ids: string[] }>({ group, ids: [] });
  const ids = chosen.group === group ? chosen.ids : [];
  return {
    ids,
    rows: rows.filter((row) => ids.includes(row.id)),
    has: (id) => ids.includes(id),
    toggle: (id) => setChosen({ group, ids: ids.includes(id) ? ids.filter((other) => other !== id) : [...ids, id] }),
    all: () => setChosen({ group, ids: rows.map((row) => row.id) }),
    clear: () => setChosen({ group, ids: [] }),
  };
}
