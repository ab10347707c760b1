import { describe, expect, it } from 'vitest';
import { Unanswered } from '../../client/errors.ts';
import { Desk, message, nameOf, refusal } from './support/desk.ts';
import { settle } from './support/fake-platform.ts';

describe('the outbox', () => {
  it('O01 stores what is asked for before it is tried', async () => {
    const desk = await Desk.online();
    const order: string[] = [];
    const write = desk.storage.write.bind(desk.storage);
    const stored = Promise.withResolvers<void>();
    desk.storage.write = async (changes) => {
      await stored.promise;
      order.push('stored');
      await write(changes);
    };
    const adding = desk.outbox.add('a', message('a 1'));
    await settle();
    expect(desk.outbox.entries('a').map(nameOf)).toEqual(['a 1']);
    expect(desk.tried).toEqual([]);
    stored.resolve();
    await adding;
    await settle();
    expect([order, desk.tried]).toEqual([['stored'], ['a 1']]);
  });

  it('O02 does one thing after another in a conversation, and does not wait for other conversations', async () => {
    const desk = await Desk.online();
    await desk.add('a 1', 'a 2', 'b 1', 'a 3', 'b 2');
    await desk.outbox.add('a', { type: 'receipt', read: 1 });
    await settle();
    expect(desk.tried).toEqual(['a 1', 'b 1', '{"type":"receipt","read":1}']);
    await desk.done('b 1');
    await desk.done('a 1');
    await desk.done('a 2');
    expect(desk.tried.slice(3)).toEqual(['b 2', 'a 2', 'a 3']);
    expect(await desk.stored()).toEqual(['a 3', 'b 2', '{"type":"receipt","read":1}']);
  });

  it.each([new Unanswered('lost'), refusal('rate/limited', 429)])('O03 tries again after: %s', async (error) => {
    const desk = await Desk.online();
    await desk.add('a 1', 'a 2');
    await desk.fails('a 1', error);
    desk.platform.pass(249);
    await settle();
    expect(desk.tried).toEqual(['a 1']);
    desk.platform.pass(1);
    await settle();
    expect(desk.tried).toEqual(['a 1', 'a 1']);
    await desk.done('a 1');
    expect(desk.tried).toEqual(['a 1', 'a 1', 'a 2']);
  });

  it.each(Array.from({ length: 20 }, (_, ticks) => ticks))(
    'O02 does what is asked for %d moments after the answer to the one before',
    async (ticks) => {
      const desk = await Desk.online();
      await desk.add('a 1');
      const answered = desk.done('a 1');
      for (let tick = 0; tick < ticks; tick += 1) await Promise.resolve();
      await desk.add('a 2');
      await answered;
      expect(desk.tried).toEqual(['a 1', 'a 2']);
    },
  );

  it('O03 waits as long as the server asks for', async () => {
    const desk = await Desk.online();
    await desk.add('a 1');
    await desk.fails('a 1', refusal('rate/limited', 429, 5_000));
    desk.platform.pass(5_249);
    await settle();
    expect(desk.tried.length).toBe(1);
    desk.platform.pass(1);
    await settle();
    expect(desk.tried.length).toBe(2);
  });

  it('O03 tries again at once when the connection is back', async () => {
    const desk = await Desk.online();
    await desk.add('a 1');
    desk.outbox.offline();
    await desk.fails('a 1', new Unanswered('lost'));
    desk.platform.pass(60_000);
    await settle();
    expect(desk.tried.length).toBe(1);
    desk.outbox.online();
    await settle();
    expect(desk.tried).toEqual(['a 1', 'a 1']);
  });

  it('O03 tries again at once when the connection was lost and came back while it waited', async () => {
    const desk = await Desk.online();
    await desk.add('a 1');
    await desk.fails('a 1', refusal('rate/limited', 429, 600_000));
    desk.outbox.offline();
    desk.outbox.online();
    await settle();
    expect(desk.tried).toEqual(['a 1', 'a 1']);
  });

  it('O04 sets aside what was refused, and goes on', async () => {
    const desk = await Desk.online();
    await desk.add('a 1', 'a 2', 'a 3');
    await desk.fails('a 1', refusal('auth/forbidden', 403));
    expect([desk.failed, desk.tried]).toEqual([['a 1'], ['a 1', 'a 2']]);
    const [failed] = desk.outbox.entries('a');
    expect(failed).toMatchObject({ failure: { code: 'auth/forbidden', title: 'No' } });
    expect(await desk.outbox.retry(failed!.entryId)).toBe(true);
    expect(desk.outbox.entries('a').map(nameOf)).toEqual(['a 2', 'a 3', 'a 1']);
    expect(await desk.stored()).toEqual(['a 2', 'a 3', 'a 1']);
    await desk.done('a 2');
    await desk.done('a 3');
    expect(desk.tried).toEqual(['a 1', 'a 2', 'a 3', 'a 1']);
    await desk.done('a 1');
    expect(await desk.stored()).toEqual([]);
  });

  it('O04 gives up with a message what was to be done to it', async () => {
    const desk = await Desk.online();
    await desk.add('a 1', 'a 2');
    await desk.outbox.add('a', { type: 'edit', messageId: 'a 1', content: { text: 'x' } });
    await desk.fails('a 1', refusal('auth/forbidden', 403));
    const [failed] = desk.outbox.entries('a');
    expect(await desk.outbox.discard(failed!.entryId)).toBe(true);
    expect(await desk.stored()).toEqual(['a 2']);
  });

  it('O04 does not give up what may have been sent', async () => {
    const desk = await Desk.online();
    await desk.add('a 1', 'a 2');
    const [first, second] = desk.outbox.entries('a');
    expect(await desk.outbox.discard(first!.entryId)).toBe(false);
    expect(await desk.outbox.discard(second!.entryId)).toBe(true);
    expect(await desk.outbox.discard('nothing')).toBe(false);
    const again = new Desk(desk.storage);
    await again.outbox.load();
    expect(await again.outbox.discard(first!.entryId)).toBe(false);
  });

  it('O05 stops sending a message whose push has come, whatever became of its reply', async () => {
    const desk = await Desk.online();
    await desk.add('a 1', 'a 2');
    desk.outbox.acknowledge('a 1');
    await desk.fails('a 1', new Unanswered('lost'));
    desk.platform.pass(60_000);
    await settle();
    expect(desk.tried).toEqual(['a 1', 'a 2']);
  });

  it('O06 does in the order asked for what an earlier client has left', async () => {
    const first = new Desk();
    await first.outbox.load();
    await first.add('a 1', 'a 2', 'a 3');
    const second = new Desk(first.storage);
    await second.outbox.load();
    await second.add('a 4');
    second.outbox.online();
    for (const name of ['a 1', 'a 2', 'a 3', 'a 4']) {
      await settle();
      await second.done(name);
    }
    expect(second.tried).toEqual(['a 1', 'a 2', 'a 3', 'a 4']);
    expect(await second.stored()).toEqual([]);
  });

  it('O07 makes one of receipts that wait, and forgets one that was refused', async () => {
    const desk = await Desk.online();
    for (const read of [1, 2, 5, 3]) await desk.outbox.add('a', { type: 'receipt', read });
    await desk.outbox.add('a', { type: 'receipt', delivered: 9 });
    await settle();
    await desk.done('{"type":"receipt","read":1}');
    expect(desk.tried).toEqual(['{"type":"receipt","read":1}', '{"type":"receipt","delivered":9,"read":5}']);
    await desk.fails('{"type":"receipt","delivered":9,"read":5}', refusal('auth/forbidden', 403));
    expect([desk.outbox.entries(), desk.failed]).toEqual([[], []]);
  });

  it('O08 asks no more in ten seconds than it may', async () => {
    const desk = await Desk.online(3);
    await desk.add('a', 'b', 'c', 'd', 'e', 'f', 'g');
    expect(desk.tried).toEqual(['a', 'b', 'c']);
    desk.platform.pass(9_999);
    await settle();
    expect(desk.tried.length).toBe(3);
    desk.platform.pass(1);
    await settle();
    expect(desk.tried).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });

  it('O08 asks again when the clock is set back', async () => {
    const desk = await Desk.online(3);
    await desk.add('a', 'b', 'c');
    desk.platform.setBack(3_600_000);
    desk.platform.pass(10_000);
    await desk.add('d', 'e', 'f', 'g');
    expect(desk.tried).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });

  it('O11 shows what was confirmed until its push comes', async () => {
    const desk = await Desk.online();
    const react = { type: 'react', messageId: 'm', emoji: '👍' } as const;
    const name = JSON.stringify(react);
    await desk.outbox.add('a', react);
    await settle();
    await desk.done(name, 'p7');
    expect(desk.outbox.entries('a')).toEqual([]);
    expect(desk.outbox.shown('a')).toMatchObject([{ operation: react, isConfirmed: true }]);
    desk.outbox.pushed('p6');
    expect(desk.outbox.shown('a').length).toBe(1);
    desk.outbox.pushed('p7');
    expect(desk.outbox.shown('a')).toEqual([]);
  });

  it('O11 shows nothing that a push has told of before the reply came, or none will', async () => {
    const desk = await Desk.online();
    const react = { type: 'react', messageId: 'm', emoji: '👍' } as const;
    desk.outbox.pushed('p7');
    await desk.outbox.add('a', react);
    await settle();
    await desk.done(JSON.stringify(react), 'p7');
    expect(desk.outbox.shown('a')).toEqual([]);
    await desk.outbox.add('a', react);
    await settle();
    await desk.done(JSON.stringify(react), 'p8');
    expect(desk.outbox.shown('a').length).toBe(1);
    desk.platform.pass(3_000);
    expect(desk.outbox.shown('a')).toEqual([]);
  });
});
