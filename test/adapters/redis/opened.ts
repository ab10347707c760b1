import { randomUUID } from 'node:crypto';

/** Begins the keys and channels of one test, so that tests share a server. */
export const newPrefix = (): string => `test-${randomUUID()}:`;

/** Shorter than what a test waits for. */
export const timeouts = { connectMs: 500, commandMs: 300 } as const;
