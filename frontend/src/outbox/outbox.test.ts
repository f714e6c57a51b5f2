import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { ApiProblem, unreachable } from '@/api/problem';

import { type Deliver, Outbox } from './outbox';
import type { OutboxEntry, OutboxStore } from './store';

function memory(entries: OutboxEntry[] = []): OutboxStore & { kept: Map<string, OutboxEntry> } {
  const kept = new Map(entries.map((entry) => [entry.id, entry]));
  return {
    kept,
    all: async () => [...kept.values()],
    put: async (entry) => void kept.set(entry.id, entry),
    remove: async (id) => void kept.delete(id),
  };
}

const text = (words: string, conversation = 'c1') => ({
  tenant: 't',
  conversation,
  kind: 'reply' as const,
  text: words,
});
const refused = (code: 'service_window_closed' | 'not_signed_in', status = 409) => new ApiProblem({ code, status });

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('the outbox', () => {
  it('sends in order, and keeps nothing that has arrived', async () => {
    const store = memory();
    const sent: string[] = [];
    const outbox = new Outbox(store, async (entry) => void sent.push(entry.text));
    await outbox.start('ana');
    outbox.add(text('one'));
    outbox.add(text('two'));
    await vi.advanceTimersByTimeAsync(0);
    expect(sent).toEqual(['one', 'two']);
    expect(store.kept.size).toBe(0);
    expect(outbox.entries).toEqual([]);
  });

  it('tries again with the same key until somebody answers', async () => {
    const tried: string[] = [];
    const deliver: Deliver = async (entry) => {
      tried.push(entry.id);
      if (tried.length < 3) throw unreachable();
    };
    const outbox = new Outbox(memory(), deliver);
    await outbox.start('ana');
    const id = outbox.add(text('one'));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(tried).toEqual([id, id, id]);
    expect(outbox.entries).toEqual([]);
  });

  it('holds back what follows in the same conversation, and nothing of another', async () => {
    const sent: string[] = [];
    const outbox = new Outbox(memory(), async (entry) => {
      if (entry.text === 'stuck') throw unreachable();
      sent.push(entry.text);
    });
    await outbox.start('ana');
    outbox.add(text('stuck'));
    outbox.add(text('after'));
    outbox.add(text('elsewhere', 'c2'));
    await vi.advanceTimersByTimeAsync(0);
    expect(sent).toEqual(['elsewhere']);
  });

  it('waits as long as the API asks for', async () => {
    let tries = 0;
    const outbox = new Outbox(memory(), async () => {
      tries += 1;
      throw new ApiProblem({ code: 'too_many_tries', status: 429, retryAfter: 20 });
    });
    await outbox.start('ana');
    outbox.add(text('one'));
    await vi.advanceTimersByTimeAsync(19_000);
    expect(tries).toBe(1);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(tries).toBe(2);
  });

  it('shows a refusal instead of repeating it, and lets it be tried again or dropped', async () => {
    let answer: Error | undefined = refused('service_window_closed');
    const store = memory();
    const outbox = new Outbox(store, async () => {
      if (answer) throw answer;
    });
    await outbox.start('ana');
    const id = outbox.add(text('one'));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(outbox.entries[0]).toMatchObject({ id, state: 'refused', code: 'service_window_closed' });
    answer = undefined;
    outbox.retry(id);
    await vi.advanceTimersByTimeAsync(0);
    expect(outbox.entries).toEqual([]);
    expect(store.kept.size).toBe(0);
  });

  it('waits for the writer to sign in again', async () => {
    let answer: Error | undefined = refused('not_signed_in', 401);
    const outbox = new Outbox(memory(), async () => {
      if (answer) throw answer;
    });
    await outbox.start('ana');
    outbox.add(text('one'));
    await vi.advanceTimersByTimeAsync(120_000);
    expect(outbox.entries[0]?.state).toBe('waiting');
    answer = undefined;
    outbox.flush();
    await vi.advanceTimersByTimeAsync(0);
    expect(outbox.entries).toEqual([]);
  });

  it('asks after ten minutes instead of sending what may no longer be meant', async () => {
    const outbox = new Outbox(memory(), async () => Promise.reject(unreachable()));
    await outbox.start('ana');
    outbox.add(text('one'));
    await vi.advanceTimersByTimeAsync(11 * 60_000);
    expect(outbox.entries[0]?.state).toBe('asking');
  });

  it('goes on after the page was closed, with what this person wrote', async () => {
    const entry = (id: string, user: string): OutboxEntry => ({
      ...text(id),
      id,
      user,
      createdAt: Date.now(),
      state: 'waiting',
    });
    const sent: string[] = [];
    const outbox = new Outbox(
      memory([entry('mine', 'ana'), entry('not mine', 'bruno')]),
      async (one) => void sent.push(one.id),
    );
    await outbox.start('ana');
    await vi.advanceTimersByTimeAsync(0);
    expect(sent).toEqual(['mine']);
  });
});
