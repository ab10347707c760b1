import { setTimeout as pause } from 'node:timers/promises';
import { v7 } from 'uuid';
import type { ChatClient } from '../../../app/demo/client/chat-client.ts';
import type { Answer } from '../../../app/demo/client/rest.ts';

/** Something that goes away and comes back. */
export interface Outage {
  readonly name: string;
  readonly begin: () => Promise<unknown> | void;
  readonly end: () => Promise<unknown> | void;
  /** Whether messages can be sent and read all the same. */
  readonly isHarmless: boolean;
}

/** What callers were told while it lasted. */
export interface Told {
  readonly statuses: ReadonlyMap<number, number>;
  readonly slowestMs: number;
  /** Refusals that did not say when to come back. */
  readonly withoutRetryAfter: number;
  /** From the end of the outage until a message was sent and read. */
  readonly backMs: number;
}

const everyMs = 200;

class Prober {
  readonly #client: ChatClient;
  readonly #conversationId: string;
  readonly statuses = new Map<number, number>();
  slowestMs = 0;
  withoutRetryAfter = 0;

  constructor(client: ChatClient, conversationId: string) {
    this.#client = client;
    this.#conversationId = conversationId;
  }

  /** Sends a message and reads the feed; true when both were done. */
  async probe(): Promise<boolean> {
    const path = `/v1/conversations/${this.#conversationId}/messages/${v7()}`;
    const answers = await Promise.all([
      this.#timed({ method: 'PUT', path, body: { text: 'is anybody there?' } }),
      this.#timed({ method: 'GET', path: '/v1/conversations?limit=10' }),
    ]);
    return answers.every(({ status }) => status < 300);
  }

  async #timed(call: { readonly method: string; readonly path: string; readonly body?: unknown }): Promise<Answer> {
    const startedAt = performance.now();
    const headers = { authorization: `Bearer ${this.#client.accessToken}` };
    const answer = await this.#client.rest.call({ ...call, headers });
    this.slowestMs = Math.max(this.slowestMs, performance.now() - startedAt);
    this.statuses.set(answer.status, (this.statuses.get(answer.status) ?? 0) + 1);
    if (answer.status >= 400 && !(Number(answer.headers['retry-after']) > 0)) this.withoutRetryAfter += 1;
    return answer;
  }
}

/** Lives through an outage, asking all the while, and until everything works again. */
export const liveThrough = async (
  outage: Outage,
  durationMs: number,
  client: ChatClient,
  conversationId: string,
): Promise<Told> => {
  const prober = new Prober(client, conversationId);
  await outage.begin();
  const endsAt = performance.now() + durationMs;
  while (performance.now() < endsAt) {
    await prober.probe();
    await pause(everyMs);
  }
  await outage.end();
  const endedAt = performance.now();
  while (!(await prober.probe())) await pause(everyMs);
  const { statuses, slowestMs, withoutRetryAfter } = prober;
  return { statuses, slowestMs, withoutRetryAfter, backMs: performance.now() - endedAt };
};
