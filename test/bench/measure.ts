/** What the benchmarks measure with. Loads nothing that is measured. */
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"

export const median = (numbers: ReadonlyArray<number>): number => {
  const sorted = numbers.toSorted((a, b) => a - b)
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2
}

/** What one round of a contender took. */
export interface Cost {
  readonly wallMillis: number
  readonly cpuMicros: number
}

/** What a piece of work took, on this process's CPU (user and system) and by the clock. */
export const costOf = async (work: () => Promise<unknown>): Promise<Cost> => {
  const cpu = process.cpuUsage()
  const started = performance.now()
  await work()
  const wallMillis = performance.now() - started
  const used = process.cpuUsage(cpu)
  return { wallMillis, cpuMicros: used.user + used.system }
}

/** How much CPU each contender has used, in microseconds, before it counts: what is not compiled yet is not what is compared. */
const warmUp = 2_000_000

/** Runs the contenders in turn, round by round, once all are warm; the median cost of each. */
export const interleave = async <K extends string>(
  contenders: Readonly<Record<K, () => Promise<unknown>>>,
  rounds: number
): Promise<Readonly<Record<K, Cost>>> => {
  const names = Object.keys(contenders) as Array<K>
  const costs = Object.fromEntries(names.map((name) => [name, [] as Array<Cost>])) as Record<K, Array<Cost>>
  for (const name of names) {
    for (let used = 0; used < warmUp;) used += (await costOf(contenders[name])).cpuMicros
  }
  for (let round = 0; round < rounds; round++) {
    for (const name of names) costs[name].push(await costOf(contenders[name]))
  }
  return Object.fromEntries(names.map((name) => [name, {
    wallMillis: median(costs[name].map((cost) => cost.wallMillis)),
    cpuMicros: median(costs[name].map((cost) => cost.cpuMicros))
  }])) as Record<K, Cost>
}

setFlagsFromString("--expose-gc")
const collectGarbage = runInNewContext("gc") as () => void

/** The bytes that are in use, garbage not counted. */
export const used = (): number => {
  collectGarbage()
  const { arrayBuffers, heapUsed } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

export const print = (...cells: ReadonlyArray<string | number>): void => {
  process.stdout.write(
    `${cells.map((cell, index) => index === 0 ? String(cell).padEnd(34) : String(cell).padStart(16)).join("")}\n`
  )
}

export const round = (n: number, digits = 0): string =>
  n.toLocaleString("en-US", { maximumFractionDigits: digits, minimumFractionDigits: digits })
