/** The code points of a token, which is all that is counted here. */
export const lettersOf = (token: string): readonly string[] => Array.from(token);
