import { randomUUID } from 'node:crypto';
import { clientOf, type Answer } from '../api/accounts-client.ts';

/** Somebody who is signed in; whatever he reads includes what was written last. */
export interface Person {
  readonly userId: string;
  get(address: string): Promise<Answer>;
  put(address: string, body?: unknown): Promise<Answer>;
  patch(address: string, body: unknown): Promise<Answer>;
  delete(address: string): Promise<Answer>;
}

/** Two people and their group, at one of the servers that serve it. */
export interface Chat {
  readonly ann: Person;
  readonly ben: Person;
  readonly conversationId: string;
  /** Ann sends; answers the id of the message. */
  readonly say: (text: string) => Promise<string>;
  /** The same people at another address. */
  at(origin: string): Chat;
}

export const chatOf = async (origin: string): Promise<Chat> => {
  const client = clientOf(origin);
  const tokens = [await client.join('ann'), await client.join('ben')] as const;
  const started = await client.ask('POST', '/conversations', {
    token: tokens[0].accessToken,
    body: { kind: 'group', name: 'tea', memberIds: [tokens[1].user.userId] },
  });
  const conversationId = started.json['conversationId'] as string;
  let after = started.headers.get('parley-position') ?? undefined;

  const chatAt = (there: string): Chat => {
    const { ask } = clientOf(there);
    const person = ({ accessToken: token, user }: (typeof tokens)[number]): Person => {
      const write = async (method: string, address: string, body?: unknown): Promise<Answer> => {
        const answer = await ask(method, encodeURI(address), { token, body });
        after = answer.headers.get('parley-position') ?? after;
        return answer;
      };
      return {
        userId: user.userId,
        get: (address) => ask('GET', address, { token, after }),
        put: (address, body) => write('PUT', address, body),
        patch: (address, body) => write('PATCH', address, body),
        delete: (address) => write('DELETE', address),
      };
    };
    const ann = person(tokens[0]);
    return {
      ann,
      ben: person(tokens[1]),
      conversationId,
      async say(text) {
        const messageId = randomUUID();
        await ann.put(`/conversations/${conversationId}/messages/${messageId}`, { text });
        return messageId;
      },
      at: chatAt,
    };
  };
  return chatAt(origin);
};
