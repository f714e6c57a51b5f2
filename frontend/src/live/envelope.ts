import type { Envelope } from '@/api/types';

/** Reads one event of the stream; what cannot be read is passed over. */
export function readEnvelope(text: string): Envelope | undefined {
  try {
    const found: unknown = JSON.parse(text);
    if (typeof found !== 'object' || found === null) return undefined;
    const { id, type, at } = found as Record<string, unknown>;
    return typeof id === 'string' && typeof type === 'string' && typeof at === 'string'
      ? (found as Envelope)
      : undefined;
  } catch {
    return undefined;
  }
}

/** A field of an event's data. */
export function text(envelope: Envelope, name: string): string | undefined {
  const value = (envelope.data as Record<string, unknown>)[name];
  return typeof value === 'string' ? value : undefined;
}
