import { describe, expect, it } from 'vitest';
import type { DomainEvent } from '../../domain/catalog.ts';
import { defaultSettings } from '../../domain/conversation/values.ts';
import type { ConversationDocument, MemberDocument } from '../../projections/feed/documents.ts';
import { feed } from '../../projections/feed/projection.ts';
import { positionKey } from '../../projections/projection.ts';
import { about, ann, at, ben, cat, id, room, roomStream, sent, started } from './support/facts.ts';
import { logged } from './support/log.ts';
import { bodiesOf, project } from './support/project.ts';

const after = (collection: string, ...events: readonly DomainEvent[]): Record<string, object> =>
  bodiesOf(project(feed, logged(events.map((event) => ({ stream: roomStream, event })))), collection);
const head = (...events: readonly DomainEvent[]) => after('conversations', ...events)[room] as ConversationDocument;
const member = (userId: string, ...events: readonly DomainEvent[]) =>
  after('members', ...events)[`${room}/${userId}`] as MemberDocument;
const key = (position: number): string => positionKey(BigInt(position));

const newHead: ConversationDocument = {
  conversationId: room,
  kind: 'group',
  name: 'Room',
  topic: null,
  avatarMediaId: null,
  settings: defaultSettings,
  memberCount: 2,
  createdAt: at(0),
  closedAt: null,
  lastSeq: 0,
  lastActivityAt: at(0),
  lastMessage: null,
  deletedCount: 0,
  lastDeletedSeq: 0,
  revision: 0,
  changedPosition: key(0),
  channelKey: null,
};
const newBen: MemberDocument = {
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
  leftAt: null,
  revision: 0,
  clearedRevision: -1,
  joinedPosition: key(0),
  leftPosition: null,
  changedPosition: key(0),
  memberOf: room,
  memberId: ben,
};
const added = (userId: string, joinedSeq: number, inviteId: string | null = null): DomainEvent => ({
  type: 'MemberAdded',
  data: { userId, role: 'reader', by: ann, inviteId, joinedSeq, at: at(200) },
});
const removed = (userId: string): DomainEvent => ({ type: 'MemberRemoved', data: { userId, by: ann, at: at(150) } });
const receipts = (...list: { userId: string; deviceId: string; delivered?: number; read?: number }[]): DomainEvent => ({
  type: 'ReceiptsRecorded',
  data: { receipts: list, at: at(300) },
});
const hide = (seq: number, userId: string): DomainEvent => ({
  type: 'MessageHidden',
  data: { ...about(seq), userId },
});
const remove = (seq: number, mentions: string[] = []): DomainEvent => ({
  type: 'MessageDeleted',
  data: { ...about(seq), by: ann, mentions },
});

describe('the head of a conversation', () => {
  it('begins with its settings and members', () => {
    expect(head(started())).toEqual(newHead);
  });

  it('takes what a change gives and keeps the rest', () => {
    const settings = { ...defaultSettings, history: 'since-joining' as const };
    const changes: DomainEvent[] = [
      { type: 'ConversationChanged', data: { by: ann, content: { name: 'Hall' }, at: at(1) } },
      { type: 'ConversationChanged', data: { by: ann, settings, avatarMediaId: id(7), at: at(1) } },
      { type: 'ConversationChanged', data: { by: ann, content: { topic: 'Talk' }, at: at(2) } },
    ];
    const expected = { ...newHead, name: 'Hall', topic: 'Talk', settings, avatarMediaId: id(7) };
    expect(head(started(), ...changes)).toEqual({ ...expected, revision: 3, changedPosition: key(3) });
  });

  it('shows the last message, as it is after an edit or a deletion', () => {
    const long = '👩‍👩‍👧‍👧x'.repeat(100);
    const preview = { messageId: id(1002), seq: 2, senderId: ben, kind: 'text', sentAt: at(2), deletedAt: null };
    const seen = head(started(), sent(1), sent(2, { senderId: ben, text: long }));
    expect(seen).toEqual({
      ...newHead,
      lastSeq: 2,
      lastActivityAt: at(2),
      lastMessage: { ...preview, text: Array.from(long).slice(0, 200).join('') },
      revision: 2,
      changedPosition: key(2),
    });
    const edit = (seq: number, text: string | null): DomainEvent => ({
      type: 'MessageEdited',
      data: { ...about(seq), by: ben, content: { text } },
    });
    const two = [started(), sent(1), sent(2, { senderId: ben })];
    expect(head(...two, edit(2, 'new')).lastMessage).toEqual({ ...preview, text: 'new' });
    expect(head(...two, edit(2, null)).lastMessage).toEqual({ ...preview, text: null, kind: 'attachment' });
    expect(head(...two, edit(1, 'new')).lastMessage).toEqual({ ...preview, text: 'message 2' });
    expect(head(...two, remove(2))).toMatchObject({
      lastMessage: { ...preview, text: null, deletedAt: at(100) },
      deletedCount: 1,
      lastDeletedSeq: 2,
      lastActivityAt: at(2),
    });
    expect(head(...two, remove(2), remove(1))).toMatchObject({ deletedCount: 2, lastDeletedSeq: 2 });
  });

  it.each([
    [{ text: null, attachments: [{ mediaId: id(7) }] }, 'attachment'],
    [{ text: 'hi', forwardedFrom: { conversationId: id(5), messageId: id(6) } }, 'forwarded'],
  ])('tells the kind of the last message %#', (content, kind) => {
    expect(head(started(), sent(1, content)).lastMessage).toMatchObject({ kind });
  });

  it('moves its revision with what members see, and with nothing else', () => {
    const seen: DomainEvent[] = [
      { type: 'ReactionAdded', data: { ...about(1), userId: ben, emoji: '👍' } },
      { type: 'ReactionRemoved', data: { ...about(1), userId: ben, emoji: '👍' } },
      { type: 'MessagePinned', data: { ...about(1), by: ann } },
      { type: 'MessageUnpinned', data: { ...about(1), by: ann } },
      { type: 'MemberRoleChanged', data: { userId: ben, role: 'admin', by: ann, at: at(9) } },
      removed(ben),
      added(cat, 1),
    ];
    for (const event of seen) {
      expect(head(started(), sent(1), event)).toMatchObject({ revision: 2, changedPosition: key(2) });
    }
    const unseen: DomainEvent[] = [
      receipts({ userId: ben, deviceId: id(9), read: 1 }),
      hide(1, ben),
      { type: 'OwnViewChanged', data: { userId: ben, pinned: true, at: at(9) } },
      { type: 'HistoryCleared', data: { userId: ben, upToSeq: 1, at: at(9) } },
      { type: 'InviteCreated', data: { inviteId: id(8), by: ann, expiresAt: at(900), maxUses: null, at: at(9) } },
      { type: 'InviteWithdrawn', data: { inviteId: id(8), by: ann, at: at(9) } },
    ];
    expect(head(started(), sent(1), ...unseen)).toEqual(head(started(), sent(1)));
  });

  it('counts the members', () => {
    expect(head(started(), added(cat, 0)).memberCount).toBe(3);
    expect(head(started(), added(cat, 0), removed(ben), removed(cat)).memberCount).toBe(1);
  });

  it('is listed as a channel under its folded name until it is closed', () => {
    const channel = started({ kind: 'channel', content: { name: 'Ärger & Ⅳ', topic: null } });
    const rename: DomainEvent = {
      type: 'ConversationChanged',
      data: { by: ann, content: { name: 'Ünter' }, at: at(1) },
    };
    const close: DomainEvent = { type: 'ConversationClosed', data: { by: ann, at: at(2) } };
    expect(head(channel).channelKey).toBe('arger & iv');
    expect(head(channel, rename).channelKey).toBe('unter');
    expect(head(channel, rename, close)).toMatchObject({ channelKey: null, closedAt: at(2) });
    expect(head(channel, close, rename)).toMatchObject({ channelKey: null });
  });
});

describe('a member', () => {
  it('is there from the start, each with a document of his own', () => {
    expect(member(ben, started())).toEqual(newBen);
    expect(member(ann, started()).role).toBe('owner');
  });

  it('joins with his pointers at the last message', () => {
    expect(member(cat, started(), sent(1), added(cat, 1))).toEqual({
      ...newBen,
      userId: cat,
      memberId: cat,
      role: 'reader',
      joinedAt: at(200),
      joinedSeq: 1,
      readSeq: 1,
      deliveredSeq: 1,
      revision: 2,
      joinedPosition: key(2),
      changedPosition: key(2),
    });
  });

  it('leaves, and starts afresh when he comes back, but for what he has hidden', () => {
    const stay = [
      started(),
      sent(1),
      hide(1, ben),
      receipts({ userId: ben, deviceId: id(9), read: 1 }),
      { type: 'OwnViewChanged', data: { userId: ben, pinned: true, mutedUntil: 'forever', at: at(9) } },
      { type: 'HistoryCleared', data: { userId: ben, upToSeq: 1, at: at(9) } },
      removed(ben),
    ] satisfies DomainEvent[];
    expect(member(ben, ...stay)).toMatchObject({
      leftAt: at(150),
      leftPosition: key(6),
      changedPosition: key(6),
      revision: 6,
      memberOf: null,
      memberId: null,
      readSeq: 1,
      clearedSeq: 1,
    });
    expect(member(ben, ...stay, sent(2), added(ben, 2))).toEqual({
      ...newBen,
      role: 'reader',
      joinedAt: at(200),
      joinedSeq: 2,
      readSeq: 2,
      deliveredSeq: 2,
      lastHiddenSeq: 1,
      revision: 8,
      joinedPosition: key(8),
      changedPosition: key(8),
    });
    expect(after('hidden', ...stay, added(ben, 1))).toEqual({
      [`${room}/${ben}/${id(1001)}`]: {
        conversationId: room,
        userId: ben,
        messageId: id(1001),
        seq: 1,
        revision: 2,
      },
    });
  });

  it('has read what he sends himself', () => {
    const unread: DomainEvent = { type: 'OwnViewChanged', data: { userId: ben, unreadFrom: 1, at: at(9) } };
    expect(member(ben, started(), sent(1), unread, sent(2, { senderId: ben }))).toEqual({
      ...newBen,
      readSeq: 2,
      deliveredSeq: 2,
      revision: 3,
      changedPosition: key(3),
    });
  });

  it('moves his pointers with the receipts of any of his devices, never back', () => {
    const two = [started(), sent(1), sent(2), sent(3)];
    const forth = receipts(
      { userId: ben, deviceId: id(9), delivered: 2, read: 1 },
      { userId: ann, deviceId: id(8), read: 3 },
      { userId: ben, deviceId: id(7), delivered: 3 },
    );
    const moved = { ...newBen, readSeq: 1, deliveredSeq: 3, revision: 4, changedPosition: key(4) };
    expect(member(ben, ...two, forth)).toEqual(moved);
    expect(member(ben, ...two, forth, receipts({ userId: ben, deviceId: id(7), delivered: 1 }))).toEqual(moved);
    expect(member(ben, ...two, receipts({ userId: ben, deviceId: id(7), read: 2 }))).toMatchObject({
      readSeq: 2,
      deliveredSeq: 2,
    });
  });

  it('keeps messages marked as unread until the next read receipt, which nobody else notices', () => {
    const read = receipts({ userId: ben, deviceId: id(9), read: 2 });
    const mark: DomainEvent = { type: 'OwnViewChanged', data: { userId: ben, unreadFrom: 1, at: at(9) } };
    const marked = [started(), sent(1), sent(2), read, mark];
    expect(member(ben, ...marked)).toMatchObject({ readSeq: 2, unreadFrom: 1, revision: 3, changedPosition: key(4) });
    const delivered = receipts({ userId: ben, deviceId: id(7), delivered: 2 });
    expect(member(ben, ...marked, delivered)).toEqual(member(ben, ...marked));
    expect(member(ben, ...marked, read)).toMatchObject({ unreadFrom: null, revision: 3, changedPosition: key(5) });
  });

  it('has a view of his own that others do not notice', () => {
    const change = (data: object): DomainEvent => ({
      type: 'OwnViewChanged',
      data: { userId: ben, at: at(9), ...data },
    });
    expect(member(ben, started(), change({ pinned: true }), change({ mutedUntil: at(99) }))).toEqual({
      ...newBen,
      pinned: true,
      mutedUntil: at(99),
      changedPosition: key(2),
    });
    expect(member(ben, started(), change({ mutedUntil: 'forever' }), change({ mutedUntil: null }))).toMatchObject({
      mutedUntil: null,
    });
    const clear: DomainEvent = { type: 'HistoryCleared', data: { userId: ben, upToSeq: 1, at: at(9) } };
    expect(member(ben, started(), sent(1), clear, hide(1, ben))).toEqual({
      ...newBen,
      clearedSeq: 1,
      clearedRevision: 2,
      lastHiddenSeq: 1,
      changedPosition: key(3),
    });
    expect(member(ann, started(), sent(1), clear, hide(1, ben)).changedPosition).toBe(key(1));
  });

  it('changes his role for all to see', () => {
    const change: DomainEvent = {
      type: 'MemberRoleChanged',
      data: { userId: ben, role: 'admin', by: ann, at: at(9) },
    };
    expect(member(ben, started(), change)).toEqual({ ...newBen, role: 'admin', revision: 1, changedPosition: key(1) });
  });
});

describe('mentions', () => {
  const targets = (...events: readonly DomainEvent[]) =>
    Object.values(after('mentions', started(), ...events)).map((mention) => (mention as { target: string }).target);
  const edit = (previousMentions: string[], mentions: string[]): DomainEvent => ({
    type: 'MessageEdited',
    data: { ...about(1), by: ann, content: {}, mentions, previousMentions },
  });

  it('are kept once for each user, or once for everyone', () => {
    expect(after('mentions', started(), sent(1, { mentions: [ben, cat, ben] }))).toEqual({
      [`${room}/1/${ben}`]: { conversationId: room, target: ben, seq: 1 },
      [`${room}/1/${cat}`]: { conversationId: room, target: cat, seq: 1 },
    });
    expect(targets(sent(1, { mentions: [ben, 'everyone'] }))).toEqual(['everyone']);
  });

  it('follow the edits of the message and end with it', () => {
    const first = sent(1, { mentions: [ben, cat] });
    expect(targets(first, edit([ben, cat], [cat, ann])).toSorted()).toEqual([ann, cat].toSorted());
    expect(targets(first, edit([ben, cat], ['everyone', ben]))).toEqual(['everyone']);
    expect(targets(first, edit([ben, cat], ['everyone']), edit(['everyone'], [cat]))).toEqual([cat]);
    expect(targets(first, edit([ben, cat], []))).toEqual([]);
    expect(targets(first, remove(1, [ben, cat]))).toEqual([]);
  });
});

describe('gaps, receipts and invites', () => {
  it('has a gap for every message that is deleted for everyone', () => {
    expect(after('gaps', started(), sent(1), remove(1))).toEqual({
      [`${room}/1`]: { conversationId: room, seq: 1 },
    });
  });

  it('knows how far each device has got, and when it first got there', () => {
    const events = [
      started(),
      sent(1),
      sent(2),
      receipts({ userId: ben, deviceId: id(9), delivered: 2 }),
      receipts({ userId: ben, deviceId: id(9), read: 1 }, { userId: ben, deviceId: id(7), delivered: 1 }),
    ];
    const device = { conversationId: room, userId: ben };
    expect(after('devicePointers', ...events)).toEqual({
      [`${room}/${ben}/${id(9)}`]: { ...device, deviceId: id(9), delivered: 2, read: 1 },
      [`${room}/${ben}/${id(7)}`]: { ...device, deviceId: id(7), delivered: 1, read: 0 },
    });
    const step = (deviceId: string, kind: string, seq: number) => ({
      [`${room}/${ben}/${deviceId}/${kind}/${seq}`]: { ...device, deviceId, kind, seq, at: at(300) },
    });
    expect(after('receiptSteps', ...events)).toEqual({
      ...step(id(9), 'delivered', 2),
      ...step(id(9), 'read', 1),
      ...step(id(7), 'delivered', 1),
    });
  });

  it('counts the uses of an invite until it is withdrawn', () => {
    const create: DomainEvent = {
      type: 'InviteCreated',
      data: { inviteId: id(8), by: ann, expiresAt: at(900), maxUses: 5, at: at(9) },
    };
    const invite = { conversationId: room, inviteId: id(8), by: ann, createdAt: at(9), expiresAt: at(900), maxUses: 5 };
    expect(after('invites', started(), create)).toEqual({ [`${room}/${id(8)}`]: { ...invite, uses: 0 } });
    expect(after('invites', started(), create, added(cat, 0, id(8)))).toEqual({
      [`${room}/${id(8)}`]: { ...invite, uses: 1 },
    });
    const withdraw: DomainEvent = { type: 'InviteWithdrawn', data: { inviteId: id(8), by: ann, at: at(10) } };
    expect(after('invites', started(), create, withdraw)).toEqual({});
  });
});
