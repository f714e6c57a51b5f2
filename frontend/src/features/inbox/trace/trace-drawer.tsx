import { Drawer } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';

import { traceQuery } from '@/api/queries';
import type { Trace } from '@/api/types';
import { useT } from '@/i18n';
import { longTime } from '@/lib/format';
import { useTenant } from '@/lib/permissions';
import { ApiProblem } from '@/api/problem';
import { CopyText } from '@/ui/copy-text';
import { Empty, Failed, Loading } from '@/ui/states';
import { Tag, type Tone } from '@/ui/tag';

import { TraceSteps } from './trace-steps';
import classes from './trace.module.css';

/** Why the bot said it: what it read, what it did, what it cost. */
export default function TraceDrawer({
  conversation,
  message,
  onClose,
}: {
  conversation: string;
  message: string;
  onClose: () => void;
}) {
  const t = useT();
  const tenant = useTenant();
  const trace = useQuery(traceQuery(tenant.id, conversation, message));
  const isByPerson = trace.error instanceof ApiProblem && trace.error.code === 'not_found';
  return (
    <Drawer
      opened
      onClose={onClose}
      title={t('trace.title')}
      size="min(520px, 100vw)"
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      {trace.isPending && <Loading rows={5} />}
      {isByPerson && <Empty title={t('trace.person')} />}
      {trace.isError && !isByPerson && <Failed error={trace.error} onRetry={() => void trace.refetch()} />}
      {trace.data && <Whole trace={trace.data} />}
    </Drawer>
  );
}

const tones: Record<string, Tone> = {
  done: 'ok',
  running: 'info',
  collecting: 'info',
  dead: 'danger',
  superseded: 'warn',
  skipped: 'plain',
};
const states = ['collecting', 'running', 'done', 'superseded', 'skipped', 'dead'] as const;

function Whole({ trace }: { trace: Trace }) {
  const t = useT();
  const state = states.find((known) => known === trace.state);
  const seconds =
    trace.started_at && trace.finished_at
      ? (Date.parse(trace.finished_at) - Date.parse(trace.started_at)) / 1000
      : undefined;
  return (
    <div className={classes.whole}>
      <div className={classes.totals}>
        <Tag tone={tones[trace.state] ?? 'plain'}>{state ? t(`trace.state.${state}`) : trace.state}</Tag>
        {seconds !== undefined && <span>{t('trace.seconds', { count: Math.round(seconds * 10) / 10 })}</span>}
        {trace.attempts > 1 && <span>{t('trace.attempts', { count: trace.attempts })}</span>}
        {trace.cost && (
          <span>{t('trace.tokens', { input: trace.cost.prompt_tokens, output: trace.cost.completion_tokens })}</span>
        )}
        {trace.cost?.model && <span className="mono">{trace.cost.model}</span>}
      </div>
      <p className="muted">{longTime(trace.created_at, t.language)}</p>
      <p>{t('trace.answers', { count: trace.inbound_message_ids.length })}</p>
      <TraceSteps trace={trace} />
      <p className="muted">
        {t('trace.id')} <CopyText text={trace.id} />
      </p>
    </div>
  );
}
