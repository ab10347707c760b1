import type { ServerWritableStream } from '@grpc/grpc-js';

/** Writes to a reader as fast as it reads. */
export class Outlet<Response> {
  readonly signal: AbortSignal;
  readonly #call: ServerWritableStream<unknown, Response>;
  /** How often a reader had to be waited for. */
  waits = 0;

  constructor(call: ServerWritableStream<unknown, Response>) {
    this.#call = call;
    const gone = new AbortController();
    for (const event of ['cancelled', 'close', 'error'] as const) call.on(event, () => gone.abort());
    this.signal = gone.signal;
  }

  async write(response: Response): Promise<void> {
    if (this.signal.aborted || this.#call.write(response)) return;
    this.waits += 1;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.#call.off('drain', done);
        this.signal.removeEventListener('abort', done);
        resolve();
      };
      this.#call.on('drain', done);
      this.signal.addEventListener('abort', done);
    });
  }
}
