import { useEffect, useRef, useState } from 'react';

import type { Message } from '@/api/types';
import { useT } from '@/i18n';

const EVERY_MS = 3000;

/** Tells who listens about new messages of the customer. The thread itself would repeat old ones while scrolling. */
export function Announcer({ messages }: { messages: Message[] }) {
  const t = useT();
  const [words, setWords] = useState('');
  const last = messages.findLast((message) => message.direction === 'inbound');
  const known = useRef<string>(undefined);
  const spokenAt = useRef(0);
  useEffect(() => {
    if (!last || known.current === last.id) return;
    const isFirst = known.current === undefined;
    known.current = last.id;
    if (isFirst) return;
    const wait = Math.max(0, spokenAt.current + EVERY_MS - Date.now());
    const timer = setTimeout(() => {
      spokenAt.current = Date.now();
      setWords(t('thread.announce', { text: last.body.slice(0, 200) }));
    }, wait);
    return () => clearTimeout(timer);
  }, [last, t]);
  return (
    <div className="hidden" aria-live="polite">
      {words}
    </div>
  );
}
