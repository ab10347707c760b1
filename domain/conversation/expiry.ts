import type { Context } from '../decider.ts';
import type { Timestamp } from '../ids.ts';
import { mustExist } from './access.ts';
import type { CommandData } from './commands.ts';
import type { ConversationEvent } from './events.ts';
import type { ConversationState, MessageFacts, StartedConversation } from './state.ts';
import type { Settings } from './values.ts';
import { factsOf } from './window.ts';

export const secondsAfter = (at: Timestamp, seconds: number): Timestamp =>
  new Date(Date.parse(at) + seconds * 1_000).toISOString();

interface Lasting {
  readonly sentAt: Timestamp;
  readonly expiresAt: Timestamp | null;
}

/** When a message disappears: at the time its sender set, or when the conversation keeps it no longer; null: never. */
export const endOf = (
  { sentAt, expiresAt }: Lasting,
  { retentionSeconds }: Pick<Settings, 'retentionSeconds'>,
): Timestamp | null => {
  const kept = retentionSeconds === null ? null : secondsAfter(sentAt, retentionSeconds);
  if (expiresAt === null || kept === null) return expiresAt ?? kept;
  return expiresAt < kept ? expiresAt : kept;
};

/** From its last moment on a message is as deleted, whether or not that has been recorded yet. */
export const isOver = (message: Lasting, settings: Pick<Settings, 'retentionSeconds'>, at: Timestamp): boolean => {
  const end = endOf(message, settings);
  return end !== null && end <= at;
};

/** As `factsOf`, with messages whose time is over as deleted ones. */
export const presentFactsOf = (conversation: StartedConversation, at: Timestamp, messageId: string): MessageFacts => {
  const [facts] = factsOf(conversation, at, [messageId]);
  if (facts.status !== 'sent' || !isOver(facts, conversation.settings, at)) return facts;
  return { ...facts, status: 'deleted', pinned: false };
};

/** Never refused because of who asks or what the conversation allows: time passes also where it is closed. */
export const expireMessage = (
  state: ConversationState,
  { messageId }: CommandData<'ExpireMessage'>,
  { at }: Context,
): readonly ConversationEvent[] => {
  const conversation = mustExist(state);
  const [facts] = factsOf(conversation, at, [messageId]);
  if (facts.status !== 'sent' || !isOver(facts, conversation.settings, at)) return [];
  const { seq, mentions } = facts;
  return [{ type: 'MessageDeleted', data: { messageId, seq, at, by: null, mentions: [...mentions] } }];
};
