import { describe, expect, it } from 'vitest';
import type { DomainEvent } from '../../domain/catalog.ts';
import { foldedKey } from '../../projections/folding.ts';
import { ann, at, ben, cat, id } from './support/facts.ts';
import { openReadSide } from './support/read-side.ts';
import * as fc from 'fast-check';

describe('looking for users', () => {
  const names = [
    ['zed', 'Anna'],
    ['anton', 'Toni'],
    ['ann', 'ANN'],
    ['bob', 'ánne'],
    ['kim', 'Kim'],
    ['annika', 'Zoe'],
  ] as const;
  const openWithUsers = async () => {
    const side = await openReadSide();
    let position = -1n;
    for (const [index, [username, displayName]] of names.entries()) {
      const userId = id(index + 1);
      position = await side.writer.write(`user-${userId}`, {
        type: 'UserRegistered',
        data: { userId, content: { username, displayName }, at: at(index) },
      });
    }
    await side.until(position);
    return side;
  };

  it('finds each whose username or display name begins so once, usernames first', async () => {
    await using side = await openWithUsers();
    const { profiles } = side.readModels;
    const found = async (prefix: string, after?: string, limit = 10) =>
      (await profiles.usersByPrefix(prefix, after, limit)).map(({ username }) => username);
    expect(await found('Ann')).toEqual(['ann', 'annika', 'zed', 'bob']);
    expect(await found('')).toEqual(['ann', 'annika', 'anton', 'bob', 'kim', 'zed']);
    expect(await found('nobody')).toEqual([]);
    const pages: string[] = [];
    for (let after: string | undefined; ;) {
      const page = await found('ÄN', after, 1);
      if (page.length === 0) break;
      pages.push(...page);
      after = page.at(-1);
    }
    expect(pages).toEqual(await found('an'));
  });

  it('finds one by his username, and those of given ids', async () => {
    await using side = await openWithUsers();
    const { profiles } = side.readModels;
    expect(await profiles.userByUsername('bob')).toMatchObject({ userId: id(4) });
    expect(await profiles.userByUsername('Bob')).toBeUndefined();
    expect(await profiles.user(id(5))).toMatchObject({ username: 'kim' });
    expect((await profiles.users([id(5), id(1), id(99), id(5)])).map(({ username }) => username).toSorted()).toEqual([
      'kim',
      'zed',
    ]);
  });

  it('folds a name that is folded already into itself', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme-composite', maxLength: 20 }),
        (name) => foldedKey(foldedKey(name)) === foldedKey(name),
      ),
    );
  });
});

describe('contacts, blocks and devices', () => {
  it('are listed in pages by the other user, and devices by their first login', async () => {
    await using side = await openReadSide();
    const between = (type: 'ContactRequested' | 'UserBlocked', by: string, other: string): DomainEvent => ({
      type,
      data: { by, other, at: at(1) },
    });
    await side.writer.write(`contact-${ann}_${ben}`, between('ContactRequested', ann, ben));
    await side.writer.write(`contact-${ann}_${cat}`, between('ContactRequested', cat, ann));
    await side.writer.write(`contact-${ann}_${id(9)}`, between('UserBlocked', ann, id(9)));
    const device = (deviceId: string, seconds: number): DomainEvent => ({
      type: 'DeviceAdded',
      data: { deviceId, content: { name: 'Phone' }, platform: null, at: at(seconds) },
    });
    await side.until(await side.writer.write(`user-${ann}`, device(id(62), 1), device(id(61), 2)));
    const { contacts, devices } = side.readModels;
    expect((await contacts.contacts(ann, undefined, 10)).map(({ otherId, state }) => [otherId, state])).toEqual([
      [ben, 'requested'],
      [cat, 'incoming'],
    ]);
    expect((await contacts.contacts(ann, ben, 10)).map(({ otherId }) => otherId)).toEqual([cat]);
    expect(await contacts.contact(ben, ann)).toMatchObject({ state: 'incoming' });
    expect((await contacts.blocks(ann, undefined, 10)).map(({ otherId }) => otherId)).toEqual([id(9)]);
    expect(await contacts.blocks(id(9), undefined, 10)).toEqual([]);
    expect((await devices.devices(ann)).map(({ deviceId }) => deviceId)).toEqual([id(62), id(61)]);
  });
});
