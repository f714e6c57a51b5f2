import { describe, expect, it } from 'vitest';

import { message, thread, threadPage } from '@/testing/fixtures';

import { furthest, messagesOf, patchStatus, patchThread } from './threads';

const bodies = (data: ReturnType<typeof thread>) => messagesOf(data).map((one) => one.id);

describe('patchThread', () => {
  it('appends what is new and replaces what is known', () => {
    const data = patchThread(thread(threadPage([message('a', 1)])), message('b', 2));
    expect(bodies(data)).toEqual(['a', 'b']);
    expect(messagesOf(patchThread(data, message('b', 2, { body: 'changed' }))).map((one) => one.body)).toEqual([
      'a',
      'changed',
    ]);
  });

  it('puts a late message where its time is, in whichever page that is', () => {
    const data = thread(
      threadPage([message('e', 5), message('f', 6)]),
      threadPage([message('a', 1), message('c', 3)], 'older'),
    );
    expect(bodies(patchThread(data, message('b', 2)))).toEqual(['a', 'b', 'c', 'e', 'f']);
  });

  it('leaves what is older than everything loaded to its own page', () => {
    const data = thread(threadPage([message('b', 2)], 'older'));
    expect(patchThread(data, message('a', 1))).toBe(data);
  });

  it('tells equal times apart by id', () => {
    const data = patchThread(thread(threadPage([message('a', 1), message('c', 1)])), message('b', 1));
    expect(bodies(data)).toEqual(['a', 'b', 'c']);
  });

  it('never moves a tick back', () => {
    const data = thread(threadPage([message('a', 1, { status: 'read' })]));
    expect(messagesOf(patchThread(data, message('a', 1, { status: 'sent' })))[0]?.status).toBe('read');
  });
});

describe('patchStatus', () => {
  it('moves forward only, and says when the message is not loaded', () => {
    const data = thread(threadPage([message('a', 1, { status: 'sent' })]));
    expect(messagesOf(patchStatus(data, 'a', 'read', 'now'))[0]?.status).toBe('read');
    expect(patchStatus(data, 'a', 'queued', 'now')).toBe(data);
    expect(patchStatus(data, 'b', 'read', 'now')).toBeUndefined();
  });

  it('knows that what was received has not failed', () => {
    expect(furthest('failed', 'delivered')).toBe('delivered');
    expect(furthest('delivered', 'failed')).toBe('delivered');
    expect(furthest(null, 'sent')).toBe('sent');
  });
});
