import { isDeepStrictEqual } from 'node:util';
import { eachOf } from '../support/pool.ts';
import type { Client } from '../api/accounts-client.ts';

/** Every answer by its address, as one caller gets it. */
export type Readable = ReadonlyMap<string, { readonly status: number; readonly json: unknown }>;

export interface Reader {
  readonly client: Pick<Client, 'ask'>;
  readonly token: string;
  /** The newest write that the answers must show. */
  readonly after: string | undefined;
}

/** Places in the log differ from one log to another, and so do the tokens that hold one; an origin is the server's. */
const withoutTokens = (address: string, json: unknown): unknown =>
  JSON.parse(
    JSON.stringify(json, (key, value: unknown) => {
      if (key === 'requestId' || (key === 'token' && address.startsWith('/sync'))) return undefined;
      return key === 'url' ? new URL(value as string).pathname : value;
    }),
  );

const smallPages = 'limit=7';

/** Asks as one user for everything there is to ask, also for what he must not see, page by page. */
export const readEverything = async (
  { client, token, after }: Reader,
  known: { readonly userIds: readonly string[]; readonly conversationIds: readonly string[] },
  asked: Set<string>,
): Promise<Readable> => {
  const found = new Map<string, { readonly status: number; readonly json: unknown }>();

  const ask = async (template: string, ids: Readonly<Record<string, string>> = {}, query = '') => {
    asked.add(`/v1${template}`);
    const path = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => ids[name]!);
    const address = query === '' ? path : `${path}?${query}`;
    const { status, json } = await client.ask('GET', address, { token, after });
    found.set(address, { status, json: withoutTokens(address, json) });
    return json as { readonly items?: readonly Record<string, unknown>[]; readonly next?: string | null };
  };

  const list = async (template: string, ids: Readonly<Record<string, string>> = {}, query = smallPages) => {
    const items: Record<string, unknown>[] = [];
    let cursor: string | null = null;
    do {
      const page = await ask(template, ids, cursor === null ? query : `${query}&cursor=${encodeURIComponent(cursor)}`);
      items.push(...(page.items ?? []));
      cursor = page.next ?? null;
    } while (cursor !== null);
    return items;
  };

  await ask('/me');
  for (const template of ['/devices', '/contacts', '/blocks', '/channels']) await list(template);
  const bots = await list('/bots');
  for (const { userId } of bots) {
    for (const what of ['tokens', 'webhooks']) await list(`/bots/{botId}/${what}`, { botId: String(userId) });
  }
  for (const text of ['a', 'person']) await list('/users', {}, `q=${text}&${smallPages}`);
  for (const userId of known.userIds) await ask('/users/{userId}', { userId });
  for (const query of ['archived=all', 'archived=true', 'unread=true', 'archived=false']) {
    await list('/conversations', {}, `${query}&${smallPages}`);
  }
  await ask('/sync', {}, 'limit=200');
  for (const [what, text] of [
    ['messages', 'number'],
    ['conversations', 'al'],
    ['channels', 'seed'],
    ['users', 'ann'],
  ]) {
    await list(`/search/${what}`, {}, `q=${text}&${smallPages}`);
  }

  await eachOf(known.conversationIds, 4, async (conversationId) => {
    const ids = { conversationId };
    const at = '/conversations/{conversationId}';
    await ask(at, ids);
    for (const template of [`${at}/members`, `${at}/invites`, `${at}/pins`, `${at}/scheduled`])
      await list(template, ids);
    for (const since of [undefined, 0, 3, 20, 60]) {
      await ask(`${at}/changes`, ids, since === undefined ? 'limit=200' : `since=${since}&limit=200`);
    }
    for (const query of ['before=9', 'around=4&limit=3', smallPages]) await ask(`${at}/messages`, ids, query);
    const messages = (await ask(`${at}/messages`, ids, 'after=0&limit=200')).items ?? [];
    for (const message of messages) {
      const its = { conversationId, messageId: message['messageId'] as string };
      await ask(`${at}/messages/{messageId}`, its);
      await list(`${at}/messages/{messageId}/receipts`, its);
      if (message['editedAt'] !== null) await list(`${at}/messages/{messageId}/versions`, its);
      if (message['replyCount'] !== 0) await ask(`${at}/threads/{messageId}/messages`, its, 'after=0');
    }
    const [first] = messages;
    if (first) await ask(`${at}/messages`, ids, `at=${first['sentAt'] as string}&${smallPages}`);
  });
  return found;
};

/** Where two of them differ, the first few, each with what was told before and what is told now. */
export const differences = (before: Readable, now: Readable): readonly object[] =>
  [...new Set([...before.keys(), ...now.keys()])]
    .filter((address) => !isDeepStrictEqual(before.get(address), now.get(address)))
    .slice(0, 3)
    .map((address) => ({ address, before: before.get(address), now: now.get(address) }));
