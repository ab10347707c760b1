import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import {
  SeqSetsUnavailable,
  type HeldSeqSet,
  type SeqSetAnswer,
  type SeqSetQuestion,
  type SeqSets,
} from '../../ports/seq-sets.ts';
import { connectRedis, watchTrouble, type RedisTimeouts, type RedisTrouble } from './connection.ts';
import { countScript, extendScript, heldScript } from './seq-sets-scripts.ts';

export interface RedisSeqSetsOptions extends RedisTrouble {
  readonly url: string;
  /** Begins every key. */
  readonly prefix?: string;
  readonly timeouts?: Partial<RedisTimeouts>;
  /** After a failure nobody tries for so long; then one does. */
  readonly restMs?: number;
  /** How long a set is kept that nobody adds to. */
  readonly keepMs?: number;
}

/** Questions in one call, and numbers in one write: none keeps Redis from others for long. */
const mostQuestions = 200;
const mostNumbers = 5_000;
/** An unfinished set is nobody's, and goes away by itself. */
const unfinishedMs = 60_000;
const weekMs = 7 * 24 * 60 * 60 * 1_000;

/** Above every other score would be the numbers; a state stands below all of them. */
const scoreOfMark = (mark: number): number => -(mark + 2);
const markOfScore = (score: number): number => -score - 2;

/**
 * One sorted set each, with its state as a member of its own: whatever evicts, expires or flushes a set takes its state
 * along, and a set that has lost some of its numbers no longer has as many as it should.
 */
export class RedisSeqSets implements SeqSets {
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #restMs: number;
  readonly #keepMs: number;
  readonly #trouble: ReturnType<typeof watchTrouble>;
  /** Nobody tries before this time. */
  #restsUntil = 0;

  constructor(options: RedisSeqSetsOptions) {
    const { url, prefix = 'parley:', timeouts, restMs = 500, keepMs = weekMs, ...trouble } = options;
    this.#redis = connectRedis(url, { commandMs: 250, ...timeouts });
    this.#prefix = prefix;
    this.#restMs = restMs;
    this.#keepMs = keepMs;
    this.#trouble = watchTrouble(trouble);
  }

  async count(questions: readonly SeqSetQuestion[]): Promise<readonly SeqSetAnswer[]> {
    const answers: SeqSetAnswer[] = [];
    for (let first = 0; first < questions.length; first += mostQuestions) {
      answers.push(...(await this.#count(questions.slice(first, first + mostQuestions))));
    }
    return answers;
  }

  async held(set: string): Promise<HeldSeqSet | undefined> {
    const found = await this.#attempt(() => this.#redis.eval(heldScript, 1, this.#key(set)));
    if (!Array.isArray(found)) return undefined;
    const [state, score, size] = found.map(String);
    return { digest: state!.slice(1), mark: markOfScore(Number(score)), count: Number(size) - 1 };
  }

  async put(set: string, { digest, mark }: HeldSeqSet, seqs: readonly number[]): Promise<void> {
    const unfinished = `${this.#key(set)}:${randomUUID()}`;
    const state: readonly [number, string] = [scoreOfMark(mark), `=${digest}`];
    for (let first = 0; first < seqs.length; first += mostNumbers) {
      const numbers = seqs.slice(first, first + mostNumbers).flatMap((seq) => [seq, `${seq}`]);
      await this.#attempt(() =>
        this.#redis
          .multi()
          .zadd(unfinished, ...state, ...numbers)
          .pexpire(unfinished, unfinishedMs)
          .exec(),
      );
    }
    await this.#attempt(() =>
      this.#redis.multi().pexpire(unfinished, this.#keepMs).rename(unfinished, this.#key(set)).exec(),
    );
  }

  async extend(
    set: string,
    from: Omit<HeldSeqSet, 'mark'>,
    { digest, mark }: HeldSeqSet,
    seqs: readonly number[],
  ): Promise<boolean> {
    const states = [`=${from.digest}`, from.count, `=${digest}`, scoreOfMark(mark), this.#keepMs];
    return (await this.#attempt(() => this.#redis.eval(extendScript, 1, this.#key(set), ...states, ...seqs))) === 1;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#redis.disconnect();
  }

  async #count(questions: readonly SeqSetQuestion[]): Promise<readonly SeqSetAnswer[]> {
    const keys = questions.flatMap(({ sets }) => sets.map(({ set }) => this.#key(set)));
    const asked = questions.flatMap(({ sets, after, upTo }) => [
      sets.length,
      after,
      upTo,
      ...sets.flatMap(({ count, digest }) => [`=${digest}`, count]),
    ]);
    try {
      const found = (await this.#attempt(() =>
        this.#redis.eval(countScript, keys.length, ...keys, ...asked),
      )) as number[];
      return found.map((number) => (number < 0 ? 'not-held' : number));
    } catch {
      return questions.map(() => 'away');
    }
  }

  #key(set: string): string {
    return `${this.#prefix}seqs:${set}`;
  }

  /** While Redis is known to be away nobody waits for it, but one now and then. */
  async #attempt<T>(work: () => Promise<T>): Promise<T> {
    const now = performance.now();
    if (this.#redis.status !== 'ready' || now < this.#restsUntil) {
      throw new SeqSetsUnavailable('Redis is not connected, or did not answer a moment ago');
    }
    // Others rest while this one tries what may not be there.
    if (this.#restsUntil > 0) this.#restsUntil = now + this.#restMs;
    try {
      const result = await work();
      this.#restsUntil = 0;
      this.#trouble.worked();
      return result;
    } catch (cause) {
      this.#restsUntil = performance.now() + this.#restMs;
      this.#trouble.failed(cause);
      throw new SeqSetsUnavailable('Redis did not answer', { cause });
    }
  }
}
