import { Connection, defaultConnectionSettings } from '../../../client/connection/connection.ts';
import type { Happening, State } from '../../../client/connection/states.ts';
import { SignedOut, Unanswered } from '../../../client/errors.ts';
import type { Frame } from '../../../client/frames.ts';
import { FakePlatform, settle } from './fake-platform.ts';

export const settings = defaultConnectionSettings;

/** A connection, and everything around it in the hands of the test. */
export class Line {
  readonly platform = new FakePlatform();
  readonly connection: Connection;
  readonly frames: Frame[] = [];
  /** Whether each token that was asked for had to be a new one. */
  readonly asked: boolean[] = [];
  since: string | undefined;
  readonly #tokens: PromiseWithResolvers<string>[] = [];

  constructor() {
    this.connection = new Connection({
      platform: this.platform,
      url: 'wss://chat.example/v1/realtime',
      settings,
      token: (renew) => {
        this.asked.push(renew);
        const token = Promise.withResolvers<string>();
        this.#tokens.push(token);
        return token.promise;
      },
      since: () => this.since,
      onFrame: (frame) => void this.frames.push(frame),
      onState: () => {},
    });
  }

  get state(): State {
    return this.connection.state;
  }

  /** Something was sent, a while ago. */
  expectsAnswer(): void {
    if (this.state === 'live') this.connection.request({ type: 'heartbeat' }).catch(() => {});
    else this.platform.pass(1);
  }

  refuseToken(error: Error): void {
    this.#tokens.at(-1)?.reject(error);
  }

  ready(): void {
    this.platform.socket.says({ type: 'ready', userId: 'u', deviceId: 'd', position: 'p', heartbeatSeconds: 25 });
  }

  /** Makes something happen, as it happens in truth. */
  async happens(happening: Happening): Promise<void> {
    this.#happenings[happening]();
    await settle();
  }

  readonly #happenings: Readonly<Record<Happening, () => void>> = {
    start: () => this.connection.start(),
    stop: () => this.connection.stop(),
    token: () => this.#tokens.at(-1)?.resolve('a token'),
    noToken: () => this.#tokens.at(-1)?.reject(new Unanswered('nobody there')),
    signedOut: () => {
      if (this.state === 'authorising') this.#tokens.at(-1)?.reject(new SignedOut());
      else this.connection.signedOut();
    },
    open: () => this.platform.sockets.at(-1)?.opens(),
    frame: () => this.platform.sockets.at(-1)?.says({ type: 'resync' }),
    ready: () => this.ready(),
    silence: () => {
      // What was sent is not answered; without that, silence means nothing on a line that is live.
      if (this.state === 'live') this.expectsAnswer();
      this.platform.pass(this.state === 'live' ? settings.answerMs : settings.openMs);
    },
    lost: () => this.platform.sockets.at(-1)?.closes(1006),
    unauthenticated: () => this.platform.sockets.at(-1)?.closes(4401),
    refused: () => this.platform.sockets.at(-1)?.closes(4403),
    due: () => this.platform.pass(settings.backOff.firstMs),
    online: () => this.platform.networkTells('online'),
    offline: () => this.platform.networkTells('offline'),
    wake: () => this.platform.networkTells('wake'),
  };

  static readonly #ways: Readonly<Record<State, readonly Happening[]>> = {
    idle: [],
    authorising: ['start'],
    opening: ['start', 'token'],
    greeting: ['start', 'token', 'open'],
    live: ['start', 'token', 'open', 'ready'],
    waiting: ['start', 'noToken'],
    offline: ['start', 'offline'],
    stopped: ['start', 'signedOut'],
  };

  /** A connection that has come to this state. */
  static async in(state: State): Promise<Line> {
    const line = new Line();
    for (const happening of Line.#ways[state]) await line.happens(happening);
    if (line.state !== state) throw new Error(`The line is ${line.state}, not ${state}`);
    return line;
  }
}
