import { z } from 'zod';
import { Timestamp, Uuid } from '../domain/ids.ts';
import type { Position } from '../ports/event-store.ts';
import { DomainError } from '../domain/errors.ts';
import { unreachable } from '../domain/unreachable.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { invalid } from './problems.ts';

/** Where a client stands. `upTo` is the moment of the first page of the walk that it is on. */
export type SyncPlace =
  /** On the walk through everything, after the conversation named. */
  | {
      readonly kind: 'everything';
      readonly upTo: Position;
      readonly lastActivityAt: string;
      readonly conversationId: string;
    }
  /** On the walk through what changed, done with `since`. */
  | { readonly kind: 'changes'; readonly since: Position; readonly upTo: Position }
  /** At the end of a walk: has everything up to `since`. */
  | { readonly kind: 'done'; readonly since: Position };

const version = 1;
const highest = 2n ** 63n - 1n;
const PositionText = z
  .string()
  .regex(/^(?:-1|0|[1-9]\d{0,18})$/)
  .transform(BigInt)
  .refine((position) => position <= highest);
const Token = z.union([
  z.tuple([z.literal(version), z.literal('everything'), PositionText, Timestamp, Uuid]),
  z.tuple([z.literal(version), z.literal('changes'), PositionText, PositionText]),
  z.tuple([z.literal(version), z.literal('done'), PositionText]),
]);

export const encodeSyncToken = (place: SyncPlace): string => {
  switch (place.kind) {
    case 'everything':
      return encodeCursor([version, place.kind, `${place.upTo}`, place.lastActivityAt, place.conversationId]);
    case 'changes':
      return encodeCursor([version, place.kind, `${place.since}`, `${place.upTo}`]);
    case 'done':
      return encodeCursor([version, place.kind, `${place.since}`]);
    default:
      return unreachable(place);
  }
};

/** Throws `request/invalid` for anything that `encodeSyncToken` has not made. */
export const decodeSyncToken = (token: string): SyncPlace => {
  const place = parse(token);
  if (place === undefined || encodeSyncToken(place) !== token) throw invalid('query.token', 'must be a sync token');
  return place;
};

const parse = (token: string): SyncPlace | undefined => {
  try {
    const parts = decodeCursor(Token, token);
    switch (parts?.[1]) {
      case 'everything':
        return { kind: 'everything', upTo: parts[2], lastActivityAt: parts[3], conversationId: parts[4] };
      case 'changes':
        return { kind: 'changes', since: parts[2], upTo: parts[3] };
      case 'done':
        return { kind: 'done', since: parts[2] };
      default:
        return undefined;
    }
  } catch (error) {
    if (error instanceof DomainError) return undefined;
    throw error;
  }
};
