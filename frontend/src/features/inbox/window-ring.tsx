import { useT } from '@/i18n';
import { duration } from '@/lib/format';

const SHOWN_FROM = 4 * 3_600_000;
const WHOLE = 24 * 3_600_000;

/** How much of the service window is left, once that begins to matter. */
export function WindowRing({ endsAt, now }: { endsAt: string | null | undefined; now: number }) {
  const t = useT();
  const left = endsAt ? Date.parse(endsAt) - now : Infinity;
  if (!(left > 0 && left < SHOWN_FROM)) return null;
  const words = t('window.left', { time: duration(left) });
  const length = 2 * Math.PI * 6;
  return (
    <svg width={16} height={16} viewBox="0 0 16 16" role="img" aria-label={words}>
      <title>{words}</title>
      <circle cx={8} cy={8} r={6} fill="none" stroke="var(--border)" strokeWidth={2} />
      <circle
        cx={8}
        cy={8}
        r={6}
        fill="none"
        stroke="var(--warn)"
        strokeWidth={2}
        strokeDasharray={`${(left / WHOLE) * 6 * length} ${length}`}
        transform="rotate(-90 8 8)"
      />
    </svg>
  );
}
