import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { v7 } from 'uuid';
import { expect } from 'vitest';
import { startParley, type Parley } from '../../app/compose.ts';
import { loadConfig } from '../../app/config.ts';
import type { Conversation } from '../../schemas/conversation.ts';
import type { Message } from '../../schemas/message.ts';
import type { Tokens } from '../../schemas/user.ts';

export const newId = (): string => v7();

export interface Answer<Body> {
  readonly status: number;
  readonly body: Body;
  /** The header Parley-Position. */
  readonly position: string | null;
}

interface Asking {
  readonly body?: unknown;
  /** The header Parley-After; by default what anyone wrote last. */
  readonly after?: string | undefined;
}

/** A signed-in user, as one sees the server over HTTP. Reads see everything that was written before them. */
export interface Person {
  readonly userId: string;
  readonly deviceId: string;
  get<Body = unknown>(path: string, asking?: Asking): Promise<Answer<Body>>;
  put<Body = unknown>(path: string, body?: unknown): Promise<Answer<Body>>;
  post<Body = unknown>(path: string, body?: unknown): Promise<Answer<Body>>;
  patch<Body = unknown>(path: string, body?: unknown): Promise<Answer<Body>>;
  delete<Body = unknown>(path: string, body?: unknown): Promise<Answer<Body>>;
  /** Starts a group with these members; answers its id. */
  group(members?: readonly Person[], more?: object): Promise<string>;
  /** The direct conversation with somebody. */
  direct(other: Person): Promise<string>;
  /** Sends; answers the message, which must be new. */
  say(conversationId: string, content: string | object): Promise<Message>;
}

export interface TestServer extends AsyncDisposable {
  readonly parley: Parley;
  person(): Promise<Person>;
  /** One more device of the same person. */
  anotherDevice(person: Person): Promise<Person>;
}

const password = 'correct horse';
const cheap = { memoryKiB: 8, passes: 1, parallelism: 1 };

export const openServer = async (env: NodeJS.ProcessEnv = {}): Promise<TestServer> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'parley-'));
  const config = loadConfig({ PORT: '0', DATA_DIR: folder, RATE_LIMITS: 'off', LOG_LEVEL: 'error', ...env });
  const parley = await startParley(config, { passwordCost: cheap });
  const usernames = new Map<string, string>();
  let lastPosition: string | undefined;

  const call = async <Body>(
    token: string | undefined,
    method: string,
    url: string,
    asking: Asking = {},
  ): Promise<Answer<Body>> => {
    const after = asking.after ?? (method === 'GET' ? lastPosition : undefined);
    const response = await fetch(`${parley.url}/v1${url}`, {
      method,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(after !== undefined && { 'parley-after': after }),
        ...(asking.body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(asking.body !== undefined && { body: JSON.stringify(asking.body) }),
    });
    const text = await response.text();
    const position = response.headers.get('parley-position');
    if (position !== null) lastPosition = position;
    return { status: response.status, body: (text === '' ? undefined : JSON.parse(text)) as Body, position };
  };

  const signIn = async (userId: string, username: string): Promise<Person> => {
    const session = { username, password, device: { name: 'test' } };
    const { body } = await call<Tokens>(undefined, 'POST', '/sessions', { body: session });
    const as =
      (method: string) =>
      <Body>(url: string, content?: unknown): Promise<Answer<Body>> =>
        call<Body>(body.accessToken, method, url, { body: content });
    const person: Person = {
      userId,
      deviceId: body.deviceId,
      get: (url, asking) => call(body.accessToken, 'GET', url, asking),
      put: as('PUT'),
      post: as('POST'),
      patch: as('PATCH'),
      delete: as('DELETE'),
      async group(members = [], more = {}) {
        const memberIds = members.map((member) => member.userId);
        const started = { kind: 'group', name: 'Allotment', memberIds, ...more };
        const answer = await person.post<Conversation>('/conversations', started);
        expect(answer).toMatchObject({ status: 201 });
        return answer.body.conversationId;
      },
      async direct(other) {
        return (await person.put<Conversation>(`/direct/${other.userId}`)).body.conversationId;
      },
      async say(conversationId, content) {
        const sent = typeof content === 'string' ? { text: content } : content;
        const answer = await person.put<Message>(`/conversations/${conversationId}/messages/${newId()}`, sent);
        expect(answer).toMatchObject({ status: 201 });
        return answer.body;
      },
    };
    return person;
  };

  return {
    parley,
    async person() {
      const username = `u${usernames.size}${newId().slice(-6)}`;
      const { body } = await call<{ userId: string }>(undefined, 'POST', '/users', { body: { username, password } });
      usernames.set(body.userId, username);
      return signIn(body.userId, username);
    },
    anotherDevice: (person) => signIn(person.userId, usernames.get(person.userId)!),
    async [Symbol.asyncDispose]() {
      await parley[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

/** Expects the problem with this code, and its body to say so. */
export const expectProblem = (answer: Answer<unknown>, status: number, code: string): void =>
  expect(answer).toMatchObject({
    status,
    body: { status, code, title: expect.any(String), requestId: expect.any(String) },
  });
