import type { ContactCommand } from '../domain/contact/commands.ts';
import type { ContactState } from '../domain/contact/decider.ts';
import type { ContactEvent } from '../domain/contact/events.ts';
import type { ConversationCommand } from '../domain/conversation/commands.ts';
import type { ConversationEvent } from '../domain/conversation/events.ts';
import type { ConversationState } from '../domain/conversation/state.ts';
import type { ConversationId, Timestamp, UserId } from '../domain/ids.ts';
import type { ScheduledCommand } from '../domain/scheduled/commands.ts';
import type { ScheduledEvent } from '../domain/scheduled/events.ts';
import type { ScheduledState } from '../domain/scheduled/state.ts';
import type { UserCommand } from '../domain/user/commands.ts';
import type { UserState } from '../domain/user/decider.ts';
import type { UserEvent } from '../domain/user/events.ts';
import type { Position, Revision } from '../ports/event-store.ts';

export interface Envelope<Command> {
  /** A UUID. Event ids derive from it, so that an append whose reply was lost is recognised by the store. */
  readonly commandId: string;
  readonly actorId: UserId;
  readonly command: Command;
  /** When it happened, for history that is imported; default: now. Moved up to the stream's last event where it lies before. */
  readonly at?: Timestamp | undefined;
}

export interface Outcome<Event> {
  /** Empty when the command had taken effect before. */
  readonly events: readonly Event[];
  /** Of the last of `events`; for a repeat, of the newest event of the stream. */
  readonly revision: Revision;
  /** A read model that has passed it has seen `events`. Commands that were appended together share it. */
  readonly position: Position;
}

/** The way in to the write side. Refusals are thrown as `DomainError`; a resolved promise means: durable. */
export interface CommandBus extends AsyncDisposable {
  conversation(id: ConversationId, envelope: Envelope<ConversationCommand>): Promise<Outcome<ConversationEvent>>;
  user(id: UserId, envelope: Envelope<UserCommand>): Promise<Outcome<UserEvent>>;
  /** Of the two users, in any order. */
  contact(a: UserId, b: UserId, envelope: Envelope<ContactCommand>): Promise<Outcome<ContactEvent>>;
  /** Of what the user has told to be sent later. */
  scheduled(id: UserId, envelope: Envelope<ScheduledCommand>): Promise<Outcome<ScheduledEvent>>;
  /** The present state, as the next command would find it. Not to be kept. */
  conversationState(id: ConversationId): Promise<ConversationState>;
  userState(id: UserId): Promise<UserState>;
  contactState(a: UserId, b: UserId): Promise<ContactState>;
  scheduledState(id: UserId): Promise<ScheduledState>;
}
