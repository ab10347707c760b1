/** One state of a set of message numbers: of sets with the same name, equal digests mean equal numbers. */
export interface SeqSetState {
  readonly set: string;
  /** How many numbers are in it; at least one. */
  readonly count: number;
  /** 16 hexadecimal digits. */
  readonly digest: string;
}

/** How many numbers above `after` and up to `upTo` are in one of the sets at least. */
export interface SeqSetQuestion {
  readonly sets: readonly SeqSetState[];
  readonly after: number;
  readonly upTo: number;
}

/** The number; or that a set is not held in precisely that state; or that nobody answers at the moment. */
export type SeqSetAnswer = number | 'not-held' | 'away';

export interface HeldSeqSet {
  readonly count: number;
  readonly digest: string;
  /** What was given with it: how far its numbers have been read. */
  readonly mark: number;
}

/** The sets cannot be reached; the outcome of a write is unknown, and repeating it is safe. */
export class SeqSetsUnavailable extends Error {
  override readonly name = 'SeqSetsUnavailable';
}

/**
 * Sets of message numbers, where counting in them takes the same time however large they are. It may lose anything, in
 * whole or in part, at any time: an answer is given only for sets that are there in the very state that is asked for.
 */
export interface SeqSets extends AsyncDisposable {
  /** One answer for each question, in order, within a bounded time. Never throws. */
  count(questions: readonly SeqSetQuestion[]): Promise<readonly SeqSetAnswer[]>;
  /** What is there of a set. Throws `SeqSetsUnavailable`, as all that follows. */
  held(set: string): Promise<HeldSeqSet | undefined>;
  /** Puts the numbers in the place of what is there; all at once for those who count. */
  put(set: string, state: HeldSeqSet, seqs: readonly number[]): Promise<void>;
  /** Adds numbers to a set that is whole in the state `from`; false when it is not (any more). */
  extend(set: string, from: Omit<HeldSeqSet, 'mark'>, state: HeldSeqSet, seqs: readonly number[]): Promise<boolean>;
}
