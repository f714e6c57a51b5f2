import { type ReactNode, useEffect } from 'react';

import classes from './page.module.css';

/** A screen beside the inbox: one title, its actions, its content. */
export function Page({
  title,
  actions,
  children,
  wide,
}: {
  title: string;
  actions?: ReactNode;
  children: ReactNode;
  wide?: boolean;
}) {
  useTitle(title);
  return (
    <div className={classes.page}>
      <header className={classes.head}>
        <h1>{title}</h1>
        <div className={classes.actions}>{actions}</div>
      </header>
      <div className={wide ? classes.wide : classes.body}>{children}</div>
    </div>
  );
}

export function Section({
  title,
  lead,
  children,
  actions,
}: {
  title: string;
  lead?: string;
  children: ReactNode;
  actions?: ReactNode;
}) {
  return (
    <section className={classes.section} aria-label={title}>
      <div className={classes.sectionHead}>
        <div>
          <h2>{title}</h2>
          {lead && <p className="muted">{lead}</p>}
        </div>
        {actions && <div className={classes.actions}>{actions}</div>}
      </div>
      {children}
    </section>
  );
}

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Nexus`;
  }, [title]);
}
