import type { Problem } from '../../schemas/common.ts';
import { Refused, Unanswered } from '../errors.ts';
import type { ReplyFrame } from '../frames.ts';
import type { Platform } from '../platform.ts';

export interface Answer {
  readonly result: unknown;
  readonly position: string | undefined;
}

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
  readonly cancel: () => void;
}

const refusal = (problem: Problem): Refused => {
  const seconds = problem['retryAfterSeconds'];
  return new Refused(problem, typeof seconds === 'number' ? seconds * 1000 : 0);
};

/** Requests of one socket that wait for their replies. */
export class Requests {
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;

  /** Rejects with `Refused`, or with `Unanswered` after `ms` or when the socket is lost. */
  ask(platform: Pick<Platform, 'after'>, ms: number, request: object, send: (text: string) => void): Promise<Answer> {
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      const cancel = platform.after(ms, () => {
        this.#waiting.delete(id);
        reject(new Unanswered('No reply came in time'));
      });
      this.#waiting.set(id, { resolve, reject, cancel });
      send(JSON.stringify({ id, ...request }));
    });
  }

  /** A reply that nobody waits for (any more) changes nothing. */
  settle(reply: ReplyFrame): void {
    const id = Number(reply.id);
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    waiting.cancel();
    if ('error' in reply) waiting.reject(refusal(reply.error));
    else waiting.resolve({ result: reply.result, position: reply.position });
  }

  lose(): void {
    for (const { reject, cancel } of this.#waiting.values()) {
      cancel();
      reject(new Unanswered('The connection was lost before the reply came'));
    }
    this.#waiting.clear();
  }
}
