import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { HistoryAnchor } from '../../projections/queries.ts';
import { Limit, Timestamp, Uuid, wholeNumber } from '../../schemas/common.ts';
import { Emoji } from '../../schemas/message.ts';
import type { Messaging } from '../../services/messaging.ts';
import { invalid } from '../../services/problems.ts';

export interface MessagingRoutesOptions {
  readonly messaging: Messaging;
}

export const conversationParams = z.strictObject({ conversationId: Uuid });
export const messageParams = z.strictObject({ conversationId: Uuid, messageId: Uuid });
export const reactionParams = z.strictObject({ conversationId: Uuid, messageId: Uuid, emoji: Emoji });
/** `me` stands for whoever calls. */
export const memberParams = z.strictObject({ conversationId: Uuid, userId: z.union([z.literal('me'), Uuid]) });

const seq = wholeNumber({});

export const historyQuery = z.strictObject({
  before: seq.optional(),
  after: seq.optional(),
  around: seq.optional(),
  at: Timestamp.optional(),
  limit: Limit,
});

/** Where the page lies. Throws `request/invalid` when more than one place is named. */
export const anchorOf = ({ before, after, around, at }: z.infer<typeof historyQuery>): HistoryAnchor => {
  const anchors: HistoryAnchor[] = [];
  if (before !== undefined) anchors.push({ kind: 'before', seq: before });
  if (after !== undefined) anchors.push({ kind: 'after', seq: after });
  if (around !== undefined) anchors.push({ kind: 'around', seq: around });
  if (at !== undefined) anchors.push({ kind: 'at', time: at });
  if (anchors.length > 1) throw invalid('query', 'must have at most one of before, after, around and at');
  return anchors[0] ?? { kind: 'newest' };
};

/** Lets every read of these routes wait for the write that it must see. */
export const waitBeforeReads = (app: FastifyInstance, messaging: Pick<Messaging, 'caughtUp'>): void => {
  app.addHook('preHandler', async (request) => {
    if (request.method === 'GET' || request.method === 'HEAD') await messaging.caughtUp(request.parleyAfter);
  });
};
