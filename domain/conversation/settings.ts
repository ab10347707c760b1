import type { Context } from '../decider.ts';
import { enter, isAtLeast, must, mustBeOpen } from './access.ts';
import type { CommandData } from './commands.ts';
import { textDigest } from './digest.ts';
import type { ConversationEvent, ConversationEventOf } from './events.ts';
import { withSettings } from './start.ts';
import type { ConversationState, StartedConversation } from './state.ts';
import type { Settings } from './values.ts';

type Changes = Omit<ConversationEventOf<'ConversationChanged'>['data'], 'by' | 'at'>;

const changedKeys = (before: Settings, after: Settings): readonly (keyof Settings)[] =>
  (Object.keys(after) as (keyof Settings)[]).filter((key) => before[key] !== after[key]);

/** Of what is given, only what differs; undefined when nothing does. */
const changesOf = (
  conversation: StartedConversation,
  { name, topic, avatarMediaId, settings: patch = {} }: CommandData<'ChangeConversation'>,
): Changes | undefined => {
  const content = {
    ...(name !== undefined && textDigest(name) !== conversation.nameDigest && { name }),
    ...(topic !== undefined && textDigest(topic) !== conversation.topicDigest && { topic }),
  };
  const settings = withSettings(conversation.settings, patch);
  const changes: Changes = {
    ...(changedKeys(conversation.settings, settings).length > 0 && { settings }),
    ...(avatarMediaId !== undefined && avatarMediaId !== conversation.avatarMediaId && { avatarMediaId }),
    ...(Object.keys(content).length > 0 && { content }),
  };
  return Object.keys(changes).length > 0 ? changes : undefined;
};

/** In a direct conversation either may set how long messages are kept, and nobody anything else. */
const isAllowedInDirect = ({ settings }: StartedConversation, changes: Changes): boolean =>
  changes.content === undefined &&
  changes.avatarMediaId === undefined &&
  changedKeys(settings, changes.settings ?? settings).every((key) => key === 'retentionSeconds');

export const changeConversation = (
  state: ConversationState,
  data: CommandData<'ChangeConversation'>,
  { actorId, at }: Context,
): readonly ConversationEvent[] => {
  const { conversation, member } = enter(state, actorId);
  const changes = changesOf(conversation, data);
  if (changes === undefined) return [];
  mustBeOpen(conversation);
  must(conversation.kind === 'direct' ? isAllowedInDirect(conversation, changes) : isAtLeast(member, 'admin'));
  return [{ type: 'ConversationChanged', data: { by: actorId, ...changes, at } }];
};

export const closeConversation = (state: ConversationState, { actorId, at }: Context): readonly ConversationEvent[] => {
  const { conversation, member } = enter(state, actorId);
  if (conversation.status === 'closed') return [];
  must(conversation.kind !== 'direct' && isAtLeast(member, 'owner'));
  return [{ type: 'ConversationClosed', data: { by: actorId, at } }];
};
