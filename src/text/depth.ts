/**
 * How deep a value is nested. What walks values recursively (schemas, `JSON.stringify`) overflows the stack of one that is
 * too deep, and never comes to an end in one that holds itself.
 */

/** The deepest that values of a program may be. */
export const mostLevels = 500

/** Whether objects and arrays of parsed JSON, where nothing is shared, are nested deeper than so many levels. */
export const isDeeperJson = (value: unknown, levels: number): boolean => {
  if (!isContainer(value)) return false
  if (levels === 0) return true
  const inner: ReadonlyArray<unknown> = Array.isArray(value) ? value : Object.values(value)
  return inner.some((one) => isDeeperJson(one, levels - 1))
}

/** Whether objects and arrays of a program are nested deeper than so many levels. Those that hold themselves are. */
export const isDeeper = (value: unknown, levels: number): boolean => {
  if (!isContainer(value)) return false
  /** What was looked at, with how many levels were left there: what is shared by many is not looked at once for each. */
  const seen = new Map<object, number>()
  const look = (container: object, left: number): boolean => {
    if (left === 0) return true
    if ((seen.get(container) ?? Infinity) <= left) return false
    seen.set(container, left)
    const inner: ReadonlyArray<unknown> = Array.isArray(container) ? container : Object.values(container)
    return inner.some((one) => isContainer(one) && look(one, left - 1))
  }
  return look(value, levels)
}

const isContainer = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !ArrayBuffer.isView(value)
