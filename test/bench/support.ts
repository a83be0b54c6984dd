/** What the benchmarks share. */
import type { Layer } from "effect"
import { type LM, OpenAI as Provider } from "effect-lm"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import OpenAI from "openai"

/** The bare SDK, without retries. */
export const sdk = (baseURL: string): OpenAI => new OpenAI({ apiKey: "benchmark", baseURL, maxRetries: 0 })

/** The library's provider for the same server. */
export const layer = (baseUrl: string, model: string): Layer.Layer<LM, unknown> => Provider.layer({ model, baseUrl })

export const median = (numbers: ReadonlyArray<number>): number =>
  numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!

/** What one round of a contender took. */
export interface Cost {
  readonly wallMillis: number
  readonly cpuMicros: number
}

const once = async (work: () => Promise<unknown>): Promise<Cost> => {
  const cpu = process.cpuUsage()
  const started = performance.now()
  await work()
  const wallMillis = performance.now() - started
  const used = process.cpuUsage(cpu)
  return { wallMillis, cpuMicros: used.user + used.system }
}

/** Runs the contenders in turn, round by round, after one round that does not count; the median cost of each. */
export const interleave = async <K extends string>(
  contenders: Readonly<Record<K, () => Promise<unknown>>>,
  rounds: number
): Promise<Readonly<Record<K, Cost>>> => {
  const names = Object.keys(contenders) as Array<K>
  const costs = Object.fromEntries(names.map((name) => [name, [] as Array<Cost>])) as Record<K, Array<Cost>>
  for (let round = -1; round < rounds; round++) {
    for (const name of names) {
      const cost = await once(contenders[name])
      if (round >= 0) costs[name].push(cost)
    }
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
