import { Presets, SingleBar } from 'cli-progress';

export interface ProgressDisplay extends Disposable {
  report(done: number, note: string, etaMs?: number | null): void;
  end(): void;
}

const eta = (milliseconds: number | null): string => {
  if (milliseconds === null) return '';
  const seconds = Math.ceil(milliseconds / 1000);
  return seconds < 60 ? `, ${seconds} s to go` : `, ${Math.ceil(seconds / 60)} min to go`;
};

const bar = (what: string, total: number): ProgressDisplay => {
  const format = `${what} [{bar}] {percentage}% {note}{eta_text}`;
  const display = new SingleBar({ format, hideCursor: true, clearOnComplete: false }, Presets.shades_classic);
  const startedAt = performance.now();
  display.start(total, 0, { note: '', eta_text: '' });
  const end = (): void => display.stop();
  return {
    report(done, note, etaMs) {
      const guess = done > 0 ? ((performance.now() - startedAt) * (total - done)) / done : null;
      display.update(Math.min(done, total), { note, eta_text: eta(etaMs === undefined ? guess : etaMs) });
    },
    end,
    [Symbol.dispose]: end,
  };
};

/** Where no one watches, a line every tenth of the way. */
const lines = (what: string, total: number): ProgressDisplay => {
  let told = 0;
  return {
    report(done, note, etaMs = null) {
      const tenths = total === 0 ? 10 : Math.floor((Math.min(done, total) / total) * 10);
      if (tenths <= told) return;
      told = tenths;
      console.log(`${what}: ${tenths * 10}% ${note}${eta(etaMs)}`);
    },
    end: () => undefined,
    [Symbol.dispose]: () => undefined,
  };
};

/** A progress bar on a terminal, else plain lines. */
export const openProgress = (what: string, total: number): ProgressDisplay =>
  process.stdout.isTTY ? bar(what, total) : lines(what, total);
