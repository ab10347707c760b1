import { distinct, mustFit } from '../conversation/content.ts';
import { invalid } from '../conversation/access.ts';
import type { SendContent } from '../conversation/commands.ts';
import { sendDigest } from '../conversation/digest.ts';
import type { Context, Decider } from '../decider.ts';
import { DomainError } from '../errors.ts';
import type { Timestamp } from '../ids.ts';
import { limits } from '../limits.ts';
import type { ScheduledCommand, ScheduledCommandData } from './commands.ts';
import type { ScheduledEvent } from './events.ts';
import { entryKey, evolveScheduled, initialScheduled, type ScheduledEntry, type ScheduledState } from './state.ts';

/** Of content and time. */
export const scheduleDigest = (content: SendContent, sendAt: Timestamp): string => `${sendDigest(content)}@${sendAt}`;

/** Sending it can still be changed or given up. */
const isOpen = ({ status }: ScheduledEntry): boolean => status === 'pending' || status === 'failed';

/** What was scheduled with this content and time is there, whatever has become of it but cancelled. */
export const isScheduled = (entry: ScheduledEntry | undefined, digest: string): boolean =>
  entry?.digest === digest && entry.status !== 'cancelled';

const mustLieAhead = (sendAt: Timestamp, at: Timestamp): void => {
  if (sendAt <= at) throw invalid('sendAt', 'must lie in the future');
  if (Date.parse(sendAt) > Date.parse(at) + limits.scheduledAheadMs) {
    throw invalid('sendAt', `must lie at most ${limits.scheduledAheadMs / 86_400_000} days ahead`);
  }
};

const schedule = (
  { entries }: ScheduledState,
  { conversationId, messageId, userId, sendAt, content }: ScheduledCommandData<'ScheduleSend'>,
  { at }: Context,
): readonly ScheduledEvent[] => {
  mustFit(content);
  const key = entryKey(conversationId, messageId);
  const earlier = entries.get(key);
  const digest = scheduleDigest(content, sendAt);
  if (isScheduled(earlier, digest)) return [];
  if (earlier?.status === 'sending' || earlier?.status === 'sent') throw new DomainError('message/id-reused');
  mustLieAhead(sendAt, at);
  const others = entries.count(
    (entry, each) => each !== key && entry.status !== 'sent' && entry.status !== 'cancelled',
  );
  if (others >= limits.scheduledPerUser) throw new DomainError('scheduled/too-many', { most: limits.scheduledPerUser });
  const data = {
    conversationId,
    messageId,
    userId,
    sendAt,
    content: { text: content.text ?? null, custom: content.custom ?? null },
    attachments: [...(content.attachments ?? [])],
    mentions: distinct(content.mentions),
    replyTo: content.replyTo ?? null,
    threadRootId: content.thread ?? null,
    forwardedFrom: content.forwardedFrom ?? null,
    expiresInSeconds: content.expiresInSeconds ?? null,
    digest,
    at,
  };
  return [{ type: 'SendScheduled', data }];
};

const cancelled = (
  { conversationId, messageId }: ScheduledEntry,
  reason: 'sender' | 'left' | 'erased',
  at: Timestamp,
): ScheduledEvent => ({ type: 'ScheduledSendCancelled', data: { conversationId, messageId, reason, at } });

const decide = (
  { type, data }: ScheduledCommand,
  state: ScheduledState,
  context: Context,
): readonly ScheduledEvent[] => {
  const { at } = context;
  if (type === 'ScheduleSend') return schedule(state, data, context);
  if (type === 'CancelScheduledSends') {
    return state.entries
      .valueSeq()
      .filter((entry) => isOpen(entry) && entry.scheduledAt <= data.until)
      .filter(({ conversationId }) => data.conversationId === undefined || conversationId === data.conversationId)
      .map((entry) => cancelled(entry, data.reason, at))
      .toArray();
  }
  const { conversationId, messageId } = data;
  const entry = state.entries.get(entryKey(conversationId, messageId));
  switch (type) {
    case 'CancelScheduledSend':
      if (entry?.status === 'cancelled') return [];
      if (entry === undefined || !isOpen(entry)) throw new DomainError('message/not-found');
      return [cancelled(entry, 'sender', at)];
    case 'BeginScheduledSend':
      if (entry === undefined || entry.digest !== data.digest) throw new DomainError('message/not-found');
      if (entry.status === 'sending') return [];
      if (entry.status !== 'pending' || entry.sendAt > at) throw new DomainError('message/not-found');
      return [{ type: 'ScheduledSendBegun', data: { conversationId, messageId, at } }];
    case 'SettleScheduledSend':
      if (entry?.status !== 'sending') return [];
      return [{ type: 'ScheduledSendSettled', data: { conversationId, messageId, failure: data.failure, at } }];
    default:
      // Nothing is left: one more type would not compile.
      return data;
  }
};

/** What one user has told to be sent later: each is sent once, unless it was given up before its time. */
export const scheduled: Decider<ScheduledState, ScheduledCommand, ScheduledEvent> = {
  initialState: initialScheduled,
  decide,
  evolve: evolveScheduled,
};
