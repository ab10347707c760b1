import { Connection, type Why } from './connection/connection.ts';
import type { State } from './connection/states.ts';
import type { Emitter } from './emitter.ts';
import type { ClientEvents, ConnectionStatus } from './events.ts';
import type { Frame } from './frames.ts';
import { deliver } from './outbox/deliver.ts';
import { Outbox } from './outbox/outbox.ts';
import { Pace } from './outbox/pace.ts';
import type { Platform } from './platform.ts';
import { PresenceWatch } from './presence.ts';
import { Receipts } from './receipts.ts';
import type { Session } from './session/session.ts';
import type { ClientSettings } from './settings.ts';
import type { ClientStorage } from './storage/storage.ts';
import { receiptMembers } from './store/history.ts';
import { Store } from './store/store.ts';
import { Typing } from './typing.ts';
import type { Uploader } from './upload.ts';

export interface AccountOptions {
  readonly platform: Platform;
  readonly origin: string;
  readonly storage: ClientStorage;
  readonly session: Session;
  readonly userId: string;
  readonly settings: ClientSettings;
  readonly upload: Uploader | undefined;
  readonly events: Emitter<ClientEvents>;
  readonly onChange: (conversationId: string) => void;
}

const revoked = 4403;

/** All that belongs to the user who is signed in: connection, store and outbox, and how they work together. */
export class Account {
  readonly userId: string;
  readonly store: Store;
  readonly outbox: Outbox;
  readonly typing: Typing;
  readonly presence: PresenceWatch;
  readonly connection: Connection;
  readonly #options: AccountOptions;
  readonly #receipts: Receipts;
  #closeCode: number | null = null;

  constructor(options: AccountOptions) {
    const { platform, origin, session, settings, events, storage, userId, onChange } = options;
    this.#options = options;
    this.userId = userId;
    const call = session.call.bind(session);
    const onError = (error: unknown): void => events.emit('error', error);
    this.store = new Store({
      platform,
      storage,
      userId,
      settings,
      call,
      onChange,
      onError,
      persist: settings.keepConversations,
      onCurrent: () => this.#tellStatus(),
      onMessage: (message) => {
        if (message.senderId === userId) this.outbox.acknowledge(message.messageId);
        else this.#arrived(message.conversationId, message.seq);
        this.typing.receive({ ...message, type: 'typing', userId: message.senderId, active: false });
        events.emit('message', message);
      },
    });
    const { upload } = options;
    this.outbox = new Outbox({
      platform,
      storage,
      onChange,
      onError,
      pace: new Pace(platform, settings.requestsInTenSeconds, 10_000),
      deliver: (entry, update) =>
        deliver(
          { request: (fields) => this.connection.request(fields), call, store: this.store, upload },
          entry,
          update,
        ),
      onFailed: (entry) => events.emit('failed', entry),
    });
    this.typing = new Typing({
      platform,
      send: (conversationId, active) => this.#tell({ type: 'typing', conversationId, active }),
      onChange: (conversationId) => {
        events.emit('typing', { conversationId, userIds: this.typing.of(conversationId) });
        onChange(conversationId);
      },
    });
    this.presence = new PresenceWatch({
      send: (request) => this.#tell(request),
      onChange: (presence) => events.emit('presence', presence),
    });
    this.#receipts = new Receipts({
      platform,
      gatherMs: settings.gatherReceiptsMs,
      send: (conversationId, delivered) => {
        this.outbox.add(conversationId, { type: 'receipt', delivered }).catch(onError);
      },
    });
    const url = new URL('/v1/realtime', origin);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    this.connection = new Connection({
      platform,
      settings,
      url: url.href,
      token: async (renew) => {
        const token = await session.token();
        return renew ? await session.renewed(token) : token;
      },
      since: () => this.store.since(),
      onFrame: (frame) => this.#receive(frame),
      onState: (state, why) => this.#changed(state, why),
    });
  }

  async load(): Promise<void> {
    await Promise.all([this.store.load(), this.outbox.load()]);
  }

  #arrived(conversationId: string, seq: number): void {
    const copy = this.store.copies.get(conversationId);
    if (!this.#options.settings.sendDelivered || copy === undefined) return;
    if (copy.head.memberCount <= receiptMembers) this.#receipts.arrived(conversationId, seq);
  }

  /** What is not worth repeating. */
  #tell(request: { readonly type: string; readonly [field: string]: unknown }): void {
    if (this.connection.state === 'live') this.connection.request(request).catch(() => {});
  }

  #receive(frame: Exclude<Frame, { type: 'reply' }>): void {
    switch (frame.type) {
      case 'ready':
        return this.store.ready(frame);
      case 'resync':
        return this.store.resync();
      case 'me':
        return this.store.push(frame);
      case 'event':
        this.store.push(frame);
        return this.outbox.pushed(frame.position);
      case 'typing':
        if (frame.userId !== this.#options.userId) this.typing.receive(frame);
        return;
      case 'presence':
        return this.presence.receive(frame);
      default:
        // Of a newer server: whoever does not know it does not need it.
        return;
    }
  }

  #changed(state: State, why: Why): void {
    const { events, session } = this.#options;
    const closeCode = why.closeCode ?? null;
    this.#closeCode = closeCode;
    if (state === 'live') {
      this.outbox.online();
      this.presence.online();
    } else {
      this.outbox.offline();
      this.presence.offline();
    }
    this.#tellStatus();
    if (state === 'stopped' && closeCode === revoked && session.current !== undefined) {
      session.forget().catch((error: unknown) => events.emit('error', error));
      events.emit('signedOut', undefined);
    }
  }

  get status(): ConnectionStatus {
    const { state } = this.connection;
    return { state, isCurrent: state === 'live' && this.store.isCurrent, closeCode: this.#closeCode };
  }

  #tellStatus(): void {
    this.#options.events.emit('connection', this.status);
  }

  /** Ends everything; what is not done yet is in the storage. */
  async dispose(): Promise<void> {
    this.connection.dispose();
    await this.outbox.dispose();
    this.typing.stop();
    this.#receipts.stop();
    await this.store.dispose();
  }
}
