import type { Context } from '../decider.ts';
import { enter, invalid, mustBeOpen } from './access.ts';
import type { CommandData } from './commands.ts';
import type { ConversationEvent } from './events.ts';
import type { ConversationState, MemberState } from './state.ts';

/** Where unread messages begin for the member himself. Marking as unread never reads anything. */
const unreadFromAfter = ({ unreadFrom, readSeq }: MemberState, asked: number | undefined): number | null =>
  asked === undefined || (unreadFrom === null && asked > readSeq) ? unreadFrom : Math.min(asked, readSeq + 1);

export const changeOwnView = (
  state: ConversationState,
  { mutedUntil, pinned, archived, unreadFrom: asked }: CommandData<'ChangeOwnView'>,
  { actorId, at }: Context,
): readonly ConversationEvent[] => {
  const { conversation, member } = enter(state, actorId);
  if (asked !== undefined && (asked < 1 || asked > conversation.lastSeq)) {
    throw invalid('unreadFrom', 'must be the seq of a message');
  }
  const unreadFrom = unreadFromAfter(member, asked);
  const changes = {
    ...(mutedUntil !== undefined && mutedUntil !== member.mutedUntil && { mutedUntil }),
    ...(pinned !== undefined && pinned !== member.pinned && { pinned }),
    ...(archived !== undefined && archived !== member.archived && { archived }),
    ...(unreadFrom !== null && unreadFrom !== member.unreadFrom && { unreadFrom }),
  };
  if (Object.keys(changes).length === 0) return [];
  mustBeOpen(conversation);
  return [{ type: 'OwnViewChanged', data: { userId: actorId, ...changes, at } }];
};

/** Everything up to now is gone for the actor, and for nobody else. */
export const clearHistory = (state: ConversationState, { actorId, at }: Context): readonly ConversationEvent[] => {
  const { conversation, member } = enter(state, actorId);
  if (member.clearedSeq >= conversation.lastSeq) return [];
  mustBeOpen(conversation);
  return [{ type: 'HistoryCleared', data: { userId: actorId, upToSeq: conversation.lastSeq, at } }];
};
