import { v7 } from 'uuid';
import { ChatClient } from '../../app/demo/client/chat-client.ts';
import type { Rest } from '../../app/demo/client/rest.ts';
import { Socket } from '../../app/demo/client/socket.ts';
import type { Conversation } from '../../schemas/conversation.ts';
import type { Message } from '../../schemas/message.ts';
import type { FoundMessages } from '../../schemas/search.ts';
import type { Ledger } from './ledger.ts';

const people = 20;
const conversations = 40;
const membersInEach = 5;
const mostFresh = 20;

/** A word that no other message has. */
const wordOf = (messageId: string): string => `m${messageId.replaceAll('-', '')}`;
const textOf = (messageId: string): string => `a note of some length, as people write them: ${wordOf(messageId)}`;

export interface Person {
  readonly client: ChatClient;
  readonly socket: Socket;
}

interface Group {
  readonly conversationId: string;
  readonly members: readonly Person[];
  /** Acknowledged, and not edited yet; the oldest first, and only the newest. */
  readonly fresh: { readonly messageId: string; readonly by: Person }[];
  lastSeq: number;
}

const signUp = async (rest: Rest, index: number, ledger: Ledger): Promise<Person> => {
  const client = new ChatClient(rest, { username: `person-${index}`, password: `secret of ${index}` });
  await client.register();
  await client.login();
  const socket = new Socket({
    origin: rest.origin,
    token: client.accessToken,
    onPush: (frame) => frame.type === 'event' && ledger.pushed(client.userId, frame),
    onResync: () => ledger.problems.push('a socket was told to synchronise'),
    onClose: (code) => code === 1000 || ledger.problems.push(`a socket was closed with ${code}`),
  });
  await socket.ready;
  return { client, socket };
};

/** People in groups who send, read, search, edit and tell what they have read, each turn one thing, in fixed shares. */
export class Load {
  readonly #groups: readonly Group[];
  readonly #persons: readonly Person[];
  readonly #ledger: Ledger;

  private constructor(persons: readonly Person[], groups: readonly Group[], ledger: Ledger) {
    this.#persons = persons;
    this.#groups = groups;
    this.#ledger = ledger;
  }

  static async start(rest: Rest, ledger: Ledger): Promise<Load> {
    const persons = await Promise.all(Array.from({ length: people }, (_, index) => signUp(rest, index, ledger)));
    const groups: Group[] = [];
    for (let index = 0; index < conversations; index += 1) {
      const members = Array.from({ length: membersInEach }, (_, other) => persons[(index + 3 * other) % people]!);
      const memberIds = members.slice(1).map(({ client }) => client.userId);
      const { conversationId } = await members[0]!.client.start({ kind: 'group', name: `Group ${index}`, memberIds });
      groups.push({ conversationId, members, fresh: [], lastSeq: 0 });
    }
    return new Load(persons, groups, ledger);
  }

  /** Of ten turns five send, two read, one edits, one searches and one tells what was read. */
  async turn(index: number): Promise<void> {
    const round = Math.floor(index / 10);
    const group = this.#groups[(round * 7 + index) % conversations]!;
    const person = group.members[(round + index) % membersInEach]!;
    const kind = index % 10;
    if (kind < 5) await this.#send(group, person);
    else if (kind === 5) await person.client.ask('GET', '/v1/conversations');
    else if (kind === 6) await this.#read(group, person, index);
    else if (kind === 7) await this.#edit(group);
    else if (kind === 8) await this.#search(group, person);
    else if (group.lastSeq > 0) await this.#receipt(group, person);
  }

  /** How many messages of all are not as they were acknowledged, and how many people lack a push. */
  async compare(): Promise<{ readonly wrong: number; readonly behind: number }> {
    let [wrong, behind] = [0, 0];
    for (const { conversationId, members } of this.#groups) {
      const reader = members[0]!.client;
      wrong += await this.#ledger.compare(conversationId, reader);
      const { revision } = (await reader.ask('GET', `/v1/conversations/${conversationId}`)) as Conversation;
      behind += members.filter(({ client }) => !this.#ledger.hasSeen(client.userId, conversationId, revision)).length;
    }
    return { wrong, behind };
  }

  async stop(): Promise<void> {
    await Promise.all(this.#persons.map(({ socket }) => socket.close()));
  }

  async #send(group: Group, by: Person): Promise<void> {
    const { conversationId } = group;
    const messageId = v7();
    const text = textOf(messageId);
    const { result } = await by.socket.request('send', { conversationId, messageId, text });
    const { seq } = result as Message;
    this.#ledger.acknowledged(conversationId, messageId, { seq, text });
    group.lastSeq = Math.max(group.lastSeq, seq);
    group.fresh.push({ messageId, by });
    if (group.fresh.length > mostFresh) group.fresh.shift();
  }

  async #read({ conversationId, lastSeq }: Group, { client }: Person, index: number): Promise<void> {
    const around = lastSeq === 0 ? '' : `around=${1 + ((index * 7_919) % lastSeq)}&`;
    await client.ask('GET', `/v1/conversations/${conversationId}/messages?${around}limit=50`);
  }

  async #edit({ conversationId, fresh }: Group): Promise<void> {
    const chosen = fresh.shift();
    if (chosen === undefined) return;
    const { messageId, by } = chosen;
    const edited = `${textOf(messageId)} edited`;
    await by.socket.request('edit', { conversationId, messageId, text: edited });
    this.#ledger.edited(conversationId, messageId, edited);
  }

  /** A message of some seconds ago is found by its word, among all that have the others. */
  async #search({ fresh }: Group, { client }: Person): Promise<void> {
    const [oldest] = fresh;
    if (oldest === undefined) return;
    const { messageId } = oldest;
    const isOfSomeTimeAgo = fresh.length === mostFresh;
    const query = new URLSearchParams({ q: `some length ${wordOf(messageId)}` });
    const { items } = (await client.ask('GET', `/v1/search/messages?${query.toString()}`)) as FoundMessages;
    const isFound = items.length === 1 && items[0]!.message.messageId === messageId;
    if (isOfSomeTimeAgo && !isFound)
      this.#ledger.problems.push(`a search found ${items.length} messages in place of one`);
  }

  async #receipt({ conversationId, lastSeq }: Group, { socket }: Person): Promise<void> {
    await socket.request('receipt', { conversationId, read: lastSeq });
  }
}
