import { describe, expect, vi } from 'vitest';
import type { PubSub } from '../../ports/pub-sub.ts';
import { testOn, testReopening, type Open } from './opened.ts';

/** What every pub/sub does. `reopen` gives another node's end of the same one. */
export const pubSubContract = (adapterName: string, open: Open<PubSub>): void => {
  const on = testOn(open);

  const listen = async (
    pubSub: PubSub,
    channel: string,
  ): Promise<{ heard: string[]; subscription: AsyncDisposable }> => {
    const heard: string[] = [];
    const subscription = await pubSub.subscribe(channel, (message) => heard.push(message));
    return { heard, subscription };
  };
  const settled = async (heard: readonly string[], messages: readonly string[]): Promise<void> =>
    vi.waitFor(() => expect(heard).toEqual(messages), { timeout: 3_000, interval: 5 });

  describe(`pub/sub: ${adapterName}`, () => {
    on('brings each message to every listener of its channel, in order and as it was', async (pubSub) => {
      const [one, two, other] = [
        await listen(pubSub, 'room-1'),
        await listen(pubSub, 'room-1'),
        await listen(pubSub, 'room-11'),
      ];
      const messages = [
        '',
        'é\u{1f600}\u0000"\n',
        'x'.repeat(100_000),
        ...Array.from({ length: 100 }, (_, i) => `${i}`),
      ];
      await Promise.all(messages.map((message) => pubSub.publish('room-1', message)));
      await settled(one.heard, messages);
      await settled(two.heard, messages);
      expect(other.heard).toEqual([]);
    });

    on('says nothing of what was published before, or to nobody', async (pubSub) => {
      await pubSub.publish('room-1', 'before');
      const { heard } = await listen(pubSub, 'room-1');
      await pubSub.publish('room-1', 'after');
      await settled(heard, ['after']);
    });

    on('ends for one listener without ending for the others', async (pubSub) => {
      const [one, two] = [await listen(pubSub, 'room-1'), await listen(pubSub, 'room-1')];
      await pubSub.publish('room-1', 'a');
      await settled(one.heard, ['a']);
      await one.subscription[Symbol.asyncDispose]();
      await one.subscription[Symbol.asyncDispose]();
      await pubSub.publish('room-1', 'b');
      await settled(two.heard, ['a', 'b']);
      expect(one.heard).toEqual(['a']);
      const again = await listen(pubSub, 'room-1');
      await pubSub.publish('room-1', 'c');
      await settled(again.heard, ['c']);
    });

    on('keeps a listener that comes while the last one goes', async (pubSub) => {
      for (let n = 0; n < 20; n += 1) {
        const { subscription } = await listen(pubSub, 'room-1');
        const [next] = await Promise.all([listen(pubSub, 'room-1'), subscription[Symbol.asyncDispose]()]);
        await pubSub.publish('room-1', `${n}`);
        await settled(next.heard, [`${n}`]);
        await next.subscription[Symbol.asyncDispose]();
      }
    });

    on('lets a listener publish and subscribe', async (pubSub) => {
      const { heard } = await listen(pubSub, 'answers');
      await pubSub.subscribe('questions', (message) => void pubSub.publish('answers', `${message}!`));
      await pubSub.publish('questions', 'a');
      await pubSub.publish('questions', 'b');
      await settled(heard, ['a!', 'b!']);
    });

    testReopening(open)('reaches the listeners of other nodes', async (pubSub, reopen) => {
      await using other = await reopen();
      const { heard } = await listen(other, 'room-1');
      await pubSub.publish('room-1', 'a');
      await settled(heard, ['a']);
    });
  });
};
