import type { Problem } from '../schemas/common.ts';
import { Refused, Unanswered } from './errors.ts';
import type { Platform } from './platform.ts';

export interface Call {
  readonly method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  /** From `/v1` on, with its query. */
  readonly path: string;
  readonly body?: unknown;
  /** The answer must not be older than this position. */
  readonly after?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Success {
  readonly status: number;
  readonly body: unknown;
  readonly position: string | undefined;
}

const patienceMs = 30_000;

const isProblem = (body: unknown): body is Problem =>
  typeof body === 'object' && body !== null && 'code' in body && typeof body.code === 'string';

const parsed = (text: string): unknown => {
  try {
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
};

/** One request. Throws `Refused`, and `Unanswered` where nothing came, or something that is not the server's. */
export const send = async (
  platform: Pick<Platform, 'fetch'>,
  origin: string,
  { method, path, body, after, signal }: Call,
  token?: string,
): Promise<Success> => {
  const signals = [AbortSignal.timeout(patienceMs), ...(signal ? [signal] : [])];
  const headers = {
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(after !== undefined && { 'parley-after': after }),
  };
  try {
    const answer = await platform.fetch(new URL(path, origin).href, {
      method,
      headers,
      signal: AbortSignal.any(signals),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const content = parsed(await answer.text());
    if (answer.ok) {
      return { status: answer.status, body: content, position: answer.headers.get('parley-position') ?? undefined };
    }
    if (!isProblem(content))
      throw new Unanswered(`${method} was answered with ${answer.status}, but not by the server`);
    throw new Refused(content, Number(answer.headers.get('retry-after') ?? 0) * 1000);
  } catch (error) {
    if (error instanceof Refused || error instanceof Unanswered) throw error;
    throw new Unanswered(`${method} was not answered`, { cause: error });
  }
};
