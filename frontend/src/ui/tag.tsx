import type { ReactNode } from 'react';

import classes from './tag.module.css';

export type Tone = 'plain' | 'accent' | 'warn' | 'danger' | 'ok' | 'info';

/** A state in one word, with an icon: never by colour alone. */
export function Tag({ tone = 'plain', icon, children }: { tone?: Tone; icon?: ReactNode; children: ReactNode }) {
  return (
    <span className={classes.tag} data-tone={tone}>
      {icon}
      {children}
    </span>
  );
}
