import { expect, test, vi } from 'vitest';
import { InProcessPubSub } from '../../../adapters/in-process/pub-sub.ts';
import { pubSubContract } from '../../contract/pub-sub.contract.ts';

pubSubContract('in process', async () => ({ store: new InProcessPubSub() }));

test('a listener that throws is reported and disturbs no one', async () => {
  const errors: unknown[] = [];
  await using pubSub = new InProcessPubSub({ onError: (error) => errors.push(error) });
  const failure = new Error('no');
  const heard: string[] = [];
  await pubSub.subscribe('room', () => {
    throw failure;
  });
  await pubSub.subscribe('room', (message) => heard.push(message));
  await pubSub.publish('room', 'a');
  await pubSub.publish('room', 'b');
  await vi.waitFor(() => expect(heard).toEqual(['a', 'b']));
  expect(errors).toEqual([failure, failure]);
});

test('a listener runs after publish has returned', async () => {
  await using pubSub = new InProcessPubSub();
  const order: string[] = [];
  await pubSub.subscribe('room', () => order.push('heard'));
  const publishing = pubSub.publish('room', 'a');
  order.push('returned');
  await publishing;
  await vi.waitFor(() => expect(order).toEqual(['returned', 'heard']));
});
