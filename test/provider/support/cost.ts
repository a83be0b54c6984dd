/**
 * Law 9: twice as much takes no more than twice the time.
 *
 * Both sizes are measured by turns, and of each the quickest run counts, so that what else the machine does is in neither.
 * As soon as the bounds hold there is no need to measure on; what grows faster than its input never holds them.
 */
import { assert } from "@effect/vitest"

/** The time that this process has worked. */
const milliseconds = () => process.cpuUsage().user / 1000

const timeOf = (work: () => unknown): number => {
  const start = milliseconds()
  work()
  return milliseconds() - start
}

/** How long a fixed piece of work takes on a machine that is free, where the bounds were set. */
const free = 4

const reference = (): number => {
  let sum = 0
  for (let at = 0; at < 4_000_000; at++) sum = (sum + text.charCodeAt(at & 1023)) | 0
  return sum
}

const text = "reference".repeat(200)

/**
 * Checks that work over 200,000 characters takes at most 2.5 times as long as over 100,000, and at most 100 ms where the
 * machine is free: a slower one has as much more time as the fixed piece of work takes longer there.
 */
export const isLinear = (make: (length: number) => () => unknown, where = ""): void => {
  const [first, small, large] = [make(10_000), make(100_000), make(200_000)]
  first()
  const best = { small: Infinity, large: Infinity, reference: Infinity }
  for (let round = 1; round <= 24; round++) {
    best.small = Math.min(best.small, timeOf(small))
    best.large = Math.min(best.large, timeOf(large))
    best.reference = Math.min(best.reference, timeOf(reference))
    if (round > 1 && isWithin(best)) return
  }
  assert.fail(`${where} ${JSON.stringify(best)}`)
}

const isWithin = ({ large, reference, small }: Record<"small" | "large" | "reference", number>): boolean =>
  large < 100 * Math.max(1, reference / free) && large / Math.max(small, 8) < 2.5
