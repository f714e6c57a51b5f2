import { Button, Loader } from '@mantine/core';
import { IconAlertTriangle, IconLock } from '@tabler/icons-react';
import { type ReactNode, useEffect, useState } from 'react';

import { ApiProblem, wordsOf } from '@/api/problem';
import { useT } from '@/i18n';

import { CopyText } from './copy-text';
import classes from './states.module.css';

/** Why there is nothing here, and what to do about it. */
export function Empty({ title, children, icon }: { title: string; children?: ReactNode; icon?: ReactNode }) {
  return (
    <div className={classes.state}>
      {icon && <div className={classes.icon}>{icon}</div>}
      <p>{title}</p>
      {children}
    </div>
  );
}

/** What failed, in words, with a way to try again and an id for whoever helps. */
export function Failed({ error, onRetry }: { error: unknown; onRetry?: (() => void) | undefined }) {
  const t = useT();
  if (error instanceof ApiProblem && error.code === 'permission_missing') return <Forbidden />;
  return (
    <div className={classes.state} role="alert">
      <IconAlertTriangle className={classes.danger} aria-hidden />
      <p>{wordsOf(error, t)}</p>
      {error instanceof ApiProblem && error.requestId && (
        <p className={classes.id}>
          {t('state.requestId')} <CopyText text={error.requestId} />
        </p>
      )}
      {onRetry && <Button onClick={onRetry}>{t('action.retry')}</Button>}
    </div>
  );
}

/** Which role is needed, and who can grant it. */
export function Forbidden({ role }: { role?: 'administrator' | 'supervisor' | 'agent' | 'superadmin' }) {
  const t = useT();
  return (
    <div className={classes.state} role="alert">
      <IconLock className={classes.muted} aria-hidden />
      <h2>{t('state.forbidden.title')}</h2>
      <p>
        {t(role === 'superadmin' ? 'state.forbidden.superadmin' : 'state.forbidden.words', {
          role: role ? t(`role.${role}`) : '',
        })}
      </p>
    </div>
  );
}

/** A refused form, above its fields. */
export function FormFailure({ error }: { error: unknown }) {
  const t = useT();
  if (error === undefined) return null;
  return (
    <div className={classes.banner} role="alert">
      {wordsOf(error, t)}
    </div>
  );
}

/** Nothing for the first moment: most answers come sooner, and a flash is worse than a pause. */
export function Loading({ rows = 6, height = 44 }: { rows?: number; height?: number }) {
  const t = useT();
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 150);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div role="status" aria-label={t('state.loading')} className={classes.loading}>
      {isLate &&
        Array.from({ length: rows }, (_, index) => <div key={index} className={classes.bone} style={{ height }} />)}
    </div>
  );
}

export const Busy = () => <Loader size="xs" color="gray" aria-hidden />;
