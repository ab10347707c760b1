import { PubSubUnavailable, type PubSub } from '../ports/pub-sub.ts';

const retryMs = 1_000;

/** Listens to a channel until disposed of; where that cannot be begun now, it is tried again and again. */
export const keepListening = (
  pubSub: Pick<PubSub, 'subscribe'>,
  channel: string,
  listener: (message: string) => void,
  onListening: () => void = () => {},
): AsyncDisposable => {
  let isWanted = true;
  let retry: NodeJS.Timeout | undefined;
  const begin = async (): Promise<AsyncDisposable | undefined> => {
    try {
      const subscription = await pubSub.subscribe(channel, listener);
      onListening();
      return subscription;
    } catch (error) {
      if (!(error instanceof PubSubUnavailable)) throw error;
      retry = setTimeout(() => {
        if (isWanted) begun = begin();
      }, retryMs).unref();
      return undefined;
    }
  };
  let begun = begin();
  return {
    async [Symbol.asyncDispose]() {
      isWanted = false;
      clearTimeout(retry);
      await (await begun)?.[Symbol.asyncDispose]();
    },
  };
};
