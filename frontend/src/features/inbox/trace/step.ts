import type { TraceStep } from '@/api/types';
import type { Key } from '@/i18n';

interface Read {
  title: Key;
  tool: string | undefined;
  words: string | undefined;
  calls: { id: string; name: string; arguments: string }[];
  isOk: boolean | undefined;
  details: string | undefined;
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** What a step recorded. Its shape belongs to the brain and may grow; what is not known is shown as it stands. */
export function readStep(step: TraceStep): Read {
  const payload = step.payload as Record<string, unknown>;
  const calls = (Array.isArray(payload['calls']) ? (payload['calls'] as Record<string, unknown>[]) : []).map(
    (call, index) => ({
      id: text(call['id']) ?? String(index),
      name: text(call['name']) ?? '',
      arguments: typeof call['arguments'] === 'string' ? call['arguments'] : JSON.stringify(call['arguments'] ?? {}),
    }),
  );
  const words = text(payload['text']);
  if (step.kind === 'model_answer')
    return {
      title: calls.length > 0 ? 'trace.decides' : 'trace.says',
      tool: undefined,
      words,
      calls,
      isOk: undefined,
      details: undefined,
    };
  const content = payload['content'];
  return {
    title: step.kind === 'tool_result' ? 'trace.tool' : 'trace.step',
    tool: text(payload['tool']),
    words: typeof content === 'string' ? content : undefined,
    calls: [],
    isOk: typeof payload['is_ok'] === 'boolean' ? payload['is_ok'] : undefined,
    details: typeof content === 'object' && content !== null ? JSON.stringify(content, null, 2) : undefined,
  };
}
