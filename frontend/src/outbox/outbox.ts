/** Sends what is in the store, in order per conversation, again and again until the API has it or refuses it. */
import { ApiProblem } from '@/api/problem';
import { newId } from '@/lib/id';

import type { OutboxEntry, OutboxStore } from './store';

/** After this long a message may not mean any more what it meant: the writer is asked. */
const PATIENCE_MS = 10 * 60_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

export type Deliver = (entry: OutboxEntry) => Promise<void>;

export class Outbox {
  #entries: OutboxEntry[] = [];
  readonly #store: OutboxStore;
  readonly #deliver: Deliver;
  readonly #listeners = new Set<() => void>();
  readonly #busy = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pause = FIRST_PAUSE_MS;
  #user = '';

  constructor(store: OutboxStore, deliver: Deliver) {
    this.#store = store;
    this.#deliver = deliver;
  }

  /** Reads what an earlier page of this person left, and goes on. */
  async start(user: string): Promise<void> {
    this.#user = user;
    this.#set((await this.#store.all()).filter((entry) => entry.user === user));
    this.flush();
  }

  get entries(): readonly OutboxEntry[] {
    return this.#entries;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  snapshot = (): readonly OutboxEntry[] => this.#entries;

  /** Takes what somebody wrote. It is shown at once; the answer is its id. */
  add(what: Pick<OutboxEntry, 'tenant' | 'conversation' | 'kind' | 'text'>): string {
    const entry: OutboxEntry = { ...what, id: newId(), user: this.#user, createdAt: Date.now(), state: 'waiting' };
    this.#set([...this.#entries, entry]);
    void this.#store.put(entry).then(() => this.flush());
    return entry.id;
  }

  /** Tries a refused or doubtful one again, as if it were new. The key stays: what did arrive is not sent twice. */
  retry(id: string): void {
    const entry = this.#entries.find((other) => other.id === id);
    if (!entry) return;
    this.#change({ ...entry, state: 'waiting', code: undefined, createdAt: Date.now() });
    this.flush();
  }

  discard(id: string): void {
    this.#set(this.#entries.filter((entry) => entry.id !== id));
    void this.#store.remove(id);
  }

  /** Tries everything that waits now: at start, when the network is back, after signing in. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const lane of new Set(this.#entries.map(laneOf))) void this.#drain(lane);
  }

  async #drain(lane: string): Promise<void> {
    if (this.#busy.has(lane)) return;
    this.#busy.add(lane);
    try {
      for (;;) {
        const entry = this.#entries.find((other) => laneOf(other) === lane && other.state === 'waiting');
        if (!entry) return;
        if (!(await this.#try(entry))) return;
      }
    } finally {
      this.#busy.delete(lane);
    }
  }

  /** Whether the lane may go on. */
  async #try(entry: OutboxEntry): Promise<boolean> {
    if (Date.now() - entry.createdAt > PATIENCE_MS) {
      this.#change({ ...entry, state: 'asking' });
      return true;
    }
    try {
      await this.#deliver(entry);
    } catch (error) {
      return this.#failed(entry, error);
    }
    this.#pause = FIRST_PAUSE_MS;
    this.discard(entry.id);
    return true;
  }

  #failed(entry: OutboxEntry, error: unknown): boolean {
    const problem = error instanceof ApiProblem ? error : undefined;
    if (problem?.code === 'not_signed_in') return false;
    if (!problem || problem.isPassing) {
      const pause = problem?.retryAfter ? problem.retryAfter * 1000 : this.#pause;
      this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE_MS);
      this.#timer ??= setTimeout(() => this.flush(), pause);
      return false;
    }
    this.#change({ ...entry, state: 'refused', code: problem.code });
    return true;
  }

  #change(entry: OutboxEntry): void {
    this.#set(this.#entries.map((other) => (other.id === entry.id ? entry : other)));
    void this.#store.put(entry);
  }

  #set(entries: OutboxEntry[]): void {
    this.#entries = entries;
    this.#listeners.forEach((listener) => listener());
  }
}

const laneOf = (entry: OutboxEntry): string => `${entry.tenant}/${entry.conversation}`;
