import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { Crowd } from './crowd.ts';
import type { Figures } from './figures.ts';

/** The same of the least server, in a process of its own, too. */
export const measureLeast = async (size: number, rounds: number): Promise<Figures> => {
  const program = path.join(import.meta.dirname, 'least-broadcast.ts');
  const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  using crowd = new Crowd({ url: `ws://127.0.0.1:${line.toString().trim()}` });
  const perSecond = (recipients: number, count: number, inFlight: number): Promise<number> =>
    crowd.deliveries({ ask: () => crowd.sockets[0]!.send(String(recipients)), recipients, count, inFlight });
  const residentBytes = async (): Promise<number> => {
    const answer = once(crowd.sockets[0]!, 'message') as Promise<[Buffer]>;
    crowd.sockets[0]!.send('memory');
    return Number((await answer)[0].toString());
  };
  await crowd.open(1);
  const idleBefore = await residentBytes();
  crowd.drop();
  await crowd.open(size);
  const idleAfter = await residentBytes();
  const one = await perSecond(2, rounds * 20, 16);
  const hundred = await perSecond(101, rounds * 5, 16);
  const all = await perSecond(size, rounds, 2);
  const untilLast: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const startedAt = performance.now();
    await perSecond(size, 1, 1);
    untilLast.push(performance.now() - startedAt);
  }
  crowd.drop();
  const storm = await crowd.storm(size);
  child.kill();
  await once(child, 'exit');
  return { idleBefore, idleAfter, one, hundred, all, untilLast, storm };
};
