import type es from './es.json';

type Json = { [key: string]: string | Json };

/** `a.b.c` of every leaf; the forms of a plural (`key_one`, `key_other`) count as one key. */
type Leaves<T, P extends string = ''> = {
  [K in keyof T & string]: T[K] extends string ? `${P}${WithoutForm<K>}` : Leaves<T[K], `${P}${K}.`>;
}[keyof T & string];
type WithoutForm<K extends string> = K extends `${infer Base}_${'zero' | 'one' | 'two' | 'few' | 'many' | 'other'}`
  ? Base
  : K;

/** A key that exists in the Spanish catalogue, which is the source. */
export type Key = Leaves<typeof es>;
export type Catalogue = Json;
export type Values = Record<string, string | number>;
export type Language = 'es' | 'en' | 'pt';
export const languages: readonly Language[] = ['es', 'en', 'pt'];

function find(catalogue: Catalogue, key: string): string | undefined {
  let at: string | Json | undefined = catalogue;
  for (const part of key.split('.')) at = typeof at === 'object' ? at[part] : undefined;
  return typeof at === 'string' ? at : undefined;
}

/** Looks a key up: `count` chooses the plural form, `{{name}}` is replaced. Never answers nothing. */
export function translate(catalogue: Catalogue, language: Language, key: string, values: Values = {}): string {
  const count = values['count'];
  const form = typeof count === 'number' ? new Intl.PluralRules(language).select(count) : undefined;
  const found =
    (form && (find(catalogue, `${key}_${form}`) ?? find(catalogue, `${key}_other`))) ?? find(catalogue, key) ?? key;
  return found.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values[name];
    return typeof value === 'number' ? new Intl.NumberFormat(language).format(value) : (value ?? '');
  });
}
