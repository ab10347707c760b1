import type { Context } from '../decider.ts';
import { DomainError } from '../errors.ts';
import { limits } from '../limits.ts';
import { invalid } from './access.ts';
import type { CommandData } from './commands.ts';
import type { ConversationEvent } from './events.ts';
import type { ConversationState } from './state.ts';
import { defaultSettings, type Settings } from './values.ts';

/** The settings with those of the patch that are given. */
export const withSettings = (settings: Settings, patch: Partial<Settings>): Settings => ({
  ...settings,
  ...Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined)),
});

/** The same conversation started again by the same one is a repeat, whatever has become of it since. */
export const startConversation = (
  state: ConversationState,
  { conversationId, kind, name, topic, memberIds, settings: given }: CommandData<'StartConversation'>,
  { actorId, at }: Context,
): readonly ConversationEvent[] => {
  if (memberIds.length > limits.memberIdsInOneCall) {
    throw invalid('memberIds', `must have at most ${limits.memberIdsInOneCall} items`);
  }
  if (state.status !== 'absent') {
    if (state.startedBy === actorId && state.kind === kind) return [];
    throw new DomainError('conversation/id-reused');
  }
  const settings = withSettings(defaultSettings, given);
  const others = new Set(memberIds);
  others.delete(actorId);
  if (others.size + 1 > settings.maxMembers) {
    throw new DomainError('conversation/full', { maxMembers: settings.maxMembers });
  }
  const members = [
    { userId: actorId, role: 'owner' as const },
    ...[...others].map((userId) => ({ userId, role: 'member' as const })),
  ];
  const data = { conversationId, kind, startedBy: actorId, members, settings, content: { name, topic }, at };
  return [{ type: 'ConversationStarted', data }];
};

/** Either of the two may start it; for the other it is there already. */
export const startDirect = (
  state: ConversationState,
  { conversationId, userId }: CommandData<'StartDirect'>,
  { actorId, at }: Context,
): readonly ConversationEvent[] => {
  if (userId === actorId) throw invalid('userId', 'must be another user');
  if (state.status !== 'absent') {
    // A group under this id was put there by somebody else: what is meant for one must not be said to it.
    if (state.kind === 'direct') return [];
    throw new DomainError('conversation/id-reused');
  }
  const members = [actorId, userId].map((member) => ({ userId: member, role: 'member' as const }));
  const content = { name: null, topic: null };
  const data = { conversationId, kind: 'direct' as const, startedBy: actorId, members, settings: defaultSettings };
  return [{ type: 'ConversationStarted', data: { ...data, content, at } }];
};
