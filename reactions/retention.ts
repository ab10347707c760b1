import { secondsAfter } from '../domain/conversation/expiry.ts';
import { parseStream, type ConversationId } from '../domain/ids.ts';
import { timestamp } from '../ports/clock.ts';
import type { JobHandler, Jobs, NewJob } from '../ports/jobs.ts';
import type { LoggedEvent } from '../projections/projection.ts';
import { expire, type ExpiryOptions } from './expire-messages.ts';
import type { Reaction } from './reaction.ts';

/** Jobs that look after one conversation each. */
export const retentionKind = 'retention';
/** Finds the conversations that have to be looked after. */
export const findRetentionKind = 'find-retention';

/** Messages looked at together, and how often in one run: then others have their turn. */
const pageLength = 200;
const mostPages = 50;
/** Many messages that end one after another are deleted together. */
const soonestMs = 250;
/** However far away the next end is, it is looked again. */
const latestMs = 24 * 60 * 60_000;

interface Kept {
  readonly conversationId: ConversationId;
  readonly retentionSeconds: number;
}

/** Another time is another job, so that it need not wait for the end of the old one. */
const retentionJob = ({ conversationId, retentionSeconds }: Kept): NewJob => ({
  kind: retentionKind,
  id: `${conversationId}.${retentionSeconds}`,
  data: { conversationId, retentionSeconds } satisfies Kept,
  everyMs: 60_000,
});

/**
 * Deletes what a conversation keeps no longer, and comes again when the next message ends: the oldest that is left, or
 * one that is sent right now.
 */
export const keepRetention =
  (options: ExpiryOptions): JobHandler =>
  async ({ data }) => {
    const { readModels, clock } = options;
    const { conversationId, retentionSeconds } = data as Kept;
    for (let page = 0; page < mostPages; page += 1) {
      const conversation = await readModels.feed.conversation(conversationId);
      if (conversation?.retentionSeconds !== retentionSeconds) return 'done';
      const oldest = await readModels.timeline.oldestKept(conversationId, pageLength);
      const now = timestamp(clock);
      const ended = oldest.filter(({ sentAt }) => secondsAfter(sentAt, retentionSeconds) <= now);
      if (ended.length > 0) await expire(options, ended);
      if (ended.length < pageLength) {
        const next = secondsAfter(oldest[ended.length]?.sentAt ?? now, retentionSeconds);
        return { againInMs: Math.min(latestMs, Math.max(soonestMs, Date.parse(next) - clock())) };
      }
    }
    return { againInMs: soonestMs };
  };

/** Makes the job of every conversation that keeps messages for a time only. */
export const findRetention =
  ({ readModels, jobs }: Pick<ExpiryOptions, 'readModels'> & { readonly jobs: Jobs }): JobHandler =>
  async () => {
    let after: readonly [number, string] | undefined;
    do {
      const found = await readModels.feed.withRetention(after, pageLength);
      for (const { conversationId, retentionSeconds } of found) {
        if (retentionSeconds !== null) await jobs.enqueue(retentionJob({ conversationId, retentionSeconds }));
      }
      const last = found.at(-1);
      after =
        last === undefined || last.retentionSeconds === null || found.length < pageLength
          ? undefined
          : [last.retentionSeconds, last.conversationId];
    } while (after !== undefined);
    return null;
  };

const retentionIn = ({ event }: LoggedEvent): number | null =>
  event.type === 'ConversationStarted' || event.type === 'ConversationChanged'
    ? (event.data.settings?.retentionSeconds ?? null)
    : null;

/** Whoever limits how long messages are kept sees the old ones go at once. */
export const startRetention = ({
  readModels,
  jobs,
}: Pick<ExpiryOptions, 'readModels'> & { readonly jobs: Jobs }): Reaction => ({
  name: 'retention',
  concerns: (logged) => retentionIn(logged) !== null,
  async react(logged) {
    const retentionSeconds = retentionIn(logged);
    if (retentionSeconds === null) return;
    await readModels.waitFor(['feed'], logged.position);
    await jobs.enqueue(retentionJob({ conversationId: parseStream(logged.stream).id, retentionSeconds }));
  },
});
