import { describe, expect, it } from 'vitest';
import { emptyDigest, extendDigest } from '../../projections/feed/seq-digest.ts';
import type { DomainEvent } from '../../domain/catalog.ts';
import { ann, at, ben, cat, id, room, sent, started } from './support/facts.ts';
import { added, after, hide, key, member, newBen, receipts, removed } from './support/feed.ts';

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
      hiddenCount: 1,
      hiddenDigest: extendDigest(emptyDigest, [1]),
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
      hiddenCount: 1,
      hiddenDigest: extendDigest(emptyDigest, [1]),
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
