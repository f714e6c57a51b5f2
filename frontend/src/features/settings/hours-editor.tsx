import { ActionIcon, Button, Checkbox, Group } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import type { ReactNode } from 'react';

import { useT } from '@/i18n';

import classes from './settings.module.css';

type Hours = Record<string, string[][]>;
const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const usual: string[] = ['09:00', '18:00'];

/** Opening hours as intervals of a day; a day without any is closed. */
export function HoursEditor({
  hours,
  onChange,
  error,
}: {
  hours: Hours | null;
  onChange: (hours: Hours | null) => void;
  error: ReactNode;
}) {
  const t = useT();
  if (hours === null) {
    return (
      <div>
        <p className="muted">{t('settings.noHours')}</p>
        <Button mt={8} onClick={() => onChange(Object.fromEntries(days.slice(0, 5).map((day) => [day, [usual]])))}>
          {t('settings.setHours')}
        </Button>
      </div>
    );
  }
  const set = (day: string, intervals: string[][]) => {
    const { [day]: _, ...rest } = hours;
    onChange(intervals.length > 0 ? { ...rest, [day]: intervals } : rest);
  };
  return (
    <div className={classes.hours}>
      {days.map((day) => {
        const intervals = hours[day] ?? [];
        return (
          <div key={day} className={classes.day} role="group" aria-label={t(`day.${day}`)}>
            <Checkbox
              label={t(`day.${day}`)}
              checked={intervals.length > 0}
              onChange={(event) => set(day, event.currentTarget.checked ? [usual] : [])}
            />
            <div className={classes.intervals}>
              {intervals.length === 0 && <span className="muted">{t('settings.closed')}</span>}
              {intervals.map(([from = '', to = ''], index) => (
                <Group key={index} gap={4} wrap="nowrap">
                  <input
                    type="time"
                    className={classes.time}
                    value={from}
                    aria-label={t('settings.from')}
                    onChange={(event) => set(day, intervals.with(index, [event.currentTarget.value, to]))}
                    required
                  />
                  <span aria-hidden>–</span>
                  <input
                    type="time"
                    className={classes.time}
                    value={to}
                    aria-label={t('settings.to')}
                    onChange={(event) => set(day, intervals.with(index, [from, event.currentTarget.value]))}
                    required
                  />
                  <ActionIcon
                    aria-label={t('settings.removeInterval')}
                    onClick={() => set(day, intervals.toSpliced(index, 1))}
                  >
                    <IconX size={16} aria-hidden />
                  </ActionIcon>
                </Group>
              ))}
            </div>
            {intervals.length > 0 && (
              <ActionIcon
                aria-label={t('settings.addInterval')}
                onClick={() => set(day, [...intervals, ['14:00', '18:00']])}
              >
                <IconPlus size={16} aria-hidden />
              </ActionIcon>
            )}
          </div>
        );
      })}
      {error && <p style={{ color: 'var(--danger)' }}>{error}</p>}
      <div>
        <Button variant="subtle" onClick={() => onChange(null)}>
          {t('settings.forgetHours')}
        </Button>
      </div>
    </div>
  );
}
