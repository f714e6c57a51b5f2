/** One connection to the stream of events. Reconnects for ever; hears a dead line by its missing heartbeat. */
import { config } from '@/lib/config';
import type { Envelope } from '@/api/types';

import { readEnvelope } from './envelope';

/** The API sends a heartbeat every twelve seconds. */
const SILENCE_MS = 30_000;
const LONGEST_PAUSE_MS = 30_000;

export interface StreamEvents {
  onEnvelope(envelope: Envelope): void;
  onOpen(): void;
  onLost(): void;
}

export class Stream {
  #source: EventSource | undefined;
  #watchdog: ReturnType<typeof setTimeout> | undefined;
  #again: ReturnType<typeof setTimeout> | undefined;
  #tries = 0;
  #isClosed = false;
  readonly #events: StreamEvents;
  readonly #tenants: readonly string[];
  #after: string | undefined;

  constructor(tenants: readonly string[], after: string | undefined, events: StreamEvents) {
    this.#events = events;
    this.#tenants = tenants;
    this.#after = after;
    this.#connect();
  }

  /** The last event heard: where another stream may go on. */
  get after(): string | undefined {
    return this.#after;
  }

  /** Tries at once, for instance when the machine wakes up. */
  nudge(): void {
    if (this.#again !== undefined) this.#connect();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#watchdog);
    clearTimeout(this.#again);
    this.#source?.close();
  }

  #connect(): void {
    clearTimeout(this.#again);
    this.#again = undefined;
    this.#source?.close();
    const query = new URLSearchParams();
    if (this.#tenants.length > 0) query.set('tenants', this.#tenants.join(','));
    if (this.#after !== undefined) query.set('after', this.#after);
    const source = new EventSource(`${config.apiBase}/api/v1/events?${query}`, { withCredentials: true });
    this.#source = source;
    this.#heed();
    source.onmessage = ({ data }) => {
      const envelope = readEnvelope(data as string);
      if (!envelope) return;
      this.#heed();
      if (this.#tries !== 0) this.#tries = 0;
      this.#after = envelope.id;
      this.#events.onOpen();
      this.#events.onEnvelope(envelope);
    };
    source.onerror = () => this.#lost();
  }

  #heed(): void {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => this.#lost(), SILENCE_MS);
  }

  #lost(): void {
    if (this.#isClosed || this.#again !== undefined) return;
    clearTimeout(this.#watchdog);
    this.#source?.close();
    this.#events.onLost();
    // Everybody lost it at the same moment; they must not all come back at the same moment.
    const pause = Math.min(LONGEST_PAUSE_MS, 1000 * 2 ** this.#tries) * (0.5 + Math.random() / 2);
    this.#tries += 1;
    this.#again = setTimeout(() => this.#connect(), pause);
  }
}
