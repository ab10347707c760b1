/** What became of the records of an import. */
export class Tally {
  read = 0;
  /** Commands that made events. */
  written = 0;
  /** Done by a run before. */
  repeated = 0;
  /** Changed nothing: joining twice, an edit that only unfurled a link. */
  withoutEffect = 0;
  readonly skipped = new Map<string, number>();

  skip(reason: string, count = 1): void {
    if (count > 0) this.skipped.set(reason, (this.skipped.get(reason) ?? 0) + count);
  }
}
