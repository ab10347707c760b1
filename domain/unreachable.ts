/** Stands where no case is left: does not compile as soon as there is one. */
export const unreachable = (left: never): never => {
  throw new Error(`Not a known case: ${String(left)}`);
};
