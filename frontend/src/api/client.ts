import createClient, { type Middleware } from 'openapi-fetch';

import { config } from '@/lib/config';

import { ApiProblem, problemOf, unreachable } from './problem';
import type { paths } from './schema';

type Listener = () => void;
const expired = new Set<Listener>();

/** Told when the API no longer knows who we are. */
export function onSessionEnd(listener: Listener): () => void {
  expired.add(listener);
  return () => expired.delete(listener);
}

const watch: Middleware = {
  onRequest({ request }) {
    // Other sites cannot set this header, so their pages cannot act with our cookie.
    request.headers.set('x-requested-with', 'nexus');
    return request;
  },
};

export const api = createClient<paths>({
  baseUrl: config.apiBase,
  credentials: 'include',
  // Read at each call, so that tests can put their own in place.
  fetch: (request) => globalThis.fetch(request),
});
api.use(watch);

interface Answered<D> {
  data?: D;
  error?: unknown;
  response: Response;
}

/** The answer, or an [`ApiProblem`] thrown. */
export async function ask<D>(call: Promise<Answered<D>>): Promise<D> {
  return (await askWhole(call)).data;
}

/** The answer with its version, for what is edited with `If-Match`. */
export async function askVersioned<D>(call: Promise<Answered<D>>): Promise<{ value: D; etag: string }> {
  const { data, response } = await askWhole(call);
  return { value: data, etag: response.headers.get('etag') ?? '' };
}

async function askWhole<D>(call: Promise<Answered<D>>): Promise<{ data: D; response: Response }> {
  let answered: Answered<D>;
  try {
    answered = await call;
  } catch (error) {
    // Also what is no JSON at all: a proxy's own page.
    if (error instanceof SyntaxError) throw new ApiProblem({ code: 'unreadable', status: 502 });
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw unreachable();
  }
  const { data, error, response } = answered;
  if (response.ok) return { data: data as D, response };
  const problem = await problemOf(response, error);
  if (problem.code === 'not_signed_in') expired.forEach((listener) => listener());
  throw problem;
}
