import type { Present } from '@/api/types';
import { useT } from '@/i18n';

import { usePeople } from '../people';
import classes from './composer.module.css';

/** Who else has this conversation open, before one types over them. */
export function OthersHere({ others }: { others: Present[] }) {
  const t = useT();
  const { nameOf } = usePeople();
  if (others.length === 0) return null;
  const names = (typing: boolean) =>
    others
      .filter((other) => other.is_typing === typing)
      .map((other) => nameOf(other.user_id))
      .join(', ');
  const [typing, here] = [names(true), names(false)];
  return (
    <div className={classes.others} role="status">
      {typing && <strong>{t('presence.typing', { name: typing })}</strong>}
      {here && <span>{t('presence.here', { name: here })}</span>}
    </div>
  );
}
