import { expect } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { demandNoErrors, errorsTold, startGroup, wholeHistory } from '../support/people.ts';
import { perform, type Action, type World } from './actions.ts';
import { differences, truthOf } from './compare.ts';
import { Device } from './device.ts';

/** Little memory, so that windows move. */
const small = { mostMessages: 25, tailMessages: 4, pageMessages: 7 };

const open = async (server: World['server']): Promise<World> => {
  const ana = await Device.open('ana', server.origin);
  const ben = await Device.open('ben', server.origin);
  const eve = await Device.open('eve', server.origin, undefined, small);
  const anas = await Device.open('ana 2', server.origin, ana);
  const bens = await Device.open('ben 2', server.origin, ben, small);
  await startGroup(ana.client, [ben.client, eve.client]);
  await startGroup(ben.client, [ana.client]);
  await ana.client.direct(ben.userId);
  const devices = [ana, ben, eve, anas, bens];
  await eventually(() => devices.map(({ client }) => client.feed.length)).toEqual([3, 3, 1, 3, 3]);
  for (const device of [ana, bens, eve]) await device.readBack();
  return { server, devices, tally: new Map() };
};

/** Each message that was not refused is there once, and those of one device in the order in which it sent them. */
const demandSentOnce = async ({ devices }: World): Promise<void> => {
  for (const device of devices) {
    const failed = new Set(
      device.client.outbox.entries().map(({ operation }) => 'messageId' in operation && operation.messageId),
    );
    for (const { conversation } of device.client.feed) {
      const { conversationId } = conversation;
      const sent = device.sent.filter((one) => one.conversationId === conversationId && !failed.has(one.messageId));
      const ids = new Set(sent.map(({ messageId }) => messageId));
      const history = (await wholeHistory(device.client, conversationId)).map(({ messageId }) => messageId);
      expect(new Set(history).size).toBe(history.length);
      const found = history.filter((messageId) => ids.has(messageId));
      // What its user has put away, or what was before he came back, he does not see.
      const seen = new Set(found);
      expect(found).toEqual(sent.map(({ messageId }) => messageId).filter((messageId) => seen.has(messageId)));
    }
    for (const [messageId, times] of device.told) expect(`${messageId} ${times}`).toBe(`${messageId} 1`);
  }
};

const demandEqual = async ({ devices }: World): Promise<void> => {
  await eventually(async () => {
    const found: string[] = [];
    for (const { client, name } of devices) {
      const truth = await truthOf(client);
      found.push(...differences(client, truth).map((text) => `${name}: ${text}`));
    }
    return found;
  }).toEqual([]);
};

/** Plays a life, and demands that in the end every device shows what the server shows, and every message once. */
export const play = async (server: World['server'], actions: readonly Action[]): Promise<void> => {
  const world = await open(server);
  const background: Promise<unknown>[] = [];
  for (const action of actions) await perform(world, action, background);
  server.proxy.thaw();
  for (const { client } of world.devices) client.connect();
  await Promise.all(background);
  await eventually(() => [...world.devices.flatMap(({ unrest }) => unrest ?? []), ...errorsTold()]).toEqual([]);
  // First what pushes have made of it, then all of it, back to the beginning and forward again.
  await demandEqual(world);
  await Promise.all(world.devices.map((device) => device.readBack()));
  await demandEqual(world);
  await Promise.all(world.devices.map((device) => device.readForward()));
  await demandEqual(world);
  await demandSentOnce(world);
  demandNoErrors();
  await Promise.all(world.devices.map(({ client }) => client[Symbol.asyncDispose]()));
};
