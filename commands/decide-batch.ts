import type { DomainEvent } from '../domain/catalog.ts';
import { RecallNeeded, type Message } from '../domain/decider.ts';
import { DomainError } from '../domain/errors.ts';
import type { Timestamp } from '../domain/ids.ts';
import type { Revision } from '../ports/event-store.ts';
import type { Aggregate } from './aggregate.ts';
import type { Envelope } from './command-bus.ts';

/** What became of one command; `revision` is that of the newest event once it had its turn. */
export type Verdict<Event> =
  | { readonly kind: 'decided'; readonly events: readonly Event[]; readonly revision: Revision }
  | { readonly kind: 'refused'; readonly error: unknown }
  | { readonly kind: 'recall'; readonly keys: readonly string[] };

/** An event that is to be appended, and which command it comes from. */
export interface Draft<Event> {
  readonly event: Event;
  readonly envelope: Envelope<unknown>;
  /** Place among the events of its command. */
  readonly index: number;
}

export interface DecidedBatch<State, Event> {
  /** One for each command, in order; those that no longer fit into the batch have none. */
  readonly verdicts: readonly Verdict<Event>[];
  readonly drafts: readonly Draft<Event>[];
  /** The state after all drafts. */
  readonly state: State;
}

export interface StandingState<State> {
  readonly state: State;
  readonly revision: Revision;
}

const latest = (wanted: Timestamp, last: Timestamp | undefined): Timestamp =>
  last !== undefined && last > wanted ? last : wanted;

const sizeOf = (events: readonly DomainEvent[]): number =>
  events.reduce((sum, { data }) => sum + Buffer.byteLength(JSON.stringify(data)), 0);

/**
 * Decides commands in order, each on the state that the ones before it leave; what one refuses touches no other. Ends
 * before the command whose events would make the data of all drafts, as JSON, longer than `mostBytes`; one whose own
 * events do is refused with `request/too-large`.
 */
export const decideBatch = <State, Command extends Message, Event extends DomainEvent, Fact>(
  { decider, lastAt }: Aggregate<State, Command, Event, Fact>,
  from: StandingState<State>,
  batch: readonly Envelope<Command>[],
  now: Timestamp,
  mostBytes: number,
): DecidedBatch<State, Event> => {
  const drafts: Draft<Event>[] = [];
  let { state } = from;
  let beforeLast = state;
  let bytes = 0;

  const add = (draft: Draft<Event>): void => {
    const last = drafts.at(-1);
    const merged = last && decider.merge?.(last.event, draft.event);
    if (last !== undefined && merged !== undefined) {
      drafts[drafts.length - 1] = { ...last, event: merged };
      state = decider.evolve(beforeLast, merged);
      return;
    }
    drafts.push(draft);
    beforeLast = state;
    state = decider.evolve(state, draft.event);
  };

  const decide = ({ command, actorId, at }: Envelope<Command>): readonly Event[] =>
    decider.decide(command, state, { actorId, at: latest(at ?? now, lastAt(state)) });

  const verdicts: Verdict<Event>[] = [];
  for (const envelope of batch) {
    let events: readonly Event[];
    try {
      events = decide(envelope);
    } catch (error) {
      const recalls = error instanceof RecallNeeded;
      verdicts.push(recalls ? { kind: 'recall', keys: error.keys } : { kind: 'refused', error });
      continue;
    }
    const size = sizeOf(events);
    if (size > mostBytes) {
      verdicts.push({ kind: 'refused', error: new DomainError('request/too-large') });
      continue;
    }
    // Events that are merged are together no longer than apart.
    if (bytes + size > mostBytes) break;
    bytes += size;
    for (const [index, event] of events.entries()) add({ event, envelope, index });
    verdicts.push({ kind: 'decided', events, revision: from.revision + drafts.length });
  }

  return { verdicts, drafts, state };
};
