import { describe, expect, vi } from 'vitest';
import type { Presence, PresentDevice, UserPresence } from '../../ports/presence.ts';
import { testOn, testReopening, type Open } from './opened.ts';

const device = (
  userId: string,
  deviceId: string,
  state: PresentDevice['state'] = 'online',
  connectionId = `${deviceId} first`,
): PresentDevice => ({ userId, deviceId, connectionId, state });

const of = async (presence: Presence, userId: string): Promise<UserPresence> =>
  (await presence.of([userId])).get(userId)!;
const stateOf = async (presence: Presence, userId: string): Promise<string> => (await of(presence, userId)).state;

/**
 * What every presence does. `open` gives one that knows of nobody; `openShort` one where a device is there for as many
 * milliseconds as asked for.
 */
export const presenceContract = (
  adapterName: string,
  open: Open<Presence>,
  openShort: (holdsMs: number) => Promise<Presence>,
): void => {
  const on = testOn(open);

  describe(`presence: ${adapterName}`, () => {
    on('knows whoever was said to be there, and since when he was not', async (presence) => {
      expect(await presence.say([device('ann', 'd1'), device('ben', 'd1', 'away')])).toEqual(['ann', 'ben']);
      const found = await presence.of(['ann', 'ben', 'cid']);
      expect([...found.keys()]).toEqual(['ann', 'ben', 'cid']);
      expect(found.get('ann')).toMatchObject({ state: 'online' });
      expect(found.get('ben')).toMatchObject({ state: 'away' });
      expect(found.get('cid')).toEqual({ state: 'offline', seenAt: null, expiresInMs: null });
      const { seenAt, expiresInMs } = found.get('ann')!;
      expect(Math.abs(Date.parse(seenAt!) - Date.now())).toBeLessThan(5_000);
      expect(expiresInMs).toBeGreaterThan(50_000);
      expect(expiresInMs).toBeLessThanOrEqual(60_000);
    });

    on('takes the best of the devices of a user', async (presence) => {
      expect(await presence.say([device('ann', 'd1', 'away')])).toEqual(['ann']);
      expect(await presence.say([device('ann', 'd2', 'online')])).toEqual(['ann']);
      expect(await presence.say([device('ann', 'd3', 'away')])).toEqual([]);
      expect(await stateOf(presence, 'ann')).toBe('online');
      expect(await presence.leave(device('ann', 'd1'))).toBe(false);
      expect(await presence.say([device('ann', 'd2', 'away')])).toEqual(['ann']);
      expect(await stateOf(presence, 'ann')).toBe('away');
      expect(await presence.leave(device('ann', 'd2'))).toBe(false);
      expect(await presence.leave(device('ann', 'd3'))).toBe(true);
      expect(await of(presence, 'ann')).toEqual({ state: 'offline', seenAt: expect.any(String), expiresInMs: null });
    });

    on('tells a change once: repeating changes nothing', async (presence) => {
      expect(await presence.say([device('ann', 'd1')])).toEqual(['ann']);
      expect(await presence.say([device('ann', 'd1')])).toEqual([]);
      expect(await presence.leave(device('ann', 'd1'))).toBe(true);
      expect(await presence.leave(device('ann', 'd1'))).toBe(false);
      expect(await presence.leave(device('nobody', 'd1'))).toBe(false);
    });

    on('takes several devices of one user in one go', async (presence) => {
      const devices = [device('ann', 'd1', 'away'), device('ann', 'd2', 'online'), device('ben', 'd1', 'away')];
      expect(await presence.say(devices)).toEqual(['ann', 'ben']);
      expect(await stateOf(presence, 'ann')).toBe('online');
      expect(await presence.say([])).toEqual([]);
      expect((await presence.of([])).size).toBe(0);
    });

    on('lets no older connection say that a device is gone which has come back', async (presence) => {
      await presence.say([device('ann', 'd1', 'online', 'first')]);
      await presence.say([device('ann', 'd1', 'online', 'second')]);
      expect(await presence.leave(device('ann', 'd1', 'online', 'first'))).toBe(false);
      expect(await stateOf(presence, 'ann')).toBe('online');
      expect(await presence.leave(device('ann', 'd1', 'online', 'second'))).toBe(true);
    });

    on('counts each change of those who race once', async (presence) => {
      const said = await Promise.all(Array.from({ length: 20 }, (_, n) => presence.say([device('ann', `d${n}`)])));
      expect(said.flat()).toEqual(['ann']);
      const left = await Promise.all(Array.from({ length: 20 }, (_, n) => presence.leave(device('ann', `d${n}`))));
      expect(left.filter(Boolean)).toHaveLength(1);
    });

    on('takes names of any form', async (presence) => {
      const odd = device('é\u{1f600} "x', 'a b\nc', 'away', 'y z');
      await presence.say([odd]);
      expect(await stateOf(presence, odd.userId)).toBe('away');
      expect(await presence.leave(odd)).toBe(true);
    });

    on('loses a device of which nothing is heard any more, and only that', async () => {
      await using presence = await openShort(400);
      await presence.say([device('ann', 'd1', 'online'), device('ann', 'd2', 'away'), device('ben', 'd1')]);
      const keep = setInterval(() => void presence.say([device('ann', 'd2', 'away')]), 50);
      try {
        await vi.waitFor(async () => expect(await stateOf(presence, 'ann')).toBe('away'), { timeout: 3_000 });
        await vi.waitFor(async () => expect(await stateOf(presence, 'ben')).toBe('offline'), { timeout: 3_000 });
        expect(await stateOf(presence, 'ann')).toBe('away');
      } finally {
        clearInterval(keep);
      }
      expect((await of(presence, 'ben')).seenAt).toEqual(expect.any(String));
      expect(await presence.leave(device('ben', 'd1'))).toBe(false);
      expect(await presence.say([device('ben', 'd1')])).toEqual(['ben']);
    });

    testReopening(open)('is one for all nodes', async (presence, reopen) => {
      await using other = await reopen();
      expect(await presence.say([device('ann', 'd1')])).toEqual(['ann']);
      expect(await other.say([device('ann', 'd2')])).toEqual([]);
      expect(await other.leave(device('ann', 'd1'))).toBe(false);
      expect(await stateOf(presence, 'ann')).toBe('online');
      expect(await presence.leave(device('ann', 'd2'))).toBe(true);
      expect(await stateOf(other, 'ann')).toBe('offline');
    });
  });
};
