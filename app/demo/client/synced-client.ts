import { v4 } from 'uuid';
import type { Changes, Sync } from '../../../schemas/sync.ts';
import type { Tokens, User } from '../../../schemas/user.ts';
import { ConversationCopy } from './conversation-copy.ts';
import type { EventFrame, MeFrame } from './frames.ts';
import { finalCloseCodes, persist } from './persist.ts';
import { Refused, type Call, type Rest } from './rest.ts';
import { Socket } from './socket.ts';

export interface Credentials {
  readonly username: string;
  readonly password: string;
  readonly displayName?: string | undefined;
}

export interface ClientOptions {
  /** Repeats every call until there is an answer that is final, as clients should; else the caller sees each failure. */
  readonly isPatient?: boolean;
}

/**
 * One device of one user: writes by REST or by socket, and a copy of all its conversations that pushes keep up to
 * date. When the connection breaks it comes back by itself, from where it was.
 */
export class SyncedClient implements AsyncDisposable {
  readonly rest: Rest;
  readonly credentials: Credentials;
  readonly copies = new Map<string, ConversationCopy>();
  /** What must never happen: revisions that were skipped or repeated on a connection. Empty when all is well. */
  readonly violations: string[] = [];
  user!: User;
  deviceId!: string;
  accessToken!: string;
  reconnects = 0;
  resyncs = 0;
  #socket: Socket | undefined;
  #wanted = false;
  /** The copy may lack something that no push will bring. */
  #mustSync = true;
  #since: string | undefined;
  #syncToken: string | undefined;
  #connectedSince: string | undefined;
  #coming: Promise<void> | undefined;
  readonly #pushedRevision = new Map<string, number>();
  readonly #loading = new Map<string, { readonly buffer: EventFrame[]; readonly done: Promise<void> }>();
  readonly #background = new Set<Promise<void>>();
  readonly #isPatient: boolean;

  constructor(rest: Rest, credentials: Credentials, { isPatient = false }: ClientOptions = {}) {
    this.rest = rest;
    this.credentials = credentials;
    this.#isPatient = isPatient;
  }

  async register(): Promise<void> {
    const { username, password, displayName } = this.credentials;
    const { body } = await this.rest.ask({
      method: 'POST',
      path: '/v1/users',
      body: { username, password, ...(displayName !== undefined && { displayName }) },
    });
    this.user = body as User;
  }

  async login(): Promise<void> {
    const { username, password } = this.credentials;
    this.deviceId ??= v4();
    const device = { deviceId: this.deviceId, name: `${username}'s device`, platform: 'node' };
    const { body } = await this.rest.ask({
      method: 'POST',
      path: '/v1/sessions',
      body: { username, password, device },
    });
    const { user, accessToken } = body as Tokens;
    this.user = user;
    this.accessToken = accessToken;
  }

  get userId(): string {
    return this.user.userId;
  }

  protected get socket(): Socket | undefined {
    return this.#socket;
  }

  get isConnected(): boolean {
    return this.#socket !== undefined && this.#coming === undefined;
  }

  /** A REST call as this user. */
  async ask(method: string, path: string, body?: unknown, after?: string): Promise<unknown> {
    return (await this.call({ method, path, ...(body !== undefined && { body }) }, after)).body;
  }

  protected call(call: Call, after?: string) {
    const headers = {
      authorization: `Bearer ${this.accessToken}`,
      ...(after !== undefined && after !== '' && { 'parley-after': after }),
      ...call.headers,
    };
    return this.patiently(() => this.rest.ask({ ...call, headers }));
  }

  protected patiently<Result>(attempt: () => Promise<Result>): Promise<Result> {
    return this.#isPatient ? persist(attempt) : attempt();
  }

  /** Repeats until there is an answer that is final. */
  persist<Result>(attempt: () => Promise<Result>): Promise<Result> {
    return persist(attempt);
  }

  /** Opens the socket and brings the copy up to date. From then on the client comes back whenever it is cut off. */
  async connect(): Promise<void> {
    this.#wanted = true;
    if (this.isConnected) return;
    this.#coming ??= this.#come().finally(() => {
      this.#coming = undefined;
    });
    await this.#coming;
  }

  async #come(): Promise<void> {
    do await this.persist(() => this.#open());
    while (this.#wanted && this.#socket === undefined);
  }

  /** Closes the socket and stays away until `connect`. */
  async goAway(): Promise<void> {
    this.#wanted = false;
    await this.#coming?.catch(() => undefined);
    await this.#socket?.close();
    this.#socket = undefined;
    await Promise.allSettled(this.#background);
  }

  async #open(): Promise<void> {
    if (this.#mustSync) this.#pushedRevision.clear();
    this.#connectedSince = this.#mustSync ? undefined : this.#since;
    const socket = new Socket({
      origin: this.rest.origin,
      token: this.accessToken,
      since: this.#connectedSince,
      onPush: (frame) => this.#pushed(frame),
      onResync: () => {
        this.resyncs += 1;
        this.#mustSync = true;
        this.#pushedRevision.clear();
      },
      onClose: (code) => {
        if (this.#socket !== socket) return;
        this.#socket = undefined;
        if (!this.#wanted || finalCloseCodes.has(code)) return;
        this.reconnects += 1;
        if (this.#coming === undefined) this.#inBackground(this.connect());
      },
    });
    const ready = await socket.ready;
    this.#socket = socket;
    if (!this.#mustSync) return;
    this.#since = ready.position;
    await this.#synchronise(ready.position);
    this.#mustSync = false;
  }

  async #synchronise(after: string): Promise<void> {
    for (;;) {
      const query = new URLSearchParams({ limit: '200' });
      if (this.#syncToken !== undefined) query.set('token', this.#syncToken);
      const page = (await this.ask('GET', `/v1/sync?${query.toString()}`, undefined, after)) as Sync;
      for (const conversationId of page.left) this.copies.delete(conversationId);
      await Promise.all(page.conversations.map(({ conversation }) => this.#load(conversation.conversationId, after)));
      this.#syncToken = page.token;
      if (!page.more) return;
    }
  }

  /** Brings a copy up to at least `after`; what is pushed meanwhile is applied afterwards. */
  #load(conversationId: string, after: string): Promise<void> {
    const present = this.#loading.get(conversationId);
    if (present !== undefined) return present.done.then(() => this.#load(conversationId, after));
    const buffer: EventFrame[] = [];
    const done = this.#fetchChanges(conversationId, after).then(
      (copy) => {
        this.#loading.delete(conversationId);
        for (const frame of buffer) this.#apply(copy, frame);
      },
      (error: unknown) => {
        this.#loading.delete(conversationId);
        // Removed meanwhile: there is nothing left to keep.
        if (error instanceof Refused && [403, 404].includes(error.problem.status)) this.copies.delete(conversationId);
        else throw error;
      },
    );
    this.#loading.set(conversationId, { buffer, done });
    return done;
  }

  async #fetchChanges(conversationId: string, after: string): Promise<ConversationCopy> {
    const copy = this.copies.get(conversationId) ?? new ConversationCopy(this.userId);
    this.copies.set(conversationId, copy);
    for (;;) {
      const query = new URLSearchParams({ limit: '200' });
      if (copy.revision !== undefined) query.set('since', String(copy.revision));
      const path = `/v1/conversations/${conversationId}/changes?${query.toString()}`;
      const page = (await this.persist(() => this.ask('GET', path, undefined, after))) as Changes;
      copy.applyChanges(page);
      if (!page.more) return copy;
    }
  }

  #pushed(frame: EventFrame | MeFrame): void {
    this.#since = frame.position;
    if (frame.type === 'me') {
      this.copies.get(frame.conversationId)?.applyMe(frame);
      return;
    }
    this.#countRevision(frame);
    const loading = this.#loading.get(frame.conversationId);
    if (loading !== undefined) {
      loading.buffer.push(frame);
      return;
    }
    const copy = this.copies.get(frame.conversationId);
    const isOwnRemoval = frame.event.type === 'memberRemoved' && frame.event.userId === this.userId;
    const isNext = copy?.revision !== undefined && frame.revision <= copy.revision + 1;
    if (isNext || isOwnRemoval) this.#apply(copy, frame);
    else this.#inBackground(this.#load(frame.conversationId, frame.position));
  }

  #countRevision({ conversationId, revision, position, event }: EventFrame): void {
    const last = this.#pushedRevision.get(conversationId);
    if (last !== undefined && revision !== last + 1) {
      this.violations.push(
        `${conversationId}: revision ${revision} (${event.type} at ${position}) came after ${last}, ` +
          `connection ${this.reconnects}, which began with since ${this.#connectedSince}`,
      );
    }
    if (event.type === 'memberRemoved' && event.userId === this.userId) this.#pushedRevision.delete(conversationId);
    else this.#pushedRevision.set(conversationId, revision);
  }

  #apply(copy: ConversationCopy | undefined, frame: EventFrame): void {
    if (frame.event.type === 'memberRemoved' && frame.event.userId === this.userId) {
      this.copies.delete(frame.conversationId);
    } else copy?.applyEvent(frame);
  }

  #inBackground(work: Promise<void>): void {
    const guarded = work
      .catch((error: unknown) => void this.violations.push(`in the background: ${String(error)}`))
      .finally(() => this.#background.delete(guarded));
    this.#background.add(guarded);
  }

  /** Resolves when nothing is being loaded any more. */
  async settled(): Promise<void> {
    while (this.#background.size > 0 || this.#coming !== undefined) {
      await Promise.allSettled([...this.#background, this.#coming]);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.goAway();
  }
}
