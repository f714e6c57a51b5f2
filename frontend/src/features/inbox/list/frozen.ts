import { useState } from 'react';

/** How many entries of a list must move for `before` to become `after`; new ones count, vanished ones do not. */
export function moves(before: readonly string[], after: readonly string[]): number {
  const place = new Map(before.map((id, index) => [id, index]));
  const kept = after.flatMap((id) => place.get(id) ?? []);
  const added = after.length - kept.length;
  // What is not in the longest rising row has moved. `tails[n]`: the lowest end of a rising row of length n + 1.
  const tails: number[] = [];
  for (const at of kept) {
    const slot = tails.findIndex((tail) => tail >= at);
    if (slot === -1) tails.push(at);
    else tails[slot] = at;
  }
  return added + kept.length - tails.length;
}

/**
 * Rows that stay where they are while somebody points at them. What has changed waits behind a button; the content of
 * each row stays up to date.
 */
export function useFrozen<Row extends { id: string }>(rows: Row[], isHeld: boolean, group: string) {
  const [held, setHeld] = useState<{ rows: Row[]; group: string } | undefined>();
  const isFrozen = isHeld && held?.group === group;
  if (isHeld && held?.group !== group) setHeld({ rows, group });
  if (!isHeld && held) setHeld(undefined);
  if (!isFrozen) return { shown: rows, waiting: 0, release: () => setHeld(undefined) };
  const latest = new Map(rows.map((row) => [row.id, row]));
  const last = held.rows.at(-1)?.id;
  // Older pages that are loaded meanwhile go below, where nobody points.
  const from = last === undefined ? -1 : rows.findIndex((row) => row.id === last);
  const known = new Set(held.rows.map((row) => row.id));
  const below = from === -1 ? [] : rows.slice(from + 1).filter((row) => !known.has(row.id));
  const shown = [...held.rows.map((row) => latest.get(row.id) ?? row), ...below];
  const waiting = moves(
    shown.map((row) => row.id),
    rows.map((row) => row.id),
  );
  return { shown, waiting, release: () => setHeld({ rows, group }) };
}
