/** What a connection can be in. */
export type State = 'idle' | 'authorising' | 'opening' | 'greeting' | 'live' | 'waiting' | 'offline' | 'stopped';

/** What can happen to it. */
export type Happening =
  /** The application wants to be connected. */
  | 'start'
  /** The application does not want to be connected. */
  | 'stop'
  /** There is a valid access token. */
  | 'token'
  /** A token could not be had now: no network, no answer, 429 or 5xx. */
  | 'noToken'
  /** The session is gone. */
  | 'signedOut'
  /** The socket is open. */
  | 'open'
  /** Any frame came. */
  | 'frame'
  /** The server said `ready`. */
  | 'ready'
  /** Nothing came for too long. */
  | 'silence'
  /** The socket closed with a code that says: come back; or with 4401 though its token was a renewed one. */
  | 'lost'
  /** The socket closed with 4401, its token not being a renewed one: a new token may do. */
  | 'unauthenticated'
  /** The socket closed with a code that says: stop. */
  | 'refused'
  /** The back-off is over. */
  | 'due'
  /** The device has a network. */
  | 'online'
  /** The device has none. */
  | 'offline'
  /** The device was asleep, or its page out of sight. */
  | 'wake';

/** What is to be done on the way. */
export type Effect =
  | 'getToken'
  | 'renewToken'
  | 'openSocket'
  | 'sayHello'
  | 'dropSocket'
  | 'backOff'
  | 'keepWatch'
  | 'probe';

export interface Step {
  readonly to: State;
  readonly effects: readonly Effect[];
}

const to = (state: State, ...effects: readonly Effect[]): Step => ({ to: state, effects });

/** Every step there is; whatever is not in the table changes nothing. The same table, told in words, is in SPEC.md. */
export const steps: Readonly<Record<State, Readonly<Partial<Record<Happening, Step>>>>> = {
  idle: {
    start: to('authorising', 'getToken'),
  },
  authorising: {
    stop: to('idle'),
    token: to('opening', 'openSocket', 'keepWatch'),
    noToken: to('waiting', 'backOff'),
    signedOut: to('stopped'),
    offline: to('offline'),
  },
  opening: {
    stop: to('idle', 'dropSocket'),
    open: to('greeting', 'sayHello', 'keepWatch'),
    silence: to('waiting', 'dropSocket', 'backOff'),
    lost: to('waiting', 'dropSocket', 'backOff'),
    unauthenticated: to('authorising', 'dropSocket', 'renewToken'),
    refused: to('stopped', 'dropSocket'),
    signedOut: to('stopped', 'dropSocket'),
    offline: to('offline', 'dropSocket'),
  },
  greeting: {
    stop: to('idle', 'dropSocket'),
    frame: to('greeting', 'keepWatch'),
    ready: to('live', 'keepWatch'),
    silence: to('waiting', 'dropSocket', 'backOff'),
    lost: to('waiting', 'dropSocket', 'backOff'),
    unauthenticated: to('authorising', 'dropSocket', 'renewToken'),
    refused: to('stopped', 'dropSocket'),
    signedOut: to('stopped', 'dropSocket'),
    offline: to('offline', 'dropSocket'),
  },
  live: {
    stop: to('idle', 'dropSocket'),
    frame: to('live', 'keepWatch'),
    silence: to('waiting', 'dropSocket', 'backOff'),
    lost: to('waiting', 'dropSocket', 'backOff'),
    unauthenticated: to('authorising', 'dropSocket', 'renewToken'),
    refused: to('stopped', 'dropSocket'),
    signedOut: to('stopped', 'dropSocket'),
    online: to('live', 'probe'),
    offline: to('offline', 'dropSocket'),
    wake: to('live', 'probe'),
  },
  waiting: {
    start: to('authorising', 'getToken'),
    stop: to('idle'),
    signedOut: to('stopped'),
    due: to('authorising', 'getToken'),
    online: to('authorising', 'getToken'),
    offline: to('offline'),
    wake: to('authorising', 'getToken'),
  },
  offline: {
    start: to('authorising', 'getToken'),
    stop: to('idle'),
    signedOut: to('stopped'),
    online: to('authorising', 'getToken'),
  },
  stopped: {
    start: to('authorising', 'getToken'),
    stop: to('idle'),
  },
};

/** Pure: where a happening leads to from a state, and what is to be done on the way. */
export const step = (state: State, happening: Happening): Step => steps[state][happening] ?? { to: state, effects: [] };

const stopCodes: ReadonlySet<number> = new Set([1002, 1007, 1009, 4400, 4403, 4413]);

/**
 * What a close code means. `renewed`: the hello's token was fetched because the one before it was refused. Refused as
 * well, it is not the session that is at fault, or renewing it would have failed: 4401 is also said when a hello is late.
 */
export const happeningOf = (code: number, renewed: boolean): 'lost' | 'unauthenticated' | 'refused' => {
  if (code === 4401) return renewed ? 'lost' : 'unauthenticated';
  return stopCodes.has(code) ? 'refused' : 'lost';
};

/** What the server should be left alone for, at the least, after it closed with this code. */
export const leastDelayOf = (code: number): number => (code === 4429 ? 5_000 : 0);
