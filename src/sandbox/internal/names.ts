/**
 * Names that functions and variables can have in a sandbox.
 */

/** Whether JavaScript can have a variable of the name, and the sandbox does not keep it for itself. */
export const isName = (name: string): boolean => /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) && !kept.has(name)

const kept = new Set(
  ("await break case catch class const continue debugger default delete do else enum export extends false finally for function " +
    "if implements import in instanceof interface let new null package private protected public return static super switch this " +
    "throw true try typeof var void while with yield undefined NaN Infinity globalThis console print eval arguments")
    .split(" ")
)
