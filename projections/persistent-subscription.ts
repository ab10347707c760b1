import { PubSubUnavailable, type PubSub } from '../ports/pub-sub.ts';
import type { Log } from './log.ts';
import { pause } from './persist.ts';
import { errorClass } from './projection-errors.ts';

export interface SubscriptionOptions {
  readonly pubSub: PubSub;
  readonly channel: string;
  readonly listener: (message: string) => void;
  readonly log: Log;
}

const retryMs = 1_000;

/** Listens from as soon as that is possible on, also where nobody can be heard yet, until disposed of. */
export const subscribePersistently = ({ pubSub, channel, listener, log }: SubscriptionOptions): AsyncDisposable => {
  const stop = new AbortController();
  const subscribe = async (): Promise<AsyncDisposable | undefined> => {
    for (let tried = false; !stop.signal.aborted; tried = true) {
      try {
        return await pubSub.subscribe(channel, listener);
      } catch (error) {
        if (!(error instanceof PubSubUnavailable)) throw error;
        if (!tried) log.warn({ channel, error: errorClass(error) }, 'Other processes cannot be heard yet');
        await pause(retryMs, stop.signal);
      }
    }
    return undefined;
  };
  const subscribing = subscribe();
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await (await subscribing)?.[Symbol.asyncDispose]();
    },
  };
};
