import { IconAlertTriangle, IconBan, IconCheck, IconChecks, IconClock, IconHelp } from '@tabler/icons-react';

import { useT } from '@/i18n';

import classes from './thread.module.css';

const icons = {
  queued: IconClock,
  accepted: IconClock,
  sent: IconCheck,
  delivered: IconChecks,
  read: IconChecks,
  failed: IconAlertTriangle,
  unknown: IconHelp,
  cancelled: IconBan,
} as const;

type Status = keyof typeof icons;
const isStatus = (status: string | null | undefined): status is Status => status != null && status in icons;

/** Exactly what the provider has confirmed, no more. */
export function Ticks({ status }: { status: string | null | undefined }) {
  const t = useT();
  if (!isStatus(status)) return null;
  const Icon = icons[status];
  return (
    <span
      className={classes.ticks}
      data-status={status}
      role="img"
      aria-label={t(`status.${status}`)}
      title={t(`status.${status}`)}
    >
      <Icon size={15} aria-hidden />
    </span>
  );
}
