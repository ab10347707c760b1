import {
  type Client,
  MemoryStorage,
  type ClientSettings,
  type ClientStorage,
  type Conversation,
} from '../../../client/parley.ts';
import { another, newcomer, openClient } from '../support/people.ts';

interface Sent {
  readonly conversationId: string;
  readonly messageId: string;
}

/** One device of the model: a client that may be closed and opened again on its storage, and what it was told. */
export class Device {
  readonly name: string;
  client: Client;
  storage: ClientStorage;
  /** In the order in which they were sent from here. */
  readonly sent: Sent[] = [];
  /** Of each message told of, how often since the storage was new. */
  readonly told = new Map<string, number>();
  readonly #origin: string;

  readonly #settings: Partial<ClientSettings>;

  private constructor(
    name: string,
    origin: string,
    settings: Partial<ClientSettings>,
    client: Client,
    storage: ClientStorage,
  ) {
    this.name = name;
    this.#settings = settings;
    this.#origin = origin;
    this.client = client;
    this.storage = storage;
    this.#listen();
  }

  static async open(
    name: string,
    origin: string,
    of?: Device,
    settings: Partial<ClientSettings> = {},
  ): Promise<Device> {
    const storage = new MemoryStorage();
    const options = { storage, settings };
    const client = await (of === undefined ? newcomer(origin, options) : another(origin, of.client, options));
    return new Device(name, origin, settings, client, storage);
  }

  get userId(): string {
    return this.client.user!.userId;
  }

  #listen(): void {
    this.client.on('message', ({ messageId }) => this.told.set(messageId, (this.told.get(messageId) ?? 0) + 1));
  }

  /** As when a page is loaded again. */
  async reload(): Promise<void> {
    await this.client[Symbol.asyncDispose]();
    this.client = await openClient(this.#origin, { storage: this.storage, settings: this.#settings });
    this.#listen();
    this.client.connect();
  }

  /** As when somebody gets a new phone: the old one is put away when it has sent what it had to. */
  async replace(): Promise<void> {
    const old = this.client;
    const storage = new MemoryStorage();
    const { username } = old.user!;
    const client = await openClient(this.#origin, { storage, settings: this.#settings });
    await client.signIn({ username, password: 'correct horse', device: { name: 'new' } });
    await old[Symbol.asyncDispose]();
    this.client = client;
    this.storage = storage;
    this.told.clear();
    this.#listen();
  }

  conversation(index: number): Conversation | undefined {
    const { feed } = this.client;
    const entry = feed[index % Math.max(1, feed.length)];
    return entry && this.client.conversation(entry.conversation.conversationId);
  }

  async send(conversation: Conversation, text: string, mentions: readonly string[]): Promise<void> {
    const messageId = await conversation.send({ text, mentions: [...mentions] });
    this.sent.push({ conversationId: conversation.conversationId, messageId });
  }

  /** What keeps it from being at rest; undefined when it is. */
  get unrest(): string | undefined {
    const waiting = this.client.outbox.entries().filter(({ failure }) => failure === null);
    const { state, isCurrent } = this.client.connection;
    if (isCurrent && waiting.length === 0) return undefined;
    return `${this.name} is ${state}${isCurrent ? '' : ' and not current'}, with ${waiting.length} things to do`;
  }

  /** As a user does who scrolls through all his conversations, from the newest message to the first. */
  async readBack(): Promise<void> {
    for (const { conversation } of this.client.feed) {
      const handle = this.client.conversation(conversation.conversationId);
      await handle.open();
      await handle.latest();
      while (handle.snapshot?.hasBefore === true) await handle.older();
    }
  }

  async readForward(): Promise<void> {
    for (const { conversation } of this.client.feed) {
      const handle = this.client.conversation(conversation.conversationId);
      while (handle.snapshot?.hasAfter === true) await handle.newer();
    }
  }
}
