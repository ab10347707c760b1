import type { DomainEvent } from '../../../domain/catalog.ts';
import { defaultSettings } from '../../../domain/conversation/values.ts';
import type { ConversationDocument, MemberDocument } from '../../../projections/feed/documents.ts';
import { feed } from '../../../projections/feed/projection.ts';
import { emptyDigest } from '../../../projections/feed/seq-digest.ts';
import { positionKey } from '../../../projections/projection.ts';
import { about, ann, at, ben, room, roomStream } from './facts.ts';
import { logged } from './log.ts';
import { bodiesOf, project } from './project.ts';

export const after = (collection: string, ...events: readonly DomainEvent[]): Record<string, object> =>
  bodiesOf(project(feed, logged(events.map((event) => ({ stream: roomStream, event })))), collection);
export const head = (...events: readonly DomainEvent[]) =>
  after('conversations', ...events)[room] as ConversationDocument;
export const member = (userId: string, ...events: readonly DomainEvent[]) =>
  after('members', ...events)[`${room}/${userId}`] as MemberDocument;
export const key = (position: number): string => positionKey(BigInt(position));

export const newHead: ConversationDocument = {
  conversationId: room,
  kind: 'group',
  name: 'Room',
  topic: null,
  avatarMediaId: null,
  settings: defaultSettings,
  retentionSeconds: null,
  memberCount: 2,
  createdAt: at(0),
  closedAt: null,
  lastSeq: 0,
  lastActivityAt: at(0),
  lastMessage: null,
  deletedCount: 0,
  lastDeletedSeq: 0,
  deletedDigest: emptyDigest,
  openedRevision: -1,
  revision: 0,
  changedPosition: key(0),
  channelKey: null,
};
export const newBen: MemberDocument = {
  conversationId: room,
  userId: ben,
  role: 'member',
  joinedAt: at(0),
  joinedSeq: 0,
  readSeq: 0,
  deliveredSeq: 0,
  unreadFrom: null,
  mutedUntil: null,
  pinned: false,
  archived: false,
  clearedSeq: 0,
  lastHiddenSeq: 0,
  hiddenCount: 0,
  hiddenDigest: emptyDigest,
  leftAt: null,
  revision: 0,
  clearedRevision: -1,
  joinedPosition: key(0),
  leftPosition: null,
  changedPosition: key(0),
  memberOf: room,
  memberId: ben,
};
export const added = (userId: string, joinedSeq: number, inviteId: string | null = null): DomainEvent => ({
  type: 'MemberAdded',
  data: { userId, role: 'reader', by: ann, inviteId, joinedSeq, at: at(200) },
});
export const removed = (userId: string): DomainEvent => ({
  type: 'MemberRemoved',
  data: { userId, by: ann, at: at(150) },
});
export const receipts = (
  ...list: { userId: string; deviceId: string; delivered?: number; read?: number }[]
): DomainEvent => ({
  type: 'ReceiptsRecorded',
  data: { receipts: list, at: at(300) },
});
export const hide = (seq: number, userId: string): DomainEvent => ({
  type: 'MessageHidden',
  data: { ...about(seq), userId },
});
export const remove = (seq: number, mentions: string[] = []): DomainEvent => ({
  type: 'MessageDeleted',
  data: { ...about(seq), by: ann, mentions },
});
