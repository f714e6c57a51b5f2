/**
 * One stream for all tabs of the browser: eight streams over HTTP/1.1 would leave no connection for anything else.
 * The tab that holds the lock has the stream and tells the others; when it closes, the next one goes on from where it was.
 */
import type { Envelope } from '@/api/types';

import { setLive } from './state';
import { Stream } from './stream';

type Said =
  | { say: 'event'; envelope: Envelope }
  | { say: 'status'; status: 'live' | 'lost'; after: string | undefined }
  | { say: 'hello' }
  | { say: 'open'; tab: string; tenants: string[] }
  | { say: 'closed'; tab: string };

const NAME = 'nexus-live';

export interface SharedStream {
  /** The tenants this tab shows. */
  show(tenants: string[]): void;
  close(): void;
}

/** Joins the stream of this browser. `isSuperadmin`: the API tells those only what they ask for. */
export function joinStream(
  user: string,
  isSuperadmin: boolean,
  tab: string,
  onEvent: (e: Envelope) => void,
): SharedStream {
  const channel = typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel(`${NAME}/${user}`);
  const wanted = new Map<string, string[]>();
  let stream: Stream | undefined;
  let streamFor = '';
  let after: string | undefined;
  let mine: string[] = [];
  let isLeader = false;
  const closing = new AbortController();

  const tell = (said: Said) => channel?.postMessage(said);
  const status = (now: 'live' | 'lost') => {
    setLive(now);
    tell({ say: 'status', status: now, after: stream?.after ?? after });
  };

  function tune(): void {
    if (!isLeader) return;
    const tenants = isSuperadmin ? [...new Set([...wanted.values(), mine].flat())].toSorted() : [];
    const key = tenants.join(',');
    if (stream && key === streamFor) return;
    after = stream?.after ?? after;
    stream?.close();
    stream = undefined;
    streamFor = key;
    if (isSuperadmin && tenants.length === 0) return setLive('live');
    stream = new Stream(tenants, after, {
      onEnvelope(envelope) {
        after = envelope.id;
        tell({ say: 'event', envelope });
        onEvent(envelope);
      },
      onOpen: () => status('live'),
      onLost: () => status('lost'),
    });
  }

  channel?.addEventListener('message', ({ data }: MessageEvent<Said>) => {
    switch (data.say) {
      case 'event':
        after = data.envelope.id;
        setLive('live');
        return onEvent(data.envelope);
      case 'status':
        after = data.after ?? after;
        return setLive(data.status);
      case 'hello':
        if (mine.length > 0) tell({ say: 'open', tab, tenants: mine });
        return;
      case 'open':
        wanted.set(data.tab, data.tenants);
        return tune();
      case 'closed':
        wanted.delete(data.tab);
        return tune();
    }
  });

  const lead = () => {
    isLeader = true;
    tell({ say: 'hello' });
    tune();
  };
  const stop = () => {
    isLeader = false;
    after = stream?.after ?? after;
    stream?.close();
    stream = undefined;
  };

  if (navigator.locks && channel) {
    // Held until the tab goes away.
    void navigator.locks
      .request(`${NAME}/${user}`, { signal: closing.signal }, () => {
        lead();
        return new Promise<void>((release) => closing.signal.addEventListener('abort', () => release()));
      })
      .catch(() => undefined);
  } else {
    // Plain http: no lock, so each tab has its own stream, and only while somebody looks at it.
    const look = () => (document.visibilityState === 'visible' ? lead() : stop());
    document.addEventListener('visibilitychange', look, { signal: closing.signal });
    look();
  }
  const wake = () => stream?.nudge();
  window.addEventListener('online', wake, { signal: closing.signal });
  document.addEventListener('visibilitychange', wake, { signal: closing.signal });
  window.addEventListener('pagehide', () => tell({ say: 'closed', tab }), { signal: closing.signal });

  return {
    show(tenants) {
      mine = tenants;
      tell({ say: 'open', tab, tenants });
      tune();
    },
    close() {
      tell({ say: 'closed', tab });
      closing.abort();
      stop();
      channel?.close();
    },
  };
}
