import { useSyncExternalStore } from 'react';

import { config } from '@/lib/config';

import { type Catalogue, type Key, type Language, languages, translate, type Values } from './catalogue';
import es from './es.json';

export type { Key, Language } from './catalogue';
export { languages } from './catalogue';

export type T = ((key: Key, values?: Values) => string) & { readonly language: Language };

const STORED = 'nexus.language';
const listeners = new Set<() => void>();

function translator(language: Language, catalogue: Catalogue): T {
  const t = (key: Key, values?: Values) => translate(catalogue, language, key, values);
  return Object.assign(t, { language });
}

let current = translator('es', es);

async function load(language: Language): Promise<Catalogue> {
  switch (language) {
    case 'es':
      return es;
    case 'en':
      return (await import('./en.json')).default;
    case 'pt':
      return (await import('./pt.json')).default;
  }
}

export const isLanguage = (text: string | null | undefined): text is Language =>
  languages.some((known) => known === text);

/** Changes the language of everything that is shown, at once. */
export async function speak(language: Language): Promise<void> {
  if (language !== current.language) {
    current = translator(language, await load(language));
    listeners.forEach((listener) => listener());
  }
  document.documentElement.lang = language;
  localStorage.setItem(STORED, language);
}

/** The language before anybody has signed in: the last one, the installation's, the browser's. */
export function firstLanguage(): Language {
  const wanted = [localStorage.getItem(STORED), config.language, ...navigator.languages.map((tag) => tag.slice(0, 2))];
  return wanted.find(isLanguage) ?? 'es';
}

/** For what happens outside of a component. */
export const tNow = (): T => current;

export function useT(): T {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
  );
}
