const width = 110;
const started = performance.now();

/** One line of what happens, with the seconds since the start. */
export const tell = (what: string): void => {
  const seconds = ((performance.now() - started) / 1000).toFixed(1).padStart(5);
  console.log(`${seconds}s  ${what.length > width ? `${what.slice(0, width - 1)}…` : what}`);
};

/** Tells each `every`th one, so that a busy conversation stays readable. */
export const tellSome = (every: number): ((what: () => string) => void) => {
  let count = 0;
  return (what) => {
    if (count % every === 0) tell(what());
    count += 1;
  };
};

export const table = (rows: readonly (readonly [what: string, value: string])[]): string => {
  const widest = Math.max(...rows.map(([what]) => what.length));
  return rows.map(([what, value]) => `  ${what.padEnd(widest)}  ${value}`).join('\n');
};
