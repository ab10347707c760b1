import { setTimeout as pause } from 'node:timers/promises';

/** Asks again and again until nothing is wrong any more; resolves with what is still wrong when the time is over. */
export const untilNothing = async <Problem>(
  ask: () => Promise<readonly Problem[]>,
  timeoutMs: number,
): Promise<readonly Problem[]> => {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const problems = await ask();
    if (problems.length === 0 || performance.now() > deadline) return problems;
    await pause(100);
  }
};
