import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from '../../app/demo/random.ts';
import type { RoleProcess } from './processes.ts';

const shuffled = <Item>(items: readonly Item[], random: Random): Item[] =>
  items
    .map((item) => ({ item, place: random.next() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);

/** Kills processes one after the other, each before any a second time; before each round of kills one of them hangs. */
export class RandomKiller {
  readonly #processes: readonly RoleProcess[];
  readonly #random: Random;
  kills = 0;
  freezes = 0;

  constructor(processes: readonly RoleProcess[], random: Random) {
    this.#processes = processes;
    this.#random = random;
  }

  /** Goes on until the signal aborts; then all of them run. */
  async run(signal: AbortSignal): Promise<void> {
    let order: RoleProcess[] = [];
    while (!signal.aborted) {
      if (order.length === 0) {
        order = shuffled(this.#processes, this.#random);
        await this.#freeze(this.#random.pick(this.#processes));
      }
      const { server } = order.shift()!;
      await server.kill();
      this.kills += 1;
      await pause(this.#random.below(800));
      await server.start();
      await pause(this.#random.below(700));
    }
  }

  /** All its connections stay open, and it goes on as if nothing had happened. */
  async #freeze({ server }: RoleProcess): Promise<void> {
    server.freeze();
    this.freezes += 1;
    await pause(200 + this.#random.below(2_800));
    server.thaw();
  }
}
