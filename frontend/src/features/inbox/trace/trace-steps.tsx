import { IconMessage, IconSparkles, IconTool } from '@tabler/icons-react';

import type { Trace, TraceStep } from '@/api/types';
import { useT } from '@/i18n';

import { readStep } from './step';
import classes from './trace.module.css';

/** The recorded steps in order, each as wide as it took. */
export function TraceSteps({ trace }: { trace: Trace }) {
  const t = useT();
  const steps = trace.steps.filter((step) => step.kind !== 'tool_intent');
  const took = steps.map((step, index) =>
    Math.max(
      0,
      Date.parse(step.created_at) - Date.parse(steps[index - 1]?.created_at ?? trace.started_at ?? step.created_at),
    ),
  );
  const longest = Math.max(...took, 1);
  if (steps.length === 0) return <p className="muted">{t('trace.noSteps')}</p>;
  return (
    <ol className={classes.steps}>
      {steps.map((step, index) => (
        <Step key={step.number} step={step} ms={took[index] ?? 0} share={(took[index] ?? 0) / longest} />
      ))}
    </ol>
  );
}

function Step({ step, ms, share }: { step: TraceStep; ms: number; share: number }) {
  const t = useT();
  const { title, tool, words, calls, isOk, details } = readStep(step);
  const Icon = step.kind === 'tool_result' ? IconTool : title === 'trace.says' ? IconMessage : IconSparkles;
  return (
    <li className={classes.step} data-failed={isOk === false || undefined}>
      <div className={classes.stepHead}>
        <Icon size={16} aria-hidden />
        <strong>{t(title)}</strong>
        {tool && <code>{tool}</code>}
        {isOk === false && <span className={classes.bad}>{t('trace.failed')}</span>}
        <span className={classes.ms}>{ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`}</span>
      </div>
      <div className={classes.bar} aria-hidden>
        <div
          style={{ width: `${Math.max(2, share * 100)}%` }}
          data-slow={share === 1 && ms > 1000 ? true : undefined}
        />
      </div>
      {words && <p className={classes.words}>{words}</p>}
      {calls.map((call) => (
        <p key={call.id} className={classes.call}>
          {t('trace.calls')} <code>{call.name}</code> <code>{call.arguments}</code>
        </p>
      ))}
      {details && (
        <details>
          <summary>{t('trace.details')}</summary>
          <pre>{details}</pre>
        </details>
      )}
    </li>
  );
}
