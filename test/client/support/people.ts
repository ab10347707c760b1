import { randomUUID } from 'node:crypto';
import { Client, type ClientOptions } from '../../../client/parley.ts';
import type { Conversation } from '../../../client/conversation.ts';
import type { History, Message } from '../../../schemas/message.ts';

export const password = 'correct horse';

/** Impatient enough for tests. */
export const quick = {
  backOff: { firstMs: 10, mostMs: 200 },
  answerMs: 1_000,
  openMs: 5_000,
  requestMs: 5_000,
  steadyMs: 200,
  gatherReceiptsMs: 20,
  requestsInTenSeconds: 100_000,
};

export interface Person {
  readonly username: string;
  readonly userId: string;
}

const login = (username: string): Parameters<Client['signIn']>[0] => ({ username, password, device: { name: 'test' } });

/** What clients say should not happen. */
const errors: unknown[] = [];

/** What has been told so far. */
export const errorsTold = (): readonly string[] => errors.map(String);

/** Throws what any client has told as an error since the last time. */
export const demandNoErrors = (): void => {
  const told = errors.splice(0);
  if (told.length > 0) throw new AggregateError(told, 'A client told of errors');
};

const watched = (client: Client): Client => {
  client.on('error', (error) => void errors.push(error));
  return client;
};

export const openClient = async (origin: string, options: Partial<ClientOptions> = {}): Promise<Client> =>
  watched(await Client.open({ origin, ...options, settings: { ...quick, ...options.settings } }));

/** Registered, signed in and connecting. */
export const newcomer = async (origin: string, options: Partial<ClientOptions> = {}): Promise<Client> => {
  const client = await openClient(origin, options);
  const username = `u${randomUUID().slice(0, 12)}`;
  await client.register({ username, password });
  await client.signIn(login(username));
  return client;
};

/** One more device of the same user. */
export const another = async (origin: string, of: Client, options: Partial<ClientOptions> = {}): Promise<Client> => {
  const client = await openClient(origin, options);
  await client.signIn(login(of.user!.username));
  return client;
};

export const signInAgain = async (client: Client, username: string): Promise<void> => {
  await client.signIn(login(username));
};

export const startGroup = async (owner: Client, others: readonly Client[]): Promise<Conversation> => {
  const body = { kind: 'group', name: 'g', memberIds: others.map(({ user }) => user!.userId) };
  const head = (await owner.call({ method: 'POST', path: '/v1/conversations', body })) as { conversationId: string };
  return owner.conversation(head.conversationId);
};

/** Everything that the server shows this user of a conversation. */
export const wholeHistory = async (client: Client, conversationId: string): Promise<readonly Message[]> => {
  const messages: Message[] = [];
  for (;;) {
    const after = messages.at(-1)?.seq ?? 0;
    const path = `/v1/conversations/${conversationId}/messages?after=${after}&limit=200`;
    const page = (await client.call({ method: 'GET', path })) as History;
    messages.push(...page.items);
    if (!page.hasAfter) return messages;
  }
};

export const texts = (conversation: Conversation): readonly (string | null)[] =>
  conversation.snapshot?.items.map(({ text }) => text) ?? [];
