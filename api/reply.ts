import { encodePosition } from '../services/position-token.ts';
import type { Written } from '../services/caller.ts';

export const positionHeader = 'Parley-Position';

interface Reply {
  code(status: number): unknown;
  header(name: string, value: string): unknown;
  send(payload?: unknown): unknown;
}

/**
 * Answers a write: says from which position on reads see it; 204 where there is no body, `createdStatus` for what this
 * call made, 200 for a repeat. A handler returns what this returns.
 */
export const sendWritten = <R extends Reply>(
  reply: R,
  { result, created, position }: Written<object | null>,
  { createdStatus = 201 }: { readonly createdStatus?: 200 | 201 } = {},
): R => {
  reply.header(positionHeader, encodePosition(position));
  reply.code(result === null ? 204 : created ? createdStatus : 200);
  reply.send(result ?? undefined);
  return reply;
};
