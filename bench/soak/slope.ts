export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Slope {
  /** How much y grows for each x, by least squares. */
  readonly perX: number;
  /** Standard error of it. */
  readonly error: number;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The line that is nearest to the points. NaN for fewer than three of them, or for points at one x. */
export const slopeOf = (points: readonly Point[]): Slope => {
  const [x, y] = [mean(points.map((point) => point.x)), mean(points.map((point) => point.y))];
  const sum = (of: (point: Point) => number): number => points.reduce((total, point) => total + of(point), 0);
  const spread = sum((point) => (point.x - x) ** 2);
  const perX = sum((point) => (point.x - x) * (point.y - y)) / spread;
  const missed = sum((point) => (point.y - y - perX * (point.x - x)) ** 2);
  return points.length < 3
    ? { perX: Number.NaN, error: Number.NaN }
    : { perX, error: Math.sqrt(missed / (points.length - 2) / spread) };
};
