import type { Timestamp, UserId } from './ids.ts';

export interface Message<Type extends string = string, Data = unknown> {
  readonly type: Type;
  readonly data: Data;
}

/** Who asks, and the server's time of the decision. `at` never lies before the last event of the stream. */
export interface Context {
  readonly actorId: UserId;
  readonly at: Timestamp;
}

/** The whole of an aggregate's behaviour: pure functions and a starting point. */
export interface Decider<State, Command extends Message, Event extends Message, Fact = never> {
  readonly initialState: State;
  /**
   * Chooses what happens. Returns no events when the command has already taken effect; throws `DomainError` to
   * refuse, and `RecallNeeded` when it depends on something that the state no longer holds.
   */
  readonly decide: (command: Command, state: State, context: Context) => readonly Event[];
  /** Records what happened. Never refuses: an event is a fact. Never changes the state it was given. */
  readonly evolve: (state: State, event: Event) => State;
  /** Puts back into the state what `RecallNeeded` asked for. What the state holds by now wins over the fact. */
  readonly recall?: (state: State, facts: readonly Fact[]) => State;
  /** One event that says what two adjacent events of one batch say, or undefined when they must stay apart. */
  readonly merge?: (previous: Event, next: Event) => Event | undefined;
}

/** Thrown by `decide`: the command can be decided only once the named things were looked up in a read model. */
export class RecallNeeded extends Error {
  override readonly name = 'RecallNeeded';
  readonly keys: readonly string[];
  constructor(keys: readonly string[]) {
    super('The decision needs facts that the state no longer holds');
    this.keys = keys;
  }
}

export const fold = <S, C extends Message, E extends Message, F>(
  decider: Decider<S, C, E, F>,
  events: Iterable<E>,
  from: S = decider.initialState,
): S => Iterator.from(events).reduce<S>((state, event) => decider.evolve(state, event), from);
