import type { Language } from '@/i18n';

const LOCALES: Record<Language, string> = { es: 'es-AR', en: 'en', pt: 'pt-BR' };
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const formats = new Map<string, Intl.DateTimeFormat>();

// Making a format is slow enough to be felt in a list.
function format(
  language: Language,
  zone: string | undefined,
  options: Intl.DateTimeFormatOptions,
): Intl.DateTimeFormat {
  const key = `${language} ${zone} ${JSON.stringify(options)}`;
  let made = formats.get(key);
  if (!made) {
    // Without h23 some Chromium locales say "01:40 a. m.".
    made = new Intl.DateTimeFormat(LOCALES[language], {
      ...options,
      timeZone: zone,
      ...(options.hour ? { hourCycle: 'h23' } : {}),
    });
    formats.set(key, made);
  }
  return made;
}

export const clock = (at: string | Date, language: Language, zone?: string): string =>
  format(language, zone, { hour: '2-digit', minute: '2-digit' }).format(new Date(at));

export const longTime = (at: string | Date, language: Language, zone?: string): string =>
  format(language, zone, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  }).format(new Date(at));

export const shortDate = (at: string | Date, language: Language, zone?: string): string =>
  format(language, zone, { day: 'numeric', month: 'short' }).format(new Date(at));

/** The day as one word to compare: two times of the same tenant day have the same. */
export const dayOf = (at: string | Date, zone?: string): string =>
  format('en', zone, { year: 'numeric', month: '2-digit', day: '2-digit' }).format(new Date(at));

export const dayTitle = (at: string | Date, language: Language, zone?: string): string =>
  format(language, zone, { weekday: 'long', day: 'numeric', month: 'long' }).format(new Date(at));

/** As short as a list needs: the time today, the day before that. */
export function listTime(at: string, language: Language, now: number, zone?: string): string {
  return dayOf(at, zone) === dayOf(new Date(now), zone) ? clock(at, language, zone) : shortDate(at, language, zone);
}

/** "12 min", "3 h 12 min", "2 d 4 h": two units at most. */
export function duration(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / MINUTE));
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(ms / HOUR);
  if (hours < 24) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  const days = Math.floor(ms / DAY);
  return hours % 24 ? `${days} d ${hours % 24} h` : `${days} d`;
}

/** "hace 5 minutos", below a day; the date after that. */
export function relative(at: string, language: Language, now: number, zone?: string): string {
  const since = now - Date.parse(at);
  if (Math.abs(since) >= DAY) return longTime(at, language, zone);
  const words = new Intl.RelativeTimeFormat(LOCALES[language], { numeric: 'auto' });
  if (Math.abs(since) < MINUTE) return words.format(0, 'minute');
  return Math.abs(since) < HOUR
    ? words.format(-Math.round(since / MINUTE), 'minute')
    : words.format(-Math.round(since / HOUR), 'hour');
}

export const browserZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;
