import type { Position } from '../ports/event-store.ts';

/** Index of the first item after the position, of items in log order. */
export const indexAfter = <Item>(
  items: readonly Item[],
  position: Position,
  positionOf: (item: Item) => Position,
): number => {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (positionOf(items[middle]!) <= position) low = middle + 1;
    else high = middle;
  }
  return low;
};
