import type { Client } from '../../../client/parley.ts';
import type { Page } from '../../../schemas/common.ts';
import type { FeedItem, Member } from '../../../schemas/conversation.ts';
import type { Message } from '../../../schemas/message.ts';
import { wholeHistory } from '../support/people.ts';

/** What the server tells one user by REST: the truth that all his devices must show. */
export interface Truth {
  readonly feed: readonly FeedItem[];
  readonly histories: ReadonlyMap<string, readonly Message[]>;
  readonly members: ReadonlyMap<string, readonly Member[]>;
}

const pages = async <Item>(client: Client, path: string): Promise<readonly Item[]> => {
  const items: Item[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page: Page<Item> = (await client.call({ method: 'GET', path: `${path}${query}` })) as Page<Item>;
    items.push(...page.items);
    cursor = page.next;
  }
  return items;
};

export const truthOf = async (client: Client): Promise<Truth> => {
  const feed = await pages<FeedItem>(client, '/v1/conversations?archived=all&limit=200');
  const ids = feed.map(({ conversation }) => conversation.conversationId);
  const histories = new Map<string, readonly Message[]>();
  const members = new Map<string, readonly Member[]>();
  for (const id of ids) {
    histories.set(id, await wholeHistory(client, id));
    members.set(id, await pages<Member>(client, `/v1/conversations/${id}/members?limit=200`));
  }
  return { feed, histories, members };
};

/** What of a thing is not said to be the same everywhere: which of its events nobody sees. */
const withoutRevision = <Thing extends object>(thing: Thing): Omit<Thing, 'revision'> => {
  const { revision: _revision, ...rest } = thing as Thing & { readonly revision?: unknown };
  return rest;
};

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
};

const difference = (what: string, shown: unknown, truth: unknown): readonly string[] => {
  const [one, other] = [JSON.stringify(sorted(shown)), JSON.stringify(sorted(truth))];
  return one === other ? [] : [`${what}\n  here   ${one}\n  server ${other}`];
};

const each = <Item>(
  what: string,
  shown: readonly Item[],
  truth: readonly Item[],
  keyOf: (item: Item) => string,
): readonly string[] => {
  const order = difference(`${what}: which and in which order`, shown.map(keyOf), truth.map(keyOf));
  if (order.length > 0) return order;
  return shown.flatMap((item, index) => difference(`${what} ${keyOf(item)}`, item, truth[index]));
};

/** Where a device shows something else than the server; the whole of every conversation, which must be loaded. */
export const differences = (device: Client, truth: Truth): readonly string[] => {
  const feed = device.feed.map((entry) => ({ ...entry, conversation: withoutRevision(entry.conversation) }));
  const items = truth.feed.map((item) => ({ ...item, conversation: withoutRevision(item.conversation) }));
  const found = [...each('feed', feed, items, ({ conversation }) => conversation.conversationId)];
  for (const [id, history] of truth.histories) {
    const snapshot = device.conversation(id).snapshot;
    if (snapshot === null) continue;
    const shown = snapshot.items.map(({ status: _status, failure: _failure, entryId: _entryId, ...item }) => item);
    const messages = history.map(withoutRevision);
    found.push(...each(`messages of ${id}`, shown as typeof messages, messages, ({ messageId }) => messageId));
    const byId = (one: Member, other: Member): number => (one.userId < other.userId ? -1 : 1);
    const members = [...(snapshot.members?.values() ?? [])].sort(byId);
    const others = truth.members.get(id)?.toSorted(byId) ?? [];
    found.push(...each(`members of ${id}`, members, others, ({ userId }) => userId));
  }
  return found;
};
