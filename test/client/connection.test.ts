import { describe, expect, it } from 'vitest';
import type { Effect, Happening, State } from '../../client/connection/states.ts';
import { steps } from '../../client/connection/states.ts';
import { BackOff } from '../../client/back-off.ts';
import { Refused } from '../../client/errors.ts';
import { settle } from './support/fake-platform.ts';
import { Line, settings } from './support/line.ts';
import { rows } from './support/spec.ts';

/** What can be seen of a line from outside. */
const look = ({ platform, asked }: Line) => ({
  tokens: asked.length,
  renewals: asked.filter(Boolean).length,
  sockets: platform.sockets.length,
  sent: platform.sockets.at(-1)?.sent.length ?? 0,
});
type Look = ReturnType<typeof look>;

/** What each effect does that can be seen, compared with before. */
const shows: Readonly<Record<Effect, (line: Line, before: Look) => void>> = {
  getToken: (line, before) =>
    expect(look(line)).toMatchObject({ tokens: before.tokens + 1, renewals: before.renewals }),
  renewToken: (line, before) => expect(look(line)).toMatchObject({ renewals: before.renewals + 1 }),
  openSocket: (line, before) => {
    expect(line.platform.sockets.length).toBe(before.sockets + 1);
    expect(line.platform.socket).toMatchObject({ url: 'wss://chat.example/v1/realtime', subprotocol: 'parley.v1' });
  },
  sayHello: (line) => expect(line.platform.socket.sent).toEqual([{ id: 'hello', type: 'hello', token: 'a token' }]),
  dropSocket: (line) => {
    const { socket } = line.platform;
    expect(socket.isClosed).toBe(true);
    const before = line.state;
    socket.opens();
    socket.says({ type: 'resync' });
    socket.closes(4403);
    expect([line.state, line.frames.length]).toEqual([before, line.frames.length]);
  },
  backOff: (line) => {
    expect(line.platform.nextDue).toBe(settings.backOff.firstMs);
  },
  keepWatch: (line) => {
    // Where a frame is due, it is due as late as ever; nothing is due on a line that is live.
    if (line.state !== 'live') return expect(line.platform.nextDue).toBe(settings.openMs);
    line.platform.pass(settings.answerMs);
    return expect(line.state).toBe('live');
  },
  probe: (line) => expect(line.platform.socket.sent.at(-1)).toMatchObject({ type: 'heartbeat' }),
};

describe('a connection', () => {
  it.each(rows)('$id: $state, $happening -> $to', async ({ state, happening, to, effects }) => {
    const line = await Line.in(state);
    const before = look(line);
    if (happening === 'frame') line.expectsAnswer();
    await line.happens(happening);
    expect(line.state).toBe(to);
    for (const effect of effects) shows[effect](line, before);
    if (!effects.includes('dropSocket')) expect(line.platform.sockets.at(-1)?.isClosed ?? false).toBe(false);
    if (!effects.includes('getToken') && !effects.includes('renewToken')) expect(line.asked.length).toBe(before.tokens);
  });

  const others = (Object.keys(steps) as State[]).flatMap((state) =>
    (['start', 'stop', 'signedOut', 'online', 'offline', 'wake'] as const satisfies readonly Happening[])
      .filter((happening) => steps[state][happening] === undefined)
      .map((happening) => ({ state, happening })),
  );
  it.each(others)('is not moved by what is not in the table: $state, $happening', async ({ state, happening }) => {
    const line = await Line.in(state);
    const before = look(line);
    await line.happens(happening);
    expect([line.state, look(line)]).toEqual([state, before]);
  });

  it('L01 sends a heartbeat as often as ready asked for', async () => {
    const line = await Line.in('live');
    for (const times of [1, 2, 3]) {
      line.platform.pass(25_000);
      expect(line.platform.socket.sent.filter(({ type }) => type === 'heartbeat').length).toBe(times);
      line.platform.socket.says({ type: 'reply', id: times, result: null });
    }
    expect(line.state).toBe('live');
  });

  it('L02 is dead when nothing came for ten seconds after something was sent', async () => {
    const line = await Line.in('live');
    const asked = line.connection.request({ type: 'typing' });
    asked.catch(() => {});
    line.platform.pass(9_999);
    expect(line.state).toBe('live');
    line.platform.pass(1);
    expect(line.state).toBe('waiting');
    await expect(asked).rejects.toMatchObject({ name: 'Unanswered' });
  });

  it('L02 is not dead while anything comes, though one request is not answered', async () => {
    const line = await Line.in('live');
    const asked = line.connection.request({ type: 'typing' });
    asked.catch(() => {});
    line.platform.pass(9_000);
    line.platform.socket.says({ type: 'typing', conversationId: 'c', userId: 'u', active: true });
    line.platform.pass(9_000);
    expect(line.state).toBe('live');
    line.platform.pass(12_000);
    await expect(asked).rejects.toMatchObject({ name: 'Unanswered' });
  });

  it('L03 is not taken for dead when timers run late', async () => {
    const line = await Line.in('live');
    // The timers of a page in the background run once a minute: the heartbeat is late, and so is its answer.
    line.platform.oversleep(60_000);
    line.platform.pass(50);
    line.platform.socket.says({ type: 'reply', id: 1, result: null });
    expect(line.state).toBe('live');
  });

  it.each([1000, 1001, 1006, 1011, 4408, 4409, 4429, 4430])('comes back after %i', async (code) => {
    const line = await Line.in('live');
    line.platform.socket.closes(code);
    expect(line.state).toBe('waiting');
    line.platform.pass(60_000);
    expect(line.state).toBe('authorising');
  });

  it.each([1002, 1007, 1009, 4400, 4403, 4413])('stops after %i', async (code) => {
    const line = await Line.in('live');
    line.platform.socket.closes(code);
    line.platform.pass(3_600_000);
    expect(line.state).toBe('stopped');
  });

  it('renews its token after 4401, and after one more tries later: whether the session lives, renewing tells', async () => {
    const line = await Line.in('greeting');
    line.platform.socket.closes(4401);
    expect([line.state, line.asked]).toEqual(['authorising', [false, true]]);
    await line.happens('token');
    line.platform.socket.opens();
    line.platform.socket.closes(4401);
    expect(line.state).toBe('waiting');
    await line.happens('due');
    expect([line.state, line.asked]).toEqual(['authorising', [false, true, false]]);
  });

  it('takes 4401 for an old token again, once it has been live since', async () => {
    const line = await Line.in('greeting');
    line.platform.socket.closes(4401);
    await line.happens('token');
    line.platform.socket.opens();
    line.ready();
    line.platform.socket.closes(4401);
    expect(line.state).toBe('authorising');
  });

  it('says where it stands when it comes back', async () => {
    const line = await Line.in('opening');
    line.since = 'p7';
    line.platform.socket.opens();
    expect(line.platform.socket.sent).toMatchObject([{ type: 'hello', since: 'p7' }]);
  });

  it('waits as long as the server asks for, on top of its own back-off', async () => {
    const line = await Line.in('waiting');
    line.platform.pass(60_000);
    const problem = { type: '', title: '', status: 503, code: 'server/unavailable', requestId: '' } as const;
    line.refuseToken(new Refused(problem, 7_000));
    await settle();
    expect(line.platform.nextDue).toBe(7_000 + 2 * settings.backOff.firstMs);
    line.platform.socket?.closes(4429);
  });

  it('leaves a server alone for five seconds that was asked too much', async () => {
    const line = await Line.in('live');
    line.platform.socket.closes(4429);
    expect(line.platform.nextDue).toBe(5_000 + settings.backOff.firstMs);
  });

  it('begins its back-off anew only after ten seconds live', async () => {
    const line = await Line.in('live');
    const loseAfter = async (ms: number): Promise<number | undefined> => {
      line.platform.pass(ms);
      line.platform.socket.closes(1006);
      const delay = line.platform.nextDue;
      line.platform.pass(delay!);
      await line.happens('token');
      line.platform.socket.opens();
      line.ready();
      return delay;
    };
    expect([await loseAfter(0), await loseAfter(0), await loseAfter(9_999), await loseAfter(10_000)]).toEqual([
      500, 1_000, 2_000, 500,
    ]);
  });
});

describe('the back-off', () => {
  it('is uniform between nothing and a bound that doubles up to its limit', () => {
    const chances = [0, 0.5, 1];
    const delays = chances.map((chance) => {
      const backOff = new BackOff({ firstMs: 500, mostMs: 30_000 }, () => chance);
      return Array.from({ length: 9 }, () => backOff.next());
    });
    expect(delays[2]).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
    expect(delays[1]).toEqual(delays[2]!.map((delay) => delay / 2));
    expect(new Set(delays[0])).toEqual(new Set([0]));
  });
});
