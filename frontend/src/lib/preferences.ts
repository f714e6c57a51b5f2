import { useSyncExternalStore } from 'react';

/** What somebody likes on this device. Nothing that others could use. */
export interface Preferences {
  density: 'comfortable' | 'compact';
  enterSends: boolean;
  singleKeys: boolean;
  sound: boolean;
  railOpen: boolean;
}

const STORED = 'nexus.preferences';
const usual: Preferences = {
  density: 'comfortable',
  enterSends: true,
  singleKeys: true,
  sound: false,
  railOpen: false,
};
const listeners = new Set<() => void>();

function read(): Preferences {
  try {
    return { ...usual, ...(JSON.parse(localStorage.getItem(STORED) ?? '{}') as Partial<Preferences>) };
  } catch {
    return usual;
  }
}

let current = read();
document.documentElement.dataset['density'] = current.density;

export const preferences = (): Preferences => current;

export function prefer(change: Partial<Preferences>): void {
  current = { ...current, ...change };
  localStorage.setItem(STORED, JSON.stringify(current));
  document.documentElement.dataset['density'] = current.density;
  listeners.forEach((listener) => listener());
}

export function usePreferences(): Preferences {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, preferences);
}
