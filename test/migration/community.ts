import { v7 } from 'uuid';
import { expect } from 'vitest';
import type { Client } from '../api/accounts-client.ts';
import { seededRandom } from '../../app/demo/random.ts';

export interface Neighbour {
  readonly username: string;
  readonly userId: string;
  readonly token: string;
  readonly refreshToken: string;
}

export interface Community {
  readonly people: readonly Neighbour[];
  readonly conversationIds: readonly string[];
  /** Of the newest write. */
  readonly position: string;
}

const emojis = ['🌱', '👍', '🥕'];

/** Some people use every part of the API: what comes of it is the same kind of mixture as in real use. */
export const settle = async (client: Client, messages: number): Promise<Community> => {
  const random = seededRandom(7);
  let position = '';
  const as =
    ({ token }: { readonly token: string }) =>
    async (method: string, address: string, body?: unknown): Promise<Record<string, unknown>> => {
      const answer = await client.ask(method, address, { token, body });
      expect({ method, address, status: answer.status, json: answer.json }).toMatchObject({
        status: expect.toSatisfy((status: number) => status < 300),
      });
      position = answer.headers.get('parley-position') ?? position;
      return answer.json;
    };
  /** Where the answer depends on what happened before, such as a change of what was deleted. */
  const attempt = ({ token }: Neighbour, method: string, address: string, body?: unknown) =>
    client.ask(method, address, { token, body });
  const people: Neighbour[] = [];
  for (const name of ['ann', 'ben', 'cem', 'dia', 'eve', 'fay']) {
    const { user, username, accessToken, refreshToken } = await client.join(`person-${name}`);
    people.push({ username, userId: user.userId, token: accessToken, refreshToken });
  }
  const [ann, ben, cem, dia, eve, fay] = people as [Neighbour, Neighbour, Neighbour, Neighbour, Neighbour, Neighbour];
  await client.login(cem.username, { name: 'desktop', platform: 'linux' });

  await as(ann)('PATCH', '/me', { displayName: 'Ann Árvíz', statusText: 'In the greenhouse 🌿', timeZone: 'UTC' });
  await as(dia)('PATCH', '/me', { privacy: { readReceipts: false } });
  for (const other of [ben, cem, fay]) await as(ann)('PUT', `/contacts/${other.userId}`, {});
  await as(ben)('PUT', `/contacts/${ann.userId}`, {});
  const { userId: botId } = await as(ann)('POST', '/bots', { username: 'robot' });
  await as(ann)('POST', `/bots/${String(botId)}/tokens`, { name: 'main', scopes: ['read'] });
  await as(ann)('PUT', `/bots/${String(botId)}/webhooks/${v7()}`, { url: 'https://bots.example/robot' });
  await as(ann)('DELETE', `/contacts/${ben.userId}`);
  await as(eve)('PUT', `/blocks/${ben.userId}`);

  const start = async (owner: Neighbour, body: object): Promise<string> =>
    (await as(owner)('POST', '/conversations', body))['conversationId'] as string;
  const ids = (some: readonly Neighbour[]): readonly string[] => some.map(({ userId }) => userId);
  const group = await start(ann, {
    kind: 'group',
    name: 'Allotment',
    topic: 'Beds',
    memberIds: ids([ben, cem, dia, fay]),
  });
  const hidden = await start(ben, { kind: 'group', name: 'Since joining', settings: { history: 'since-joining' } });
  const channel = await start(cem, { kind: 'channel', name: 'Seeds', topic: null });
  const closed = await start(ann, { kind: 'group', name: 'Closed', memberIds: ids([ben]) });
  const direct = (await as(ann)('PUT', `/direct/${ben.userId}`))['conversationId'] as string;
  for (const person of [ann, eve]) await as(person)('PUT', `/conversations/${channel}/members/me`, {});
  const invite = await as(ben)('POST', `/conversations/${hidden}/invites`, { maxUses: 3, expiresInSeconds: 86_400 });

  const members: Readonly<Record<string, readonly Neighbour[]>> = {
    [group]: [ann, ben, cem, dia],
    [channel]: [ann, cem, eve],
    [direct]: [ann, ben],
    [hidden]: [ben],
    [closed]: [ann, ben],
  };
  const sent: { readonly conversationId: string; readonly messageId: string; readonly by: Neighbour; seq: number }[] =
    [];
  for (let number = 0; number < messages; number += 1) {
    const conversationId = random.pick(Object.keys(members));
    const by = random.pick(members[conversationId]!);
    const earlier = sent.filter((one) => one.conversationId === conversationId);
    const about = earlier.length > 0 ? random.pick(earlier) : undefined;
    const at = `/conversations/${conversationId}`;
    const kind = random.next();
    const message = about && `${at}/messages/${about.messageId}`;
    if (about === undefined || kind < 0.55) {
      const messageId = v7();
      const content = {
        text: `number ${number} “ő” ${random.pick(emojis)}`,
        ...(random.chance(0.2) && { custom: { number, nested: { list: [1, null, 'x'] } } }),
        ...(random.chance(0.2) && { mentions: [random.pick(members[conversationId]!).userId] }),
        ...(about && random.chance(0.2) && { replyTo: about.messageId }),
      };
      const { seq } = await as(by)('PUT', `${at}/messages/${messageId}`, content);
      sent.push({ conversationId, messageId, by, seq: seq as number });
    } else if (kind < 0.65) await attempt(about.by, 'PATCH', message!, { text: `edited ${number}` });
    else if (kind < 0.75) {
      await attempt(about.by, 'DELETE', `${message}?for=${kind < 0.7 ? 'everyone' : 'me'}`);
      sent.splice(sent.indexOf(about), 1);
    } else if (kind < 0.85) await as(by)('PUT', `${at}/receipts`, { read: about.seq });
    else if (kind < 0.95) {
      const reaction = encodeURIComponent(random.pick(emojis));
      await attempt(by, 'PUT', `${message}/reactions/${reaction}`);
    } else await attempt(by, 'PUT', `${message}/pin`);
  }
  const root = v7();
  await as(cem)('PUT', `/conversations/${channel}/messages/${root}`, { text: 'Who has beans?' });
  for (const by of [ann, cem, eve]) {
    await as(by)('PUT', `/conversations/${channel}/messages/${v7()}`, { text: 'in a thread', thread: root });
  }
  const sendAt = new Date(Date.now() + 86_400_000).toISOString();
  await as(cem)('PUT', `/conversations/${channel}/scheduled/${v7()}`, { text: 'Tomorrow', sendAt });
  await as(cem)('PUT', `/conversations/${channel}/messages/${v7()}`, { text: 'For a day', expiresInSeconds: 86_400 });
  await as(fay)('POST', `/invites/${invite['token'] as string}`);
  await as(ben)('PUT', `/conversations/${hidden}/messages/${v7()}`, { text: 'after fay came' });
  await as(ann)('PATCH', `/conversations/${group}`, { name: 'Allotment, renamed' });
  await as(ann)('PATCH', `/conversations/${group}/me`, { pinned: true, mutedUntil: null });
  await as(ben)('PATCH', `/conversations/${direct}/me`, { archived: true });
  await as(cem)('PATCH', `/conversations/${group}/me`, { unreadFrom: 2 });
  await as(dia)('DELETE', `/conversations/${group}/me/history`);
  await as(ann)('DELETE', `/conversations/${group}/members/${ben.userId}`);
  await as(ann)('DELETE', `/conversations/${closed}`);
  await as(fay)('DELETE', '/me');
  return { people, conversationIds: [group, hidden, channel, closed, direct], position };
};
