import { describe, expect, it } from 'vitest';
import type { DomainEvent } from '../../domain/catalog.ts';
import { defaultSettings } from '../../domain/conversation/values.ts';
import { ann, at, ben, cat, dan, id, room, roomStream, sent, started, about } from './support/facts.ts';
import { openReadSide } from './support/read-side.ts';

const receipts = (
  seconds: number,
  ...list: { userId: string; deviceId: string; delivered?: number; read?: number }[]
) => ({ type: 'ReceiptsRecorded', data: { receipts: list, at: at(seconds) } }) satisfies DomainEvent;
const [phone, laptop] = [id(61), id(62)] as const;

describe('the feed', () => {
  it('tells when each device got and read a message', async () => {
    await using side = await openReadSide();
    await side.until(
      await side.writer.write(
        roomStream,
        started({ members: { [ann]: 'owner', [ben]: 'member', [cat]: 'member' } }),
        ...[1, 2, 3, 4].map((seq) => sent(seq)),
        receipts(10, { userId: ben, deviceId: phone, delivered: 2 }),
        receipts(20, { userId: ben, deviceId: phone, delivered: 4, read: 3 }),
        receipts(30, { userId: ben, deviceId: laptop, read: 1, delivered: 1 }),
        receipts(40, { userId: cat, deviceId: phone, delivered: 4 }),
      ),
    );
    const { feed } = side.readModels;
    const all = [
      { userId: ben, deviceId: phone, deliveredAt: at(10), readAt: at(20) },
      { userId: ben, deviceId: laptop, deliveredAt: null, readAt: null },
      { userId: cat, deviceId: phone, deliveredAt: at(40), readAt: null },
    ];
    expect(await feed.receiptsOf(room, 2, undefined, 10)).toEqual(all);
    expect(await feed.receiptsOf(room, 2, undefined, 2)).toEqual(all.slice(0, 2));
    expect(await feed.receiptsOf(room, 2, [ben, laptop], 2)).toEqual(all.slice(2));
    expect(await feed.receiptsOf(room, 4, undefined, 1)).toEqual([
      { userId: ben, deviceId: phone, deliveredAt: at(20), readAt: null },
    ]);
  });

  it('lists members in order of joining, page by page, without those who have left', async () => {
    await using side = await openReadSide();
    const add = (userId: string, seconds: number): DomainEvent => ({
      type: 'MemberAdded',
      data: { userId, role: 'member', by: ann, inviteId: null, joinedSeq: 0, at: at(seconds) },
    });
    const leave: DomainEvent = { type: 'MemberRemoved', data: { userId: ben, by: ben, at: at(30) } };
    await side.until(await side.writer.write(roomStream, started(), add(dan, 10), add(cat, 20), leave, add(ben, 40)));
    const { feed } = side.readModels;
    const page = async (...args: Parameters<typeof feed.members>) =>
      (await feed.members(...args)).map(({ userId }) => userId);
    expect(await page(room, undefined, 10)).toEqual([ann, dan, cat, ben]);
    expect(await page(room, undefined, 2)).toEqual([ann, dan]);
    expect(await page(room, [at(10), dan], 2)).toEqual([cat, ben]);
    expect(await page(room, [at(40), ben], 2)).toEqual([]);
    expect((await feed.membersChangedSince(room, 0, 10)).map(({ userId }) => userId)).toEqual([dan, cat, ben]);
    expect((await feed.membersChangedSince(room, 1, 1)).map(({ userId }) => userId)).toEqual([cat]);
  });

  it('tells what was left after a position, until one comes back', async () => {
    await using side = await openReadSide();
    const leave: DomainEvent = { type: 'MemberRemoved', data: { userId: ben, by: ben, at: at(30) } };
    const before = await side.writer.write(roomStream, started());
    const left = await side.writer.write(roomStream, leave);
    await side.until(left);
    const { feed } = side.readModels;
    expect((await feed.leftSince(ben, before)).map(({ conversationId }) => conversationId)).toEqual([room]);
    expect(await feed.leftSince(ben, left)).toEqual([]);
    expect(await feed.memberships(ben)).toEqual([]);
    expect(await feed.member(room, ben)).toMatchObject({ leftAt: at(30) });
    const back: DomainEvent = {
      type: 'MemberAdded',
      data: { userId: ben, role: 'member', by: ann, inviteId: null, joinedSeq: 0, at: at(40) },
    };
    await side.until(await side.writer.write(roomStream, back));
    expect(await feed.leftSince(ben, before)).toEqual([]);
    expect(await feed.memberships(ben)).toHaveLength(1);
  });

  it('tells what a member has hidden', async () => {
    await using side = await openReadSide();
    const hide = (seq: number, userId: string): DomainEvent => ({
      type: 'MessageHidden',
      data: { ...about(seq), userId },
    });
    await side.until(
      await side.writer.write(roomStream, started(), sent(1), sent(2), hide(2, ben), hide(1, ben), hide(1, ann)),
    );
    const { feed } = side.readModels;
    expect((await feed.hiddenSince(room, ben, -1)).map(({ seq }) => seq)).toEqual([2, 1]);
    expect((await feed.hiddenSince(room, ben, 3)).map(({ seq }) => seq)).toEqual([1]);
    expect((await feed.hidden(room, ann, [id(1001), id(1002)])).map(({ seq }) => seq)).toEqual([1]);
  });

  it('lists invites in order of making', async () => {
    await using side = await openReadSide();
    const invite = (inviteId: string, seconds: number): DomainEvent => ({
      type: 'InviteCreated',
      data: { inviteId, by: ann, expiresAt: at(900), maxUses: null, at: at(seconds) },
    });
    await side.until(await side.writer.write(roomStream, started(), invite(id(9), 10), invite(id(8), 20)));
    const { feed } = side.readModels;
    expect((await feed.invites(room)).map(({ inviteId }) => inviteId)).toEqual([id(9), id(8)]);
    expect(await feed.invite(room, id(8))).toMatchObject({ createdAt: at(20), uses: 0 });
    expect(await feed.invite(room, id(7))).toBeUndefined();
  });

  it('finds open channels by the beginning of their name, however it is written', async () => {
    await using side = await openReadSide();
    const names = ['Über uns', 'ubuntu', 'Zoo', 'UBER UNS'];
    for (const [index, name] of names.entries()) {
      const conversationId = id(200 + index);
      const content = { name, topic: null };
      const channel = started({ conversationId, kind: 'channel', content, settings: defaultSettings });
      await side.writer.write(`conversation-${conversationId}`, channel);
    }
    const group = id(300);
    const content = { name: 'uber', topic: null };
    await side.until(
      await side.writer.write(`conversation-${group}`, started({ conversationId: group, kind: 'group', content })),
    );
    const { feed } = side.readModels;
    const found = async (...args: Parameters<typeof feed.channels>) =>
      (await feed.channels(...args)).map(({ conversationId }) => conversationId);
    expect(await found('', undefined, 10)).toEqual([id(200), id(203), id(201), id(202)]);
    expect(await found('ÜB', undefined, 10)).toEqual([id(200), id(203), id(201)]);
    expect(await found('übe', ['uber uns', id(200)], 10)).toEqual([id(203)]);
    expect(await found('ub', undefined, 1)).toEqual([id(200)]);
    expect(await found('x', undefined, 10)).toEqual([]);
  });
});
