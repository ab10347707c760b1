import { textDigest } from './digest.ts';
import type { ConversationEvent } from './events.ts';
import { inviteCreated, withdraw } from './evolve-invites.ts';
import { changeMember, memberJoined, ownViewChanged, receiptsRecorded, started } from './evolve-members.ts';
import {
  messageDeleted,
  messageEdited,
  messageHidden,
  messageSent,
  reactionAdded,
  reactionRemoved,
} from './evolve-messages.ts';
import type { ConversationState, StartedConversation } from './state.ts';
import { forget, settleRecalled, touch } from './window.ts';

type Later = Exclude<ConversationEvent, { type: 'ConversationStarted' }>;

const apply = (state: StartedConversation, { type, data }: Later): StartedConversation => {
  switch (type) {
    case 'ConversationChanged': {
      const { settings = state.settings, avatarMediaId = state.avatarMediaId, content: { name, topic } = {} } = data;
      const nameDigest = name === undefined ? state.nameDigest : textDigest(name);
      const topicDigest = topic === undefined ? state.topicDigest : textDigest(topic);
      return { ...state, settings, avatarMediaId, nameDigest, topicDigest };
    }
    case 'ConversationClosed':
      return { ...state, status: 'closed' };
    case 'MemberAdded':
      return memberJoined(state, data);
    case 'MemberRoleChanged':
      return changeMember(state, data.userId, () => ({ role: data.role }));
    case 'MemberRemoved':
      return { ...state, members: state.members.delete(data.userId) };
    case 'InviteCreated':
      return inviteCreated(state, data);
    case 'InviteWithdrawn':
      return { ...state, invites: withdraw(state.invites, data.inviteId) };
    case 'MessageSent':
      return messageSent(state, data);
    case 'MessageEdited':
      return messageEdited(state, data);
    case 'MessageDeleted':
      return messageDeleted(state, data);
    case 'MessageHidden':
      return messageHidden(state, data);
    case 'ReactionAdded':
      return reactionAdded(state, data);
    case 'ReactionRemoved':
      return reactionRemoved(state, data);
    case 'MessagePinned':
      return touch(state, data, () => ({ pinned: true }));
    case 'MessageUnpinned':
      return touch(state, data, () => ({ pinned: false }));
    case 'ReceiptsRecorded':
      return receiptsRecorded(state, data);
    case 'OwnViewChanged':
      return ownViewChanged(state, data);
    case 'HistoryCleared':
      return changeMember(state, data.userId, () => ({ clearedSeq: data.upToSeq }));
    default:
      // Nothing is left: one more type would not compile.
      return data;
  }
};

/** The cost of an event grows neither with the number of members nor with the length of the conversation. */
export const evolve = (state: ConversationState, event: ConversationEvent): ConversationState => {
  if (event.type === 'ConversationStarted') return started(event.data);
  if (state.status === 'absent') throw new Error(`${event.type} before ConversationStarted`);
  const { at } = event.data;
  return { ...forget(apply(settleRecalled(state, at), event), at), lastAt: at };
};
