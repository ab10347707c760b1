import { Refused } from '../../../client/errors.ts';
import type { Entry, Operation } from '../../../client/outbox/entry.ts';
import { Outbox } from '../../../client/outbox/outbox.ts';
import { Pace } from '../../../client/outbox/pace.ts';
import { MemoryStorage } from '../../../client/storage/memory.ts';
import { FakePlatform, settle } from './fake-platform.ts';

export const message = (text: string): Operation => ({
  type: 'send',
  messageId: text,
  content: { text },
  files: [],
  uploaded: [],
});
export const nameOf = ({ operation }: Entry): string =>
  operation.type === 'send' ? operation.messageId : JSON.stringify(operation);
export const refusal = (code: 'auth/forbidden' | 'rate/limited', status: number, retryAfterMs = 0): Refused =>
  new Refused({ type: '', title: 'No', status, code, requestId: '' }, retryAfterMs);

/** An outbox, and what is delivered in the hands of the test. */
export class Desk {
  readonly platform = new FakePlatform();
  readonly storage: MemoryStorage;
  readonly outbox: Outbox;
  readonly failed: string[] = [];
  readonly errors: unknown[] = [];
  /** In the order in which they were tried. */
  readonly tried: string[] = [];
  readonly #waiting = new Map<string, PromiseWithResolvers<string | undefined>>();

  constructor(storage = new MemoryStorage(), most = 1_000) {
    this.storage = storage;
    this.outbox = new Outbox({
      platform: this.platform,
      storage,
      pace: new Pace(this.platform, most, 10_000),
      deliver: (entry) => {
        this.tried.push(nameOf(entry));
        const delivery = Promise.withResolvers<string | undefined>();
        this.#waiting.set(nameOf(entry), delivery);
        return delivery.promise;
      },
      onChange: () => {},
      onFailed: (entry) => void this.failed.push(nameOf(entry)),
      onError: (error) => void this.errors.push(error),
    });
  }

  static async online(most?: number): Promise<Desk> {
    const desk = new Desk(new MemoryStorage(), most);
    await desk.outbox.load();
    desk.outbox.online();
    return desk;
  }

  async add(...names: readonly string[]): Promise<void> {
    for (const name of names) await this.outbox.add(name.split(' ')[0]!, message(name));
    await settle();
  }

  async done(name: string, position?: string): Promise<void> {
    this.#waiting.get(name)!.resolve(position);
    await settle();
  }

  async fails(name: string, error: Error): Promise<void> {
    this.#waiting.get(name)!.reject(error);
    await settle();
  }

  async stored(): Promise<readonly string[]> {
    const entries = [...(await this.storage.read('outbox/')).values()] as Entry[];
    return entries.toSorted((one, other) => (one.entryId < other.entryId ? -1 : 1)).map(nameOf);
  }
}
