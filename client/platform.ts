/** The part of a WebSocket that is used here; browsers' and Node's own both have it. */
export interface SocketLike {
  addEventListener(type: 'open' | 'error', listener: () => void): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: 'close', listener: (event: { readonly code: number }) => void): void;
  send(text: string): void;
  close(code?: number): void;
}

/** What the device knows about its network. */
export interface Network {
  isOnline(): boolean;
  /** Calls back when the network comes, when it goes, and when the device wakes up. Returns what ends it. */
  watch(listener: (change: 'online' | 'offline' | 'wake') => void): () => void;
}

/** Everything that the client takes from where it runs. */
export interface Platform {
  fetch(url: string, init: RequestInit): Promise<Response>;
  openSocket(url: string, subprotocol: string): SocketLike;
  /** Milliseconds since 1970. */
  now(): number;
  /** At least 0, below 1. */
  random(): number;
  /** Runs once after so many milliseconds; returns what cancels it. */
  after(ms: number, run: () => void): () => void;
  readonly network: Network;
}

interface Listening {
  addEventListener?(type: string, listener: () => void): void;
  removeEventListener?(type: string, listener: () => void): void;
}
interface BrowserGlobals extends Listening {
  readonly navigator?: { readonly onLine?: boolean };
  readonly document?: Listening & { readonly visibilityState?: string };
}

const browser = globalThis as unknown as BrowserGlobals;

const network: Network = {
  isOnline: () => browser.navigator?.onLine !== false,
  watch(listener) {
    const { document } = browser;
    const listeners = {
      online: () => listener('online'),
      offline: () => listener('offline'),
      pageshow: () => listener('wake'),
    };
    const seen = (): void => {
      if (document?.visibilityState === 'visible') listener('wake');
    };
    for (const [type, heard] of Object.entries(listeners)) browser.addEventListener?.(type, heard);
    document?.addEventListener?.('visibilitychange', seen);
    return () => {
      for (const [type, heard] of Object.entries(listeners)) browser.removeEventListener?.(type, heard);
      document?.removeEventListener?.('visibilitychange', seen);
    };
  },
};

/** The browser, or Node from version 22. */
export const thisPlatform: Platform = {
  fetch: (url, init) => fetch(url, init),
  openSocket: (url, subprotocol) => new WebSocket(url, subprotocol),
  now: () => Date.now(),
  random: () => Math.random(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  network,
};
