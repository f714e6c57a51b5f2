import { describe, expect, it } from 'vitest';

import { type Catalogue, translate } from './catalogue';
import en from './en.json';
import es from './es.json';
import pt from './pt.json';

const catalogues = { es, en, pt } as Record<'es' | 'en' | 'pt', Catalogue>;

describe('translate', () => {
  it('chooses the plural form of the language', () => {
    expect(translate(es, 'es', 'list.new', { count: 1 })).toBe('1 nueva');
    expect(translate(es, 'es', 'list.new', { count: 3 })).toBe('3 nuevas');
    // Portuguese counts nothing as one.
    expect(translate(pt, 'pt', 'list.new', { count: 0 })).toBe('0 nova');
    expect(translate(en, 'en', 'list.nobodyWaits', { count: 1200 })).toContain('1,200');
  });

  it('fills values in as they are, without reading them', () => {
    expect(translate(es, 'es', 'team.passOn', { email: '{{count}}<b>' })).toContain('{{count}}<b>');
  });

  it('shows the key rather than nothing', () => {
    expect(translate(es, 'es', 'not.there')).toBe('not.there');
  });
});

const leaves = (tree: Catalogue, prefix = ''): [string, string][] =>
  Object.entries(tree).flatMap(([name, value]) =>
    typeof value === 'string' ? [[prefix + name, value] as [string, string]] : leaves(value, `${prefix}${name}.`),
  );
const placeholders = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]).sort();

describe.each(['en', 'pt'] as const)('the catalogue %s', (language) => {
  const source = new Map(leaves(catalogues.es));
  const other = new Map(leaves(catalogues[language]));

  it('has exactly the keys of the source', () => {
    expect([...other.keys()].sort()).toEqual([...source.keys()].sort());
  });

  it('says the same placeholders', () => {
    for (const [key, text] of source)
      expect([key, placeholders(other.get(key) ?? '')]).toEqual([key, placeholders(text)]);
  });
});

it('Spanish addresses nobody as tú or vos', () => {
  const familiar = leaves(catalogues.es).filter(([, text]) =>
    /\b(tu|tus|vos|tenés|podés|querés|puedes|tienes|quieres|haz|hacé)\b/i.test(text),
  );
  expect(familiar).toEqual([]);
});
