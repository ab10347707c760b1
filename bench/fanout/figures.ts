/** What is measured of each server; times in milliseconds. */
export interface Figures {
  /** Resident bytes of the server without sockets, and with all of them idle. */
  readonly idleBefore: number;
  readonly idleAfter: number;
  /** Deliveries a second to one other, to a hundred others, and to all. */
  readonly one: number;
  readonly hundred: number;
  readonly all: number;
  /** From a send to the last recipient of all. */
  readonly untilLast: readonly number[];
  /** How long each took to come back when all did at the same moment. */
  readonly storm: readonly number[];
}
