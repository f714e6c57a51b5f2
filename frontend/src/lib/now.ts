import { useSyncExternalStore } from 'react';

const EVERY = 15_000;
const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    listeners.forEach((told) => told());
  }, EVERY);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** The time, give or take fifteen seconds: one clock for every countdown of the page. */
export const useNow = (): number => useSyncExternalStore(subscribe, () => now);
