const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Nine in the morning is when somebody looks again. */
const MORNING = 9;

/** How far a zone is from UTC at a moment. */
function offset(at: Date, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(at);
  const number = (type: string) => Number(parts.find((part) => part.type === type)?.value);
  const local = Date.UTC(
    number('year'),
    number('month') - 1,
    number('day'),
    number('hour'),
    number('minute'),
    number('second'),
  );
  return local - Math.floor(at.getTime() / 1000) * 1000;
}

/** Nine in the morning, some days after a moment, in a zone; right on the days when clocks change. */
export function morningAfter(now: Date, days: number, zone: string): Date {
  const local = new Date(now.getTime() + offset(now, zone));
  const wanted = Date.UTC(local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate() + days, MORNING);
  const guess = new Date(wanted - offset(now, zone));
  return new Date(wanted - offset(guess, zone));
}

export function snoozeChoices(now: Date, zone = Intl.DateTimeFormat().resolvedOptions().timeZone) {
  const local = new Date(now.getTime() + offset(now, zone));
  const toMonday = (8 - local.getUTCDay()) % 7 || 7;
  return [
    { name: 'hour', until: new Date(now.getTime() + HOUR) },
    { name: 'threeHours', until: new Date(now.getTime() + 3 * HOUR) },
    { name: 'tomorrow', until: morningAfter(now, 1, zone) },
    { name: 'monday', until: morningAfter(now, toMonday, zone) },
    { name: 'week', until: new Date(now.getTime() + 7 * DAY) },
  ] as const;
}
