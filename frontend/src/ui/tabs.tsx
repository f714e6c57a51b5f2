import { Link } from '@tanstack/react-router';

import classes from './tabs.module.css';

interface Tab {
  name: string;
  label: string;
}

/** Parts of a screen, each with its own address. */
export function LinkTabs({
  label,
  tabs,
  current,
  to,
  params,
  name,
}: {
  label: string;
  tabs: readonly Tab[];
  current: string;
  to: string;
  params: Record<string, string | undefined>;
  name: string;
}) {
  return (
    <nav className={classes.tabs} aria-label={label}>
      {tabs.map((tab) => (
        <Link
          key={tab.name}
          to={to}
          params={{ ...params, [name]: tab.name } as never}
          className={classes.tab}
          aria-current={tab.name === current ? 'page' : undefined}
          activeProps={{}}
        >
          {tab.label}
        </Link>
      ))}
    </nav>
  );
}
