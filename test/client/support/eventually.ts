import { expect } from 'vitest';

/** Asks again and again, patiently: how long things take on a busy machine is not what is tested. */
export const eventually = <Result>(ask: () => Result) => expect.poll(ask, { timeout: 20_000, interval: 20 });
