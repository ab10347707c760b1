import { describe, expect, it } from 'vitest';
import type { DomainEvent } from '../../domain/catalog.ts';
import { about, ann, at, ben, cat, id, room, sent, started } from './support/facts.ts';
import { added, after, receipts, remove } from './support/feed.ts';

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
      [`${room}/1`]: { conversationId: room, seq: 1, revision: 2 },
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
