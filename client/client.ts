import type { Conversation as Head } from '../schemas/conversation.ts';
import type { Login, Registration, Tokens, User } from '../schemas/user.ts';
import { Account } from './account.ts';
import { Conversation, readAlreadyOf } from './conversation.ts';
import { Emitter } from './emitter.ts';
import { SignedOut } from './errors.ts';
import type { ClientEvents, ConnectionStatus } from './events.ts';
import { openSession } from './session/sign-in.ts';
import { thisPlatform, type Platform } from './platform.ts';
import type { Presence } from './presence.ts';
import { send, type Call } from './rest.ts';
import { Session } from './session/session.ts';
import { defaultSettings, type ClientSettings } from './settings.ts';
import { MemoryStorage } from './storage/memory.ts';
import { StorageTaken, type ClientStorage } from './storage/storage.ts';
import { claim } from './storage/owner.ts';
import type { Uploader } from './upload.ts';
import { entryOf, sortedFeed, type FeedEntry } from './view/feed.ts';

export interface ClientOptions {
  /** Of the server, such as `https://chat.example`. */
  readonly origin: string;
  /** Where session, outbox and conversations survive a reload; without one they do not. */
  readonly storage?: ClientStorage;
  readonly upload?: Uploader;
  readonly settings?: Partial<ClientSettings>;
  readonly platform?: Platform;
}

/** One device of one user, at one server. */
export class Client implements AsyncDisposable {
  readonly #platform: Platform;
  readonly #origin: string;
  readonly #storage: ClientStorage;
  readonly #settings: ClientSettings;
  readonly #upload: Uploader | undefined;
  readonly #events = new Emitter<ClientEvents>();
  readonly #session: Session;
  readonly #conversations = new Map<string, Conversation>();
  readonly #changed = new Set<string>();
  #account: Account | undefined;
  #feed: readonly FeedEntry[] | undefined;

  private constructor({ origin, storage, upload, settings, platform = thisPlatform }: ClientOptions) {
    this.#platform = platform;
    this.#origin = origin;
    this.#storage = storage ?? new MemoryStorage();
    this.#settings = { ...defaultSettings, ...settings };
    this.#upload = upload;
    this.#session = new Session({
      platform,
      origin,
      storage: this.#storage,
      onSignedOut: () => {
        this.#account?.connection.signedOut();
        this.#events.emit('signedOut', undefined);
      },
    });
    this.#storage.taken?.addEventListener('abort', () => {
      // Two clients of one device would throw each other out for ever.
      this.disconnect();
      this.#events.emit('taken', undefined);
    });
  }

  /** With what the storage holds from before; `connect` brings it up to date. */
  static async open(options: ClientOptions): Promise<Client> {
    const client = new Client(options);
    await client.#session.load();
    const { current } = client.#session;
    if (current !== undefined) await client.#begin(current.user.userId);
    return client;
  }

  get user(): User | null {
    return this.#session.current?.user ?? null;
  }

  get deviceId(): string | null {
    return this.#session.current?.deviceId ?? null;
  }

  get connection(): ConnectionStatus {
    return this.#account?.status ?? { state: 'idle', isCurrent: false, closeCode: null };
  }

  /** Returns what ends it. */
  on<Type extends keyof ClientEvents>(type: Type, listener: (event: ClientEvents[Type]) => void): () => void {
    return this.#events.on(type, listener);
  }

  async register(registration: Registration): Promise<User> {
    const call = { method: 'POST', path: '/v1/users', body: registration } as const;
    return (await send(this.#platform, this.#origin, call)).body as User;
  }

  /** Signs in and connects; without a `deviceId` as the device that this storage knows, or as a new one. What another user has left in the storage is removed. */
  async signIn(login: Login): Promise<User> {
    const tokens: Tokens = await openSession(this.#platform, this.#origin, this.#storage, login);
    const isOther = this.#account?.userId !== tokens.user.userId;
    if (isOther) await this.#end();
    await this.#session.adopt(tokens);
    if (isOther) await this.#begin(tokens.user.userId);
    this.connect();
    return tokens.user;
  }

  /** Signs out and removes everything of this user from the storage. */
  async signOut(): Promise<void> {
    this.disconnect();
    await this.#session.call({ method: 'DELETE', path: '/v1/sessions/current' });
    await this.#end();
    await this.#session.forget();
    await claim(this.#storage, null);
  }

  async #begin(userId: string): Promise<void> {
    await claim(this.#storage, userId);
    const account = new Account({
      platform: this.#platform,
      origin: this.#origin,
      storage: this.#storage,
      session: this.#session,
      settings: this.#settings,
      upload: this.#upload,
      events: this.#events,
      userId,
      onChange: (conversationId) => this.#noteChange(conversationId),
    });
    await account.load();
    this.#account = account;
    this.#feed = undefined;
  }

  async #end(): Promise<void> {
    const account = this.#account;
    this.#account = undefined;
    this.#feed = undefined;
    await account?.dispose();
  }

  #signedIn(): Account {
    if (this.#account === undefined) throw new SignedOut();
    return this.#account;
  }

  /** Connects, and comes back whenever the connection is lost, until `disconnect`. Throws `StorageTaken`. */
  connect(): void {
    this.#storage.taken?.throwIfAborted();
    this.#signedIn().connection.start();
  }

  disconnect(): void {
    this.#account?.connection.stop();
  }

  /** Changes of one moment are told together, once it is over. */
  #noteChange(conversationId: string): void {
    this.#feed = undefined;
    if (this.#changed.size === 0) {
      queueMicrotask(() => {
        const changed = [...this.#changed];
        this.#changed.clear();
        for (const id of changed) this.#events.emit('conversation', { conversationId: id });
        this.#events.emit('feed', undefined);
      });
    }
    this.#changed.add(conversationId);
  }

  /** The user's conversations, archived ones too, in the server's order. The same list until something changes. */
  get feed(): readonly FeedEntry[] {
    const account = this.#account;
    if (account === undefined) return [];
    this.#feed ??= sortedFeed(
      account.store.copies
        .all()
        .filter(({ head }) => head.closedAt === null)
        .map((copy) => {
          const entries = account.outbox.shown(copy.head.conversationId);
          return entryOf(copy, account.userId, readAlreadyOf(entries));
        }),
    );
    return this.#feed;
  }

  /** Always the same object for the same conversation, whether the user is in it or not. */
  conversation(conversationId: string): Conversation {
    const known = this.#conversations.get(conversationId);
    if (known !== undefined) return known;
    const conversation = new Conversation({
      conversationId,
      account: () => this.#account,
      now: () => this.#platform.now(),
      subscribe: (listener) =>
        this.on('conversation', (changed) => {
          if (changed.conversationId === conversationId) listener();
        }),
    });
    this.#conversations.set(conversationId, conversation);
    return conversation;
  }

  /** What waits to be done, and what has failed. */
  get outbox(): Pick<Account['outbox'], 'entries' | 'retry' | 'discard'> {
    return this.#signedIn().outbox;
  }

  /** Presence of those on screen, at most 500 at a time; changes come as `presence` events. Returns what ends it. */
  watch(userIds: readonly string[]): () => void {
    return this.#signedIn().presence.watch(userIds);
  }

  presence(userId: string): Presence | undefined {
    return this.#account?.presence.of(userId);
  }

  /** The user has turned away from this device, or back to it. */
  away(away: boolean): void {
    this.#signedIn().presence.away(away);
  }

  /** The direct conversation with somebody. */
  async direct(userId: string): Promise<Conversation> {
    const head = (await this.call({ method: 'PUT', path: `/v1/direct/${userId}` })) as Head;
    return this.conversation(head.conversationId);
  }

  /** Anything else that the interface has, as the user who is signed in: the body of the answer, or `Refused`. */
  async call(call: Call): Promise<unknown> {
    return (await this.#session.call(call)).body;
  }

  /** Resolves once everything that this client knows is in its storage. */
  async flush(): Promise<void> {
    await this.#account?.store.copies.flush();
  }

  /** Disconnects and closes the storage. What has not been sent yet is sent when it is opened again. */
  async close(): Promise<void> {
    try {
      await this.#end();
    } catch (error) {
      // What it would have written is the matter of whoever has taken the storage.
      if (!(error instanceof StorageTaken)) throw error;
    } finally {
      await this.#storage.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
