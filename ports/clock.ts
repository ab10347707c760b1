/** Milliseconds since the epoch. */
export type Clock = () => number;

export const timestamp = (clock: Clock): string => new Date(clock()).toISOString();
