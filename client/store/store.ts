import type { Message } from '../../schemas/message.ts';
import { Closed } from '../errors.ts';
import type { EventFrame, EventOf, MeFrame, ReadyFrame } from '../frames.ts';
import { Copies, type CopiesOptions } from './copies.ts';
import { copyOfEvent, type Copy } from './copy.ts';
import { applyEvent, applyMe, applyReply } from './evolve.ts';
import { Fetch, type FetchOptions } from './fetch.ts';
import { History, type HistorySettings } from './history.ts';
import { Loads } from './loads.ts';
import { Refresher } from './refresher.ts';
import { Synchroniser } from './synchroniser.ts';
import { closed, trimmed } from './window.ts';

export interface StoreOptions extends Omit<CopiesOptions, 'platform'>, Omit<FetchOptions, 'signal' | 'soon' | 'tries'> {
  readonly settings: HistorySettings;
  /** Each new message once, as pushed. */
  readonly onMessage: (message: Message) => void;
  /** A synchronisation is over. */
  readonly onCurrent: () => void;
}

/** How long a synchronisation that has failed is left alone. */
const againMs = 5_000;
/** Pushes that wait for one, at the most. */
const mostHeld = 5_000;

/**
 * Everything that this device knows of its user's conversations, kept current by pushes. Where pushes cannot do it
 * (the first time, after too long an absence) the server is asked, and pushes wait until it has answered.
 */
export class Store {
  readonly copies: Copies;
  readonly history: History;
  readonly #options: StoreOptions;
  readonly #loads = new Loads();
  readonly #refresher: Refresher;
  readonly #synchroniser: Synchroniser;
  readonly #ending = new AbortController();
  /** Aborted with the next `ready`. */
  #ready = new AbortController();
  /** Pushes that wait for the end of a synchronisation; undefined while there is none. */
  #held: (EventFrame | MeFrame)[] | undefined;
  /** Up to here pushes were let go during a synchronisation, because they had become too many: another one makes that good. */
  #letGo: string | undefined;
  #cancelAgain = (): void => {};
  /** Of the last push that was taken in, or of `ready`: what is read must not be older. */
  #position: string | undefined;

  constructor(options: StoreOptions) {
    this.#options = options;
    this.copies = new Copies({
      ...options,
      onChange: (conversationId) => {
        this.#refresher.look(conversationId);
        options.onChange(conversationId);
      },
    });
    const fetch = new Fetch({ ...options, signal: this.#ending.signal, soon: () => this.#ready.signal });
    const shared = { ...options, fetch, copies: this.copies, loads: this.#loads, position: () => this.#position };
    this.history = new History({ ...shared, signal: this.#ending.signal });
    this.#refresher = new Refresher({ ...shared, history: this.history, isHeld: () => this.#held !== undefined });
    this.#synchroniser = new Synchroniser({ ...shared, history: this.history });
  }

  async load(): Promise<void> {
    await this.copies.load();
    this.#position = this.copies.standing.position ?? undefined;
  }

  /** Whether everything up to the last push is in the copies. */
  get isCurrent(): boolean {
    return this.copies.standing.position !== null && this.#held === undefined;
  }

  /** What the next hello asks for. */
  since(): string | undefined {
    this.#synchroniser.stop();
    this.#held = undefined;
    this.#letGo = undefined;
    return this.copies.standing.position ?? undefined;
  }

  /** More was missed than is told again. */
  resync(): void {
    this.copies.stand({ position: null });
  }

  ready({ position }: ReadyFrame): void {
    this.#position = position;
    this.#ready.abort();
    this.#ready = new AbortController();
    if (this.copies.standing.position !== null) return this.copies.stand({ position });
    this.#refresher.restart();
    this.#held = [];
    void this.#synchronise(position);
  }

  async #synchronise(position: string): Promise<void> {
    try {
      if (!(await this.#synchroniser.run(position))) return;
    } catch (error) {
      if (this.#ending.signal.aborted) return;
      // Nothing that is known to happen; but a client that gave up here would show what was for good.
      this.#options.onError(error);
      const held = this.#held;
      this.#cancelAgain = this.#options.platform.after(againMs, () => {
        if (held !== undefined && held === this.#held) void this.#synchronise(position);
      });
      return;
    }
    const letGo = this.#letGo;
    this.#letGo = undefined;
    if (letGo !== undefined) return await this.#synchronise(letGo);
    const held = this.#held ?? [];
    this.#held = undefined;
    this.copies.stand({ position });
    for (const frame of held) this.#take(frame);
    this.#options.onCurrent();
    this.#refresher.look();
  }

  push(frame: EventFrame | MeFrame): void {
    this.#position = frame.position;
    this.#loads.note(frame);
    if (this.#held === undefined) this.#take(frame);
    else this.#hold(this.#held, frame);
  }

  #hold(held: (EventFrame | MeFrame)[], frame: EventFrame | MeFrame): void {
    held.push(frame);
    // The position of a `me` frame lies before what it tells.
    if (held.length <= mostHeld || frame.type === 'me') return;
    held.length = 0;
    this.#letGo = frame.position;
  }

  #take(frame: EventFrame | MeFrame): void {
    if (frame.type === 'me') this.#me(frame);
    else this.#event(frame);
    if (frame.type === 'event' && frame.event.type === 'messageSent') this.#sent(frame.event);
    this.copies.stand({ position: frame.position });
  }

  #me(frame: MeFrame): void {
    const copy = this.copies.get(frame.conversationId);
    if (copy === undefined) return;
    this.#refresher.ownViewChanged(frame.conversationId);
    this.copies.set(frame.conversationId, applyMe(copy, frame, this.#options.userId));
  }

  #event(frame: EventFrame): void {
    const { conversationId, revision, event } = frame;
    const { userId } = this.#options;
    if (event.type === 'memberRemoved' && event.userId === userId) return this.copies.set(conversationId, undefined);
    if (event.type === 'conversationStarted' || event.type === 'memberAdded') {
      if (event.conversation !== undefined) return this.#begin(frame, event.conversation);
    }
    const copy = this.copies.get(conversationId);
    if (copy === undefined) return;
    const isGap = copy.isExact && revision > copy.revision + 1;
    const next = applyEvent(copy, frame, userId);
    this.#keep(conversationId, isGap ? { ...next, revision: copy.revision, isStale: true } : next);
    if (isGap) this.#refresher.repair(conversationId);
    if (event.type === 'conversationChanged' && event.settings !== undefined) {
      if (event.settings.history !== copy.head.settings.history) this.#refresher.reload(conversationId);
    }
  }

  #begin({ conversationId, revision, at = '' }: EventFrame, conversation: Copy['head']): void {
    const present = this.copies.get(conversationId);
    if (present !== undefined && revision <= present.revision) return;
    const copy = copyOfEvent(conversation, revision, at);
    this.copies.set(conversationId, { ...copy, isOpen: present?.isOpen ?? false });
    if (present?.isOpen === true) this.#refresher.reload(conversationId);
  }

  #sent({ message }: EventOf<'messageSent' | 'messageEdited'>): void {
    if (message.senderId === this.#options.userId) this.#refresher.ownViewChanged(message.conversationId);
    this.#options.onMessage(message);
  }

  #keep(conversationId: string, copy: Copy): void {
    const { settings, userId } = this.#options;
    const most = copy.isOpen ? settings.mostMessages : settings.tailMessages;
    this.copies.set(conversationId, copy.window.to === null ? trimmed(copy, most, 'newest', userId) : copy);
  }

  /** Somebody looks at a conversation, or nobody does any more. */
  keepOpen(conversationId: string, isOpen: boolean): void {
    const copy = this.copies.get(conversationId);
    if (copy === undefined || copy.isOpen === isOpen) return;
    if (isOpen) return this.copies.set(conversationId, { ...copy, isOpen });
    this.copies.set(conversationId, closed(copy, this.#options.settings.tailMessages, this.#options.userId));
  }

  /** One's own message, as the reply to its sending or editing has it. */
  replied(message: Message): void {
    const copy = this.copies.get(message.conversationId);
    if (copy !== undefined) this.copies.set(message.conversationId, applyReply(copy, message));
  }

  async dispose(): Promise<void> {
    this.#ending.abort(new Closed());
    this.#cancelAgain();
    this.#refresher.stop();
    await this.copies.flush();
  }
}
