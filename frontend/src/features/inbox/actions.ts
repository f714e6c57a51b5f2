/** What can be done with conversations. Each deed puts the API's answer into every list at once, and most can be undone. */
import { useQueryClient } from '@tanstack/react-query';

import { api, ask } from '@/api/client';
import type { Conversation, Priority } from '@/api/types';
import { useT } from '@/i18n';
import { useTenant } from '@/lib/permissions';
import { applier } from '@/services';
import { toast } from '@/ui/toast';
import { keys } from '@/api/queries';

const BASE = '/api/v1/tenants/{tenant_id}/conversations/{conversation_id}' as const;

export interface Assignee {
  user_id?: string | null;
  team_id?: string | null;
}

export function useConversationActions() {
  const t = useT();
  const tenant = useTenant().id;
  const client = useQueryClient();
  const path = (id: string) => ({ params: { path: { tenant_id: tenant, conversation_id: id } } });

  const put = async (call: Promise<Conversation>): Promise<Conversation> => {
    const conversation = await call;
    applier.put(tenant, conversation);
    applier.refreshCounts(tenant);
    return conversation;
  };
  const calls = {
    takeOver: (id: string) => put(ask(api.POST(`${BASE}/take-over`, path(id)))),
    giveBack: (id: string, note?: string) =>
      put(ask(api.POST(`${BASE}/return`, { ...path(id), body: { note: note || null } }))),
    resolve: (id: string) => put(ask(api.POST(`${BASE}/resolve`, path(id)))),
    reopen: (id: string) => put(ask(api.POST(`${BASE}/reopen`, path(id)))),
    snooze: (id: string, until: Date) =>
      put(ask(api.POST(`${BASE}/snooze`, { ...path(id), body: { until: until.toISOString() } }))),
    assign: (id: string, to: Assignee) => put(ask(api.PUT(`${BASE}/assignment`, { ...path(id), body: to }))),
    label: (id: string, labels: string[]) => put(ask(api.PUT(`${BASE}/labels`, { ...path(id), body: { labels } }))),
    prioritise: (id: string, priority: Priority) =>
      put(ask(api.PUT(`${BASE}/priority`, { ...path(id), body: { priority } }))),
    read: (id: string) => put(ask(api.POST(`${BASE}/read`, path(id)))),
  };

  /** Does it; says what was done, with a way back. Answers whether it was done. */
  const attempt = async (
    deed: () => Promise<unknown>,
    done?: string,
    undo?: () => Promise<unknown>,
  ): Promise<boolean> => {
    try {
      await deed();
    } catch (error) {
      toast.failed(error);
      return false;
    }
    if (done && undo) toast.undo(done, () => void attempt(undo));
    else if (done) toast.done(done);
    return true;
  };

  return {
    read: (id: string) => calls.read(id).catch(() => undefined),
    takeOver: (c: Conversation) =>
      attempt(
        () => calls.takeOver(c.id),
        t('done.taken'),
        () => calls.giveBack(c.id),
      ),
    giveBack: (c: Conversation, note?: string) =>
      attempt(
        () => calls.giveBack(c.id, note),
        t('done.returned'),
        () => calls.takeOver(c.id),
      ),
    resolve: (c: Conversation) =>
      attempt(
        () => calls.resolve(c.id),
        t('done.resolved'),
        () => calls.reopen(c.id),
      ),
    reopen: (c: Conversation) =>
      attempt(
        () => calls.reopen(c.id),
        t('done.reopened'),
        () => calls.resolve(c.id),
      ),
    snooze: (c: Conversation, until: Date) =>
      attempt(
        () => calls.snooze(c.id, until),
        t('done.snoozed'),
        () => calls.reopen(c.id),
      ),
    prioritise: (c: Conversation, priority: Priority) => attempt(() => calls.prioritise(c.id, priority), undefined),
    label: (c: Conversation, labels: string[]) =>
      attempt(
        () => calls.label(c.id, labels),
        t('done.labelled'),
        () => calls.label(c.id, c.labels),
      ),
    assign: (c: Conversation, to: Assignee) =>
      attempt(
        () => calls.assign(c.id, to),
        t('done.assigned'),
        () => calls.assign(c.id, assignmentOf(c)),
      ),
    resend: (conversation: string, message: string, key: string) =>
      attempt(async () => {
        await ask(
          api.POST(`${BASE}/messages/{message_id}/resend`, {
            params: {
              path: { tenant_id: tenant, conversation_id: conversation, message_id: message },
              header: { 'Idempotency-Key': key },
            },
            body: {},
          }),
        );
        await client.invalidateQueries({ queryKey: keys.thread(tenant, conversation) });
      }, t('done.resent')),
    /** The same deed for many: counts what was done, and takes back exactly that. */
    many: async (
      rows: Conversation[],
      deed: (c: Conversation) => Promise<unknown>,
      undo: (c: Conversation) => Promise<unknown>,
    ) => {
      const settled = await Promise.allSettled(rows.map((row) => deed(row)));
      const done = rows.filter((_, index) => settled[index]?.status === 'fulfilled');
      const failed = rows.length - done.length;
      const words = failed
        ? t('done.someFailed', { done: done.length, failed })
        : t('done.many', { count: done.length });
      toast.undo(words, () => void Promise.allSettled(done.map((row) => undo(row))));
    },
    calls,
  };
}

export const assignmentOf = (c: Conversation): Assignee => ({
  user_id: c.assigned_user_id ?? null,
  team_id: c.team_id ?? null,
});
