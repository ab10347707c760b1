/** The value below which this share of the samples lies; NaN without any. */
export const percentile = (samples: readonly number[], share: number): number => {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
};

export const milliseconds = (value: number): string => (Number.isNaN(value) ? '–' : `${value.toFixed(1)} ms`);

export const rate = (value: number): string => `${Math.round(value)}/s`;

/** p50 and p99, the way tables show them. */
export const spread = (samples: readonly number[]): string =>
  `${milliseconds(percentile(samples, 0.5))} · ${milliseconds(percentile(samples, 0.99))}`;

export const printTable = (title: string, rows: readonly (readonly string[])[]): void => {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string => row.map((cell, column) => cell.padEnd(widths[column]!)).join('   ');
  console.log(`\n${title}\n${rows.map((row) => `  ${line(row)}`.trimEnd()).join('\n')}`);
};
