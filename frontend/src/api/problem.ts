import type { T } from '@/i18n';

import type { Problem, ProblemCode } from './types';

/** What the API answered instead of what was asked for. */
export class ApiProblem extends Error {
  readonly code: ProblemCode | 'unreachable' | 'unreadable';
  readonly status: number;
  readonly requestId: string | undefined;
  readonly retryAfter: number | undefined;
  readonly problem: Problem | undefined;

  constructor(answer: {
    code: ApiProblem['code'];
    status: number;
    requestId?: string;
    retryAfter?: number;
    problem?: Problem;
  }) {
    super(answer.problem?.detail ?? answer.code);
    this.name = 'ApiProblem';
    this.code = answer.code;
    this.status = answer.status;
    this.requestId = answer.requestId;
    this.retryAfter = answer.retryAfter;
    this.problem = answer.problem;
  }

  /** Whether the same request may well succeed a little later. */
  get isPassing(): boolean {
    return this.code === 'unreachable' || this.status === 429 || this.status >= 500;
  }

  /** The complaint about one field, if there is one. */
  field(name: string): string | undefined {
    return this.problem?.errors?.find((error) => error.field === name)?.detail;
  }
}

/** Nobody answered. */
export const unreachable = (): ApiProblem => new ApiProblem({ code: 'unreachable', status: 0 });

export async function problemOf(response: Response, body: unknown): Promise<ApiProblem> {
  const requestId = response.headers.get('x-correlation-id') ?? undefined;
  const seconds = Number(response.headers.get('retry-after'));
  const retryAfter = Number.isFinite(seconds) && seconds > 0 ? seconds : undefined;
  const problem = isProblem(body) ? body : undefined;
  const code = problem?.code ?? (response.status === 502 || response.status === 504 ? 'unreachable' : 'unreadable');
  return new ApiProblem({
    code,
    status: response.status,
    requestId: problem?.request_id ?? requestId,
    retryAfter,
    problem,
  });
}

function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && 'code' in body && typeof body.code === 'string';
}

/** The one place where a code becomes a sentence. */
export function wordsOf(error: unknown, t: T): string {
  if (!(error instanceof ApiProblem)) return t('problem.internal');
  const seconds = error.retryAfter ?? secondsIn(error.message);
  if (error.code === 'too_many_tries' && seconds) return t('problem.too_many_tries_in', { count: seconds });
  const known = t(`problem.${error.code}`);
  return known === `problem.${error.code}` ? t('problem.internal') : known;
}

function secondsIn(detail: string): number | undefined {
  const found = /(\d+) seconds/.exec(detail);
  return found ? Number(found[1]) : undefined;
}
