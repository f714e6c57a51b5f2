import { useSyncExternalStore } from 'react';

export interface LiveState {
  status: 'connecting' | 'live' | 'lost';
  /** Since when it is so. */
  since: number;
}

let state: LiveState = { status: 'connecting', since: Date.now() };
const listeners = new Set<() => void>();

export function setLive(status: LiveState['status']): void {
  if (status === state.status) return;
  state = { status, since: Date.now() };
  listeners.forEach((listener) => listener());
}

export const liveState = (): LiveState => state;

export function onLiveState(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useLive = (): LiveState => useSyncExternalStore(onLiveState, liveState);
