/** Every case has been dealt with: the compiler knows. */
export const unreachable = (value: never): never => {
  throw new Error(`Nothing is known of ${JSON.stringify(value)}`);
};
