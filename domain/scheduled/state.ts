import { List, Map } from 'immutable';
import type { ConversationId, MessageId, Timestamp } from '../ids.ts';
import type { ScheduledEvent } from './events.ts';

export interface ScheduledEntry {
  readonly conversationId: ConversationId;
  readonly messageId: MessageId;
  readonly status: 'pending' | 'sending' | 'sent' | 'failed' | 'cancelled';
  readonly sendAt: Timestamp;
  readonly scheduledAt: Timestamp;
  readonly digest: string;
  /** Code of the refusal, once failed. */
  readonly failure: string | null;
}

export interface ScheduledState {
  readonly entries: Map<string, ScheduledEntry>;
  /** Keys of entries that were sent or cancelled, oldest first: remembered for repeats, for a while. */
  readonly finished: List<string>;
  readonly lastAt: Timestamp | null;
}

/** So many finished entries are remembered. */
const mostFinished = 100;

export const initialScheduled: ScheduledState = { entries: Map(), finished: List(), lastAt: null };

export const entryKey = (conversationId: ConversationId, messageId: MessageId): string =>
  `${conversationId}/${messageId}`;

const finish = (state: ScheduledState, key: string): ScheduledState => {
  const finished = state.finished.push(key);
  const oldest = finished.first();
  if (finished.size <= mostFinished || oldest === undefined) return { ...state, finished };
  return { ...state, entries: state.entries.delete(oldest), finished: finished.shift() };
};

export const evolveScheduled = (before: ScheduledState, { type, data }: ScheduledEvent): ScheduledState => {
  const key = entryKey(data.conversationId, data.messageId);
  const state = { ...before, lastAt: data.at };
  if (type === 'SendScheduled') {
    const { conversationId, messageId, sendAt, digest, at } = data;
    const times = { sendAt, scheduledAt: at };
    const entry: ScheduledEntry = { conversationId, messageId, status: 'pending', ...times, digest, failure: null };
    const finished = state.finished.filter((each) => each !== key);
    return { ...state, entries: state.entries.set(key, entry), finished };
  }
  const entry = state.entries.get(key);
  if (entry === undefined) throw new Error(`${type} of something that was not scheduled`);
  const withStatus = (status: ScheduledEntry['status'], failure: string | null = null): ScheduledState => ({
    ...state,
    entries: state.entries.set(key, { ...entry, status, failure }),
  });
  switch (type) {
    case 'ScheduledSendBegun':
      return withStatus('sending');
    case 'ScheduledSendCancelled':
      return finish(withStatus('cancelled'), key);
    case 'ScheduledSendSettled':
      return data.failure === null ? finish(withStatus('sent'), key) : withStatus('failed', data.failure);
    default:
      // Nothing is left: one more type would not compile.
      return data;
  }
};
