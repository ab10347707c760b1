import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Typing } from '../../client/typing.ts';
import { eventually } from './support/eventually.ts';
import { FakePlatform } from './support/fake-platform.ts';
import { demandNoErrors, newcomer, startGroup } from './support/people.ts';
import { ChatServer } from './support/server.ts';

let server: ChatServer;
beforeAll(async () => {
  server = await ChatServer.start();
});
afterAll(() => server[Symbol.asyncDispose]());
afterEach(demandNoErrors);

describe('others', () => {
  it('are seen typing, until they send or stop', async () => {
    await using ana = await newcomer(server.origin);
    await using ben = await newcomer(server.origin);
    const group = await startGroup(ana, [ben]);
    const bens = ben.conversation(group.conversationId);
    await eventually(() => group.snapshot !== null && bens.snapshot !== null).toBe(true);
    await eventually(() => [ana.connection.isCurrent, ben.connection.isCurrent]).toEqual([true, true]);
    const told: (readonly string[])[] = [];
    ana.on('typing', ({ userIds }) => told.push(userIds));
    bens.typing();
    await eventually(() => group.snapshot!.typing).toEqual([ben.user!.userId]);
    expect(bens.snapshot!.typing).toEqual([]);
    bens.typing(false);
    await eventually(() => group.snapshot!.typing).toEqual([]);
    bens.typing();
    await eventually(() => group.snapshot!.typing).toEqual([ben.user!.userId]);
    await bens.send('there');
    await eventually(() => group.snapshot!.typing).toEqual([]);
    expect(told.length).toBe(4);
  });

  it('are watched while they are on screen, also by the connection after a lost one', async () => {
    await using ana = await newcomer(server.origin);
    await using ben = await newcomer(server.origin);
    const group = await startGroup(ana, [ben]);
    await eventually(() => group.snapshot).not.toBeNull();
    const { userId } = ben.user!;
    const states: string[] = [];
    ana.on('presence', (presence) => states.push(presence.state));
    const unwatch = ana.watch([userId]);
    await eventually(() => ana.presence(userId)?.state).toBe('online');
    ben.away(true);
    await eventually(() => ana.presence(userId)?.state).toBe('away');
    server.proxy.cut();
    await eventually(() => ana.presence(userId)?.state).toBe('away');
    ben.away(false);
    await eventually(() => ana.presence(userId)?.state).toBe('online');
    unwatch();
    expect(ana.presence(userId)).toBeUndefined();
  });
});

describe('typing', () => {
  const keyboard = () => {
    const platform = new FakePlatform();
    const sent: boolean[] = [];
    const typing = new Typing({
      platform,
      send: (_conversationId, active) => void sent.push(active),
      onChange: () => {},
    });
    return { platform, sent, typing };
  };

  it('is told when it begins, every four seconds while it goes on, and when it has ended', () => {
    const { platform, sent, typing } = keyboard();
    for (let key = 0; key < 30; key += 1) {
      typing.set('c', true);
      platform.pass(300);
    }
    expect(sent).toEqual([true, true, true]);
    platform.pass(7_700);
    expect(sent).toEqual([true, true, true, false]);
    typing.set('c', false);
    platform.pass(60_000);
    expect(sent.length).toBe(4);
  });

  it('of others ends when nothing more is heard of it', () => {
    const { platform, typing } = keyboard();
    const frame = { type: 'typing', conversationId: 'c', active: true } as const;
    typing.receive({ ...frame, userId: 'u' });
    platform.pass(5_000);
    typing.receive({ ...frame, userId: 'v' });
    const both = typing.of('c');
    expect(both).toEqual(['u', 'v']);
    typing.receive({ ...frame, userId: 'v' });
    expect(typing.of('c')).toBe(both);
    platform.pass(3_000);
    expect(typing.of('c')).toEqual(['v']);
    platform.pass(5_000);
    expect(typing.of('c')).toEqual([]);
  });
});
