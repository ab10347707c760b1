import { Rest } from '../../../app/demo/client/rest.ts';
import type { ServerProcess } from '../../../app/demo/server-process.ts';
import type { Role } from '../../../app/roles.ts';
import { metricsOf } from '../../../bench/server-metrics.ts';
import type { Random } from '../../../app/demo/random.ts';
import { startEventStoreDb } from '../../servers/event-store-db.ts';
import { newDatabase } from '../../adapters/mongodb/opened.ts';
import { LossyRedis } from '../../support/lossy-redis.ts';
import { startProcesses, type Processes, type RoleProcess } from '../../support/processes.ts';
import { TcpProxy } from '../../support/tcp-proxy.ts';

/** Sockets are served by processes that do nothing else, so that events reach them by relays alone. */
const layout: readonly (readonly Role[])[] = [
  ['api', 'projector', 'worker'],
  ['realtime'],
  ['realtime'],
  ['relay'],
  ['relay'],
];

/** What a process says of the events that it takes from relays; 0 where it takes none. */
const relayed = async ({ origin }: ServerProcess, name: 'live' | 'repairs'): Promise<number> => {
  using rest = new Rest(origin, 1);
  return (await metricsOf(rest))(`parley_relayed_${name}`) || 0;
};

export interface ClusterOptions {
  readonly mongoDbUrl: string;
  readonly redisPort: number;
  readonly random: Random;
  /** Which part of what is published does not reach the processes that serve sockets. */
  readonly lost: number;
}

/** A server of several processes; what is stopped of it is one of them, by SIGKILL: each before any a second time. */
export class Cluster implements AsyncDisposable {
  readonly proxy: TcpProxy;
  readonly redis: LossyRedis;
  readonly processes: Processes;
  readonly #random: Random;
  readonly #opened: AsyncDisposableStack;
  #stopped: RoleProcess | undefined;
  #next: RoleProcess[] = [];
  kills = 0;
  /** By processes that have been stopped since. */
  #repairs = 0;

  private constructor(
    random: Random,
    parts: { readonly proxy: TcpProxy; readonly redis: LossyRedis; readonly processes: Processes },
    opened: AsyncDisposableStack,
  ) {
    this.#random = random;
    this.proxy = parts.proxy;
    this.redis = parts.redis;
    this.processes = parts.processes;
    this.#opened = opened;
  }

  static async start({ mongoDbUrl, redisPort, random, lost }: ClusterOptions): Promise<Cluster> {
    await using opening = new AsyncDisposableStack();
    const log = opening.use(await startEventStoreDb());
    const redis = opening.use(await LossyRedis.open({ port: redisPort, random, lost, delayMs: 5 }));
    const processes = opening.use(
      await startProcesses(
        layout,
        {
          EVENTSTOREDB_URL: log.url,
          MONGODB_URL: newDatabase(mongoDbUrl),
          REDIS_URL: `redis://127.0.0.1:${redisPort}`,
        },
        (roles) => (roles.includes('realtime') ? { REDIS_URL: redis.url } : {}),
      ),
    );
    const proxy = opening.use(await TcpProxy.open(Number(new URL(processes.origin).port)));
    return new Cluster(random, { proxy, redis, processes }, opening.move());
  }

  get origin(): string {
    return this.proxy.origin;
  }

  async stop(): Promise<void> {
    if (this.#next.length === 0) this.#next = [...this.processes.all];
    [this.#stopped] = this.#next.splice(this.#random.below(this.#next.length), 1);
    this.kills += 1;
    this.#repairs += await relayed(this.#stopped!.server, 'repairs');
    await this.#stopped!.server.kill();
    // At the same moment the line of pub/sub breaks, as it may.
    this.redis.cut();
  }

  /** Whether each process that serves sockets gets its events from relays. */
  isLive(): Promise<readonly number[]> {
    return Promise.all(this.processes.with('realtime').map((server) => relayed(server, 'live')));
  }

  /** How many events were read from their streams because they did not come over the line. */
  async repairs(): Promise<number> {
    const now = await Promise.all(this.processes.all.map(({ server }) => relayed(server, 'repairs')));
    return now.reduce((sum, each) => sum + each, this.#repairs);
  }

  async start(): Promise<void> {
    await this.#stopped?.server.start();
    this.#stopped = undefined;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#opened.disposeAsync();
  }
}
