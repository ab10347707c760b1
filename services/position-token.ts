import { DomainError } from '../domain/errors.ts';
import type { Position } from '../ports/event-store.ts';

const prefix = 'p';
const highest = 2n ** 63n - 1n;

/** A log position as clients carry it: opaque text. */
export const encodePosition = (position: Position): string => Buffer.from(`${prefix}${position}`).toString('base64url');

/** The position in a token. Throws `request/invalid` for anything that `encodePosition` has not made. */
export const decodePosition = (token: string, path = 'Parley-After'): Position => {
  const digits = /^p(-1|\d{1,19})$/.exec(Buffer.from(token, 'base64url').toString('latin1'))?.[1];
  const position = digits === undefined ? undefined : BigInt(digits);
  if (position === undefined || position > highest || encodePosition(position) !== token) {
    throw new DomainError('request/invalid', { errors: [{ path, message: 'must be a position token' }] });
  }
  return position;
};
