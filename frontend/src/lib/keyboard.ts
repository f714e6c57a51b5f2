import { useEffect, useRef } from 'react';

import { preferences } from './preferences';

const FIELDS = 'input, textarea, select, [contenteditable="true"], [role="textbox"]';

/** Whether a key belongs to what is being typed, or to an open dialog or menu. */
export function isTaken(event: KeyboardEvent): boolean {
  const target = event.target instanceof Element ? event.target : undefined;
  if (event.defaultPrevented || event.isComposing || target?.matches(FIELDS)) return true;
  return document.querySelector('[role="dialog"], [role="menu"]') !== null;
}

/** The name of a key as our tables write it: `r`, `Shift+E`, `/`. On many layouts `/` and `?` come with Shift. */
export function nameOf(event: KeyboardEvent): string | undefined {
  if (event.ctrlKey || event.metaKey || event.altKey) return undefined;
  if (event.key.length > 1) return event.shiftKey ? `Shift+${event.key}` : event.key;
  const isLetter = event.key.toLowerCase() !== event.key.toUpperCase();
  return isLetter && event.shiftKey ? `Shift+${event.key.toUpperCase()}` : event.key.toLowerCase();
}

export type Keys = Record<string, (() => void) | undefined>;

/** Single keys of a screen. Silent in fields and dialogs, and for those who switched them off. */
export function useKeys(keys: Keys): void {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const name = nameOf(event);
      const run = name === undefined ? undefined : latest.current[name];
      if (!run || !preferences().singleKeys || isTaken(event) || isWaitingForPlace()) return;
      event.preventDefault();
      run();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}

let placeUntil = 0;
/** After `g` the next letter names a place, whatever it means on the screen. */
export const waitForPlace = (): void => void (placeUntil = Date.now() + 1500);
export const isWaitingForPlace = (): boolean => Date.now() < placeUntil;
export const placeFound = (): void => void (placeUntil = 0);
