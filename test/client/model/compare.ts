import type { Client, ConversationSnapshot } from '../../../client/parley.ts';
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
  for (let cursor: string | null = ''; cursor !== null;) {
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

/** What was refused is shown as well, but the server does not have it. */
const shownOf = (snapshot: ConversationSnapshot) =>
  snapshot.items
    .filter(({ seq }) => seq !== null)
    .map(({ status: _status, failure: _failure, entryId: _entryId, ...item }) => item);

/** Those of the server's messages that a device must show, given where what it shows begins and ends. */
const expectedOf = ({ items, hasBefore, hasAfter }: ConversationSnapshot, history: readonly Message[]) => {
  const [first, last] = [items[0]?.seq ?? Infinity, items.findLast(({ seq }) => seq !== null)?.seq ?? Infinity];
  return history.filter(({ seq }) => (!hasBefore || seq >= first) && (!hasAfter || seq <= last));
};

const byUser = (one: Member, other: Member): number => (one.userId < other.userId ? -1 : 1);

/**
 * Where a device shows something else than the server, in the feed and in as much of each conversation as it shows:
 * no message of those in between may be missing, and no part of any may differ.
 */
export const differences = (device: Client, truth: Truth): readonly string[] => {
  const feed = device.feed.map((entry) => ({ ...entry, conversation: withoutRevision(entry.conversation) }));
  const items = truth.feed.map((item) => ({ ...item, conversation: withoutRevision(item.conversation) }));
  const found = [...each('feed', feed, items, ({ conversation }) => conversation.conversationId)];
  for (const [id, history] of truth.histories) {
    const snapshot = device.conversation(id).snapshot;
    if (snapshot === null) continue;
    const messages = expectedOf(snapshot, history).map(withoutRevision);
    const shown = shownOf(snapshot) as typeof messages;
    // Whether messages are seen by others is known where there are members.
    const compared = (list: typeof messages) =>
      snapshot.members === null ? list.map((m) => ({ ...m, state: null })) : list;
    found.push(...each(`messages of ${id}`, compared(shown), compared(messages), ({ messageId }) => messageId));
    if (snapshot.members === null) continue;
    const members = [...snapshot.members.values()].sort(byUser);
    found.push(
      ...each(`members of ${id}`, members, truth.members.get(id)?.toSorted(byUser) ?? [], ({ userId }) => userId),
    );
  }
  return found;
};
