import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { Tokens } from '../../schemas/user.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // Tests look into answers of every shape.
  readonly json: Record<string, unknown>;
}

export interface Asked {
  readonly token?: string | undefined;
  readonly body?: unknown;
  readonly after?: string | undefined;
}

/** A client of the HTTP API. */
export const clientOf = (origin: string) => {
  const ask = async (method: string, address: string, { token, body, after }: Asked = {}): Promise<Answer> => {
    const answer = await fetch(`${origin}/v1${address}`, {
      method,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(after !== undefined && { 'parley-after': after }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return {
      status: answer.status,
      headers: answer.headers,
      json: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
    };
  };
  const login = async (username: string, device: object = { name: 'phone' }, password = passwordOf(username)) =>
    ask('POST', '/sessions', { body: { username, password, device } });
  return {
    ask,
    login,
    register: (username: string, more: object = {}) =>
      ask('POST', '/users', { body: { username, password: passwordOf(username), ...more } }),
    /** Registers somebody new and logs in. */
    async join(name = 'user'): Promise<Tokens & { readonly username: string; readonly position: string }> {
      const username = `${name}-${randomUUID().slice(0, 8)}`;
      const registered = await ask('POST', '/users', { body: { username, password: passwordOf(username) } });
      expect(registered.status).toBe(201);
      const answer = await login(username);
      expect(answer.status).toBe(201);
      return { ...(answer.json as unknown as Tokens), username, position: answer.headers.get('parley-position') ?? '' };
    },
  };
};
export type Client = ReturnType<typeof clientOf>;

export const passwordOf = (username: string): string => `pass word of ${username}`;

/** That the answer is this refusal, whole. */
export const expectRefusal = ({ status, headers, json }: Answer, wantedStatus: number, code: string): void => {
  expect(json).toMatchObject({ status: wantedStatus, code, title: expect.any(String), requestId: expect.any(String) });
  expect(status).toBe(wantedStatus);
  expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
};

/** Every item of a list, page by page; `address` already has a query. */
export const pages = async <Item>(
  { ask }: Pick<Client, 'ask'>,
  address: string,
  asked: Asked,
): Promise<readonly (readonly Item[])[]> => {
  const found: (readonly Item[])[] = [];
  let cursor = '';
  for (;;) {
    const { status, json } = await ask('GET', `${address}${cursor}`, asked);
    expect(status).toBe(200);
    const { items, next } = json as { readonly items: readonly Item[]; readonly next: string | null };
    found.push(items);
    if (next === null) return found;
    cursor = `&cursor=${next}`;
  }
};
