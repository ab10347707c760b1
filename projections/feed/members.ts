import type { ConversationEventOf } from '../../domain/conversation/events.ts';
import type { Role } from '../../domain/conversation/values.ts';
import { conversationOf, type Collection } from '../collection.ts';
import { positionKey, type Place } from '../projection.ts';
import type { MemberDocument } from './documents.ts';
import { emptyDigest, extendDigest } from './seq-digest.ts';

/** Id of a member's document. */
export const memberKey = (conversationId: string, userId: string): string => `${conversationId}/${userId}`;

export const members: Collection<MemberDocument> = {
  shape: {
    fields: [
      'conversationId',
      'userId',
      'role',
      'joinedAt',
      'joinedSeq',
      'readSeq',
      'deliveredSeq',
      'unreadFrom',
      'mutedUntil',
      'pinned',
      'archived',
      'clearedSeq',
      'lastHiddenSeq',
      'hiddenCount',
      'hiddenDigest',
      'leftAt',
      'revision',
      'clearedRevision',
      'joinedPosition',
      'leftPosition',
      'changedPosition',
      'memberOf',
      'memberId',
    ],
    indexes: [
      { name: 'byJoining', fields: ['memberOf', 'joinedAt', 'userId'], sparse: true },
      { name: 'byUser', fields: ['memberId', 'conversationId'], sparse: true },
      { name: 'byLeaving', fields: ['userId', 'leftPosition'], sparse: true },
      { name: 'byRevision', fields: ['conversationId', 'revision', 'userId'] },
    ],
  },

  touches(event, place) {
    const key = (userId: string): string => memberKey(conversationOf(place), userId);
    switch (event.type) {
      case 'ConversationStarted':
        return event.data.members.map(({ userId }) => key(userId));
      case 'MemberAdded':
      case 'MemberRoleChanged':
      case 'MemberRemoved':
      case 'MessageHidden':
      case 'OwnViewChanged':
      case 'HistoryCleared':
        return [key(event.data.userId)];
      case 'MessageSent':
        return [key(event.data.senderId)];
      case 'ReceiptsRecorded':
        return event.data.receipts.map(({ userId }) => key(userId));
      default:
        return [];
    }
  },

  evolve(member, event, place, id) {
    const position = positionKey(place.position);
    switch (event.type) {
      case 'ConversationStarted': {
        const joined = event.data.members.find(({ userId }) => id === memberKey(conversationOf(place), userId));
        return joined && joins(undefined, { ...joined, joinedSeq: 0, at: event.data.at }, place);
      }
      case 'MemberAdded':
        return joins(member, event.data, place);
      default:
        if (member === undefined) return undefined;
    }
    const own = { ...member, changedPosition: position };
    const shown = { ...own, revision: place.revision };
    switch (event.type) {
      case 'MemberRoleChanged':
        return { ...shown, role: event.data.role };
      case 'MemberRemoved':
        return { ...shown, leftAt: event.data.at, leftPosition: position, memberOf: null, memberId: null };
      case 'MessageSent':
        return { ...shown, ...pointers(member, event.data.seq, event.data.seq), unreadFrom: null };
      case 'ReceiptsRecorded':
        return received(member, event, place);
      case 'OwnViewChanged': {
        const { mutedUntil, pinned, archived, unreadFrom } = event.data;
        return {
          ...own,
          mutedUntil: mutedUntil === undefined ? member.mutedUntil : mutedUntil,
          pinned: pinned ?? member.pinned,
          archived: archived ?? member.archived,
          unreadFrom: unreadFrom ?? member.unreadFrom,
        };
      }
      case 'HistoryCleared':
        return {
          ...own,
          clearedSeq: Math.max(member.clearedSeq, event.data.upToSeq),
          clearedRevision: place.revision,
        };
      case 'MessageHidden':
        return {
          ...own,
          lastHiddenSeq: Math.max(member.lastHiddenSeq, event.data.seq),
          hiddenCount: member.hiddenCount + 1,
          hiddenDigest: extendDigest(member.hiddenDigest, [event.data.seq]),
        };
      default:
        return member;
    }
  },
};

interface Joining {
  readonly userId: string;
  readonly role: Role;
  readonly joinedSeq: number;
  readonly at: string;
}

/** Whoever comes back starts afresh, except that what he deleted for himself stays so. */
const joins = (former: MemberDocument | undefined, joining: Joining, place: Place): MemberDocument => ({
  conversationId: conversationOf(place),
  userId: joining.userId,
  role: joining.role,
  joinedAt: joining.at,
  joinedSeq: joining.joinedSeq,
  readSeq: joining.joinedSeq,
  deliveredSeq: joining.joinedSeq,
  unreadFrom: null,
  mutedUntil: null,
  pinned: false,
  archived: false,
  clearedSeq: 0,
  lastHiddenSeq: former?.lastHiddenSeq ?? 0,
  hiddenCount: former?.hiddenCount ?? 0,
  hiddenDigest: former?.hiddenDigest ?? emptyDigest,
  leftAt: null,
  revision: place.revision,
  clearedRevision: -1,
  joinedPosition: positionKey(place.position),
  leftPosition: null,
  changedPosition: positionKey(place.position),
  memberOf: conversationOf(place),
  memberId: joining.userId,
});

const pointers = (
  { readSeq, deliveredSeq }: MemberDocument,
  read: number,
  delivered: number,
): Pick<MemberDocument, 'readSeq' | 'deliveredSeq'> => ({
  readSeq: Math.max(readSeq, read),
  deliveredSeq: Math.max(deliveredSeq, delivered, read),
});

const received = (
  member: MemberDocument,
  { data }: ConversationEventOf<'ReceiptsRecorded'>,
  place: Place,
): MemberDocument => {
  const receipts = data.receipts.filter(({ userId }) => userId === member.userId);
  const read = Math.max(0, ...receipts.map((receipt) => receipt.read ?? 0));
  const delivered = Math.max(0, ...receipts.map((receipt) => receipt.delivered ?? 0));
  const next = {
    ...member,
    ...pointers(member, read, delivered),
    unreadFrom: read > 0 ? null : member.unreadFrom,
  };
  const shows = next.readSeq !== member.readSeq || next.deliveredSeq !== member.deliveredSeq;
  if (!shows && next.unreadFrom === member.unreadFrom) return member;
  return {
    ...next,
    changedPosition: positionKey(place.position),
    revision: shows ? place.revision : member.revision,
  };
};
