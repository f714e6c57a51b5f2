import type { ReactNode } from 'react';

import { isLanguage, languages, speak, useT } from '@/i18n';
import { useTitle } from '@/ui/page';

import classes from './card.module.css';

/** The screens before anybody is signed in: one card, and the language. */
export function Card({ title, lead, children }: { title: string; lead?: string | undefined; children: ReactNode }) {
  const t = useT();
  useTitle(title);
  return (
    <main className={classes.page}>
      <div className={classes.card}>
        <div className={classes.brand}>
          <img src="/favicon.svg" width={28} height={28} alt="" /> Nexus
        </div>
        <h1>{title}</h1>
        {lead && <p className="muted">{lead}</p>}
        {children}
      </div>
      <LanguageChoice label={t('me.language')} />
    </main>
  );
}

function LanguageChoice({ label }: { label: string }) {
  const { language } = useT();
  const names = { es: 'Español', en: 'English', pt: 'Português' };
  return (
    <div className={classes.languages} role="group" aria-label={label}>
      {languages.map((other) => (
        <button
          key={other}
          type="button"
          lang={other}
          aria-pressed={other === language}
          onClick={() => isLanguage(other) && void speak(other)}
        >
          {names[other]}
        </button>
      ))}
    </div>
  );
}
