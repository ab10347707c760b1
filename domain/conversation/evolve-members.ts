import { Map, OrderedMap } from 'immutable';
import type { UserId } from '../ids.ts';
import { textDigest } from './digest.ts';
import type { ConversationEventOf } from './events.ts';
import { advanced, pointersOf } from './receipts.ts';
import type { MemberState, StartedConversation } from './state.ts';
import { emptyWindow } from './window.ts';
import { useInvite } from './evolve-invites.ts';

type Joined = Pick<MemberState, 'userId' | 'role' | 'joinedAt' | 'joinedSeq'>;

/** A new member's pointers stand where he joined; his own view is as it comes, also when he was there before. */
const newMember = (joined: Joined): MemberState => ({
  ...joined,
  readSeq: joined.joinedSeq,
  deliveredSeq: joined.joinedSeq,
  devices: Map(),
  mutedUntil: null,
  pinned: false,
  archived: false,
  unreadFrom: null,
  clearedSeq: 0,
});

export const started = ({
  members,
  content,
  at,
  ...data
}: ConversationEventOf<'ConversationStarted'>['data']): StartedConversation => ({
  ...data,
  nameDigest: textDigest(content.name),
  topicDigest: textDigest(content.topic),
  status: 'open',
  avatarMediaId: null,
  members: OrderedMap(
    members.map(({ userId, role }) => [userId, newMember({ userId, role, joinedAt: at, joinedSeq: 0 })]),
  ),
  lastSeq: 0,
  lastAt: at,
  ...emptyWindow,
  invites: Map(),
  inviteExpiry: undefined,
});

/** Whoever has left is left alone. */
export const changeMember = (
  state: StartedConversation,
  userId: UserId,
  change: (member: MemberState) => Partial<MemberState>,
): StartedConversation => {
  const member = state.members.get(userId);
  if (member === undefined) return state;
  return { ...state, members: state.members.set(userId, { ...member, ...change(member) }) };
};

export const memberJoined = (
  state: StartedConversation,
  { userId, role, joinedSeq, inviteId, at }: ConversationEventOf<'MemberAdded'>['data'],
): StartedConversation => ({
  ...state,
  members: state.members.set(userId, newMember({ userId, role, joinedAt: at, joinedSeq })),
  invites: useInvite(state.invites, inviteId),
});

export const receiptsRecorded = (
  state: StartedConversation,
  { receipts }: ConversationEventOf<'ReceiptsRecorded'>['data'],
): StartedConversation =>
  receipts.reduce(
    (before, receipt) =>
      changeMember(before, receipt.userId, (member) => {
        const { delivered, read } = advanced({ delivered: member.deliveredSeq, read: member.readSeq }, receipt);
        return {
          devices: member.devices.set(receipt.deviceId, advanced(pointersOf(member, receipt.deviceId), receipt)),
          deliveredSeq: delivered,
          readSeq: read,
          unreadFrom: receipt.read === undefined ? member.unreadFrom : null,
        };
      }),
    state,
  );

export const ownViewChanged = (
  state: StartedConversation,
  { userId, mutedUntil, pinned, archived, unreadFrom }: ConversationEventOf<'OwnViewChanged'>['data'],
): StartedConversation =>
  changeMember(state, userId, () => ({
    ...(mutedUntil !== undefined && { mutedUntil }),
    ...(pinned !== undefined && { pinned }),
    ...(archived !== undefined && { archived }),
    ...(unreadFrom !== undefined && { unreadFrom }),
  }));
