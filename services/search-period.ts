const dateShape = /^\d{4}(?:-\d{2}(?:-\d{2})?)?$/;
const timeShape = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/;

export interface Period {
  readonly start: string;
  /** The first moment after it. */
  readonly end: string;
}

const isoOf = (milliseconds: number): string | undefined => {
  const date = new Date(milliseconds);
  const isUsable = !Number.isNaN(milliseconds) && date.getUTCFullYear() >= 0 && date.getUTCFullYear() <= 9_999;
  return isUsable ? date.toISOString() : undefined;
};

const dateEnd = (start: Date, parts: number): number =>
  Date.UTC(
    start.getUTCFullYear() + Number(parts === 1),
    start.getUTCMonth() + Number(parts === 2),
    start.getUTCDate() + Number(parts === 3),
  );

/** A year, a month or a day in UTC, or a moment of RFC 3339; undefined for anything else. */
export const periodOf = (value: string): Period | undefined => {
  if (!dateShape.test(value) && !timeShape.test(value)) return undefined;
  const milliseconds = Date.parse(value);
  const start = isoOf(milliseconds);
  if (start === undefined) return undefined;
  // 2018-02-31 is no day, though it can be read as one of March.
  if (dateShape.test(value) && !start.startsWith(value)) return undefined;
  const parts = value.split('-').length;
  const end = isoOf(dateShape.test(value) ? dateEnd(new Date(milliseconds), parts) : milliseconds + 1);
  return end === undefined ? undefined : { start, end };
};
