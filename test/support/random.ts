/** Random choices, the same in every run. */

export interface Random {
  /** A whole number from 0 up to, not including, `below`. */
  readonly int: (below: number) => number
  readonly pick: <A>(from: ReadonlyArray<A>) => A
}

export const random = (seed: number): Random => {
  let state = seed >>> 0
  const int = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  return { int, pick: (from) => from[int(from.length)]! }
}
