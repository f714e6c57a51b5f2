/** What was written and has not reached the API. In IndexedDB, so that a closed tab or an empty battery loses nothing. */
export interface OutboxEntry {
  /** Also the Idempotency-Key and the `client_message_id`: the same entry is never sent twice. */
  id: string;
  user: string;
  tenant: string;
  conversation: string;
  kind: 'reply' | 'note';
  text: string;
  createdAt: number;
  state: 'waiting' | 'refused' | 'asking';
  /** The code of the problem, for the words to be shown. */
  code?: string;
}

export interface OutboxStore {
  all(): Promise<OutboxEntry[]>;
  put(entry: OutboxEntry): Promise<void>;
  remove(id: string): Promise<void>;
}

const asked = <R>(request: IDBRequest<R>): Promise<R> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('IndexedDB did not answer'));
  });

function open(): Promise<IDBDatabase> {
  const request = indexedDB.open('nexus', 1);
  request.onupgradeneeded = () => request.result.createObjectStore('outbox', { keyPath: 'id' });
  return asked(request);
}

/** Falls back to memory where there is no IndexedDB: private windows of some browsers. */
export function openStore(): OutboxStore {
  const memory = new Map<string, OutboxEntry>();
  let database: Promise<IDBDatabase> | undefined;
  const query = async <R>(
    mode: IDBTransactionMode,
    run: (store: IDBObjectStore) => IDBRequest<R>,
  ): Promise<R | undefined> => {
    try {
      database ??= open();
      return await asked(run((await database).transaction('outbox', mode).objectStore('outbox')));
    } catch {
      return undefined;
    }
  };
  return {
    async all() {
      const stored = (await query<OutboxEntry[]>('readonly', (store) => store.getAll())) ?? [];
      stored.forEach((entry) => memory.set(entry.id, entry));
      return [...memory.values()].sort((a, b) => a.createdAt - b.createdAt);
    },
    async put(entry) {
      memory.set(entry.id, entry);
      await query('readwrite', (store) => store.put(entry));
    },
    async remove(id) {
      memory.delete(id);
      await query('readwrite', (store) => store.delete(id));
    },
  };
}
