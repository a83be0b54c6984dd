/** Anything at all, given where something else is wanted: what no compiler sees in plain JavaScript. */

// oxlint-disable-next-line typescript/no-explicit-any -- it takes the place of any type
export type Unchecked = any

export const unchecked = (value: unknown): Unchecked => value
