import type { BackOffSettings } from '../back-off.ts';
import { BackOff } from '../back-off.ts';
import { retryAfterOf, SignedOut, Unanswered } from '../errors.ts';
import type { Frame, ReadyFrame } from '../frames.ts';
import type { Platform, SocketLike } from '../platform.ts';
import { Requests, type Answer } from './requests.ts';
import { happeningOf, leastDelayOf, step, type Effect, type Happening, type State } from './states.ts';
import { Watch } from './watch.ts';

export interface ConnectionSettings {
  readonly backOff: BackOffSettings;
  /** How long opening the socket, and the server's first word, may take. */
  readonly openMs: number;
  /** How long the line may be silent after something was sent. */
  readonly answerMs: number;
  /** How long one request may take on a line that is alive. */
  readonly requestMs: number;
  /** After so long without a loss the back-off starts from its beginning. */
  readonly steadyMs: number;
}

export const defaultConnectionSettings: ConnectionSettings = {
  backOff: { firstMs: 500, mostMs: 30_000 },
  openMs: 15_000,
  answerMs: 10_000,
  requestMs: 30_000,
  steadyMs: 10_000,
};

export interface ConnectionOptions {
  readonly platform: Platform;
  /** Of the realtime endpoint, `ws:` or `wss:`. */
  readonly url: string;
  readonly settings: ConnectionSettings;
  /** A valid access token; `renew`: one that is newer than the last. */
  readonly token: (renew: boolean) => Promise<string>;
  /** Position of the last pushed frame that was taken in. */
  readonly since: () => string | undefined;
  /** Frames but replies, in order, and those of the socket that is in use only. */
  readonly onFrame: (frame: Exclude<Frame, { type: 'reply' }>) => void;
  readonly onState: (state: State, why: Why) => void;
}

/** What led to a state. */
export interface Why {
  readonly happening: Happening;
  readonly closeCode?: number;
}

const subprotocol = 'parley.v1';

/** Keeps one socket alive for as long as it is wanted: carries out the table of states.ts. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #backOff: BackOff;
  readonly #watch: Watch;
  readonly #requests = new Requests();
  readonly #unwatchNetwork: () => void;
  #state: State = 'idle';
  #socket: SocketLike | undefined;
  #token = '';
  #isTokenRenewed = false;
  #attempt = 0;
  #leastDelayMs = 0;
  #cancelTimer: (() => void) | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const { platform, settings } = options;
    this.#backOff = new BackOff(settings.backOff, () => platform.random());
    this.#watch = new Watch({
      platform,
      answerMs: settings.answerMs,
      onSilence: () => this.#happen('silence'),
      beat: () => this.#probe(),
    });
    this.#unwatchNetwork = platform.network.watch((change) => this.#happen(change));
  }

  get state(): State {
    return this.#state;
  }

  start(): void {
    this.#happen('start');
    if (!this.#options.platform.network.isOnline()) this.#happen('offline');
  }

  stop(): void {
    this.#happen('stop');
  }

  /** The session has ended by other ways than this connection. */
  signedOut(): void {
    this.#happen('signedOut');
  }

  /** For good. */
  dispose(): void {
    this.#unwatchNetwork();
    this.stop();
  }

  /** Rejects with `Refused`; with `Unanswered` when no reply came, also where there is no line to ask by. */
  request(fields: { readonly type: string }): Promise<Answer> {
    const { platform, settings } = this.#options;
    if (this.#state !== 'live') return Promise.reject(new Unanswered('There is no connection'));
    return this.#requests.ask(platform, settings.requestMs, fields, (text) => this.#send(text));
  }

  #happen(happening: Happening, closeCode?: number): void {
    const before = this.#state;
    const { to, effects } = step(before, happening);
    this.#state = to;
    if (to !== before) this.#leave();
    for (const effect of effects) this.#effects[effect]();
    if (to !== before) this.#options.onState(to, { happening, ...(closeCode !== undefined && { closeCode }) });
  }

  /** Whatever the former state waited for does not matter any more. */
  #leave(): void {
    this.#attempt += 1;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#watch.heard();
  }

  readonly #effects: Readonly<Record<Effect, () => void>> = {
    getToken: () => void this.#fetchToken(false),
    renewToken: () => void this.#fetchToken(true),
    openSocket: () => this.#open(),
    sayHello: () => this.#hello(),
    dropSocket: () => this.#drop(),
    backOff: () => this.#wait(),
    keepWatch: () => this.#keepWatch(),
    probe: () => this.#probe(),
  };

  async #fetchToken(renew: boolean): Promise<void> {
    const attempt = this.#attempt;
    const tell = (happening: Happening): void => {
      if (attempt === this.#attempt) this.#happen(happening);
    };
    try {
      this.#token = await this.#options.token(renew);
      this.#isTokenRenewed = renew;
      tell('token');
    } catch (error) {
      if (error instanceof SignedOut) return tell('signedOut');
      this.#leastDelayMs = retryAfterOf(error);
      tell('noToken');
    }
  }

  #open(): void {
    const socket = this.#options.platform.openSocket(this.#options.url, subprotocol);
    this.#socket = socket;
    const isCurrent = (): boolean => this.#socket === socket;
    socket.addEventListener('open', () => {
      if (isCurrent()) this.#happen('open');
    });
    socket.addEventListener('message', ({ data }) => {
      if (isCurrent()) this.#receive(JSON.parse(String(data)) as Frame);
    });
    // What went wrong is told by the close that follows.
    socket.addEventListener('error', () => {});
    socket.addEventListener('close', ({ code }) => {
      if (!isCurrent()) return;
      this.#leastDelayMs = leastDelayOf(code);
      this.#happen(happeningOf(code, this.#isTokenRenewed), code);
    });
  }

  #hello(): void {
    const since = this.#options.since();
    this.#send(
      JSON.stringify({ id: 'hello', type: 'hello', token: this.#token, ...(since !== undefined && { since }) }),
    );
  }

  #receive(frame: Frame): void {
    this.#happen('frame');
    if (frame.type === 'reply') return this.#requests.settle(frame);
    if (frame.type !== 'ready') return this.#options.onFrame(frame);
    this.#options.onFrame(frame);
    this.#greeted(frame);
  }

  #greeted({ heartbeatSeconds }: ReadyFrame): void {
    this.#isTokenRenewed = false;
    this.#happen('ready');
    if (this.#state !== 'live') return;
    this.#watch.beatEvery(heartbeatSeconds * 1000);
    this.#cancelTimer = this.#options.platform.after(this.#options.settings.steadyMs, () => this.#backOff.reset());
  }

  /** A socket whose other side is gone takes long to say that it is closed: nobody waits for it. */
  #drop(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#watch.stop();
    this.#requests.lose();
    socket?.close(1000);
  }

  #wait(): void {
    const delay = this.#backOff.next(this.#leastDelayMs);
    this.#leastDelayMs = 0;
    this.#cancelTimer = this.#options.platform.after(delay, () => this.#happen('due'));
  }

  #keepWatch(): void {
    this.#watch.heard();
    if (this.#state !== 'live') this.#watch.expect(this.#options.settings.openMs);
  }

  #probe(): void {
    this.request({ type: 'heartbeat' }).catch(() => {});
  }

  #send(text: string): void {
    this.#socket?.send(text);
    this.#watch.expect();
  }
}
