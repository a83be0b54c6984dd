/** Runs the cases of a part: contenders in turn, round by round, each in a process of its own. */
import { median } from "../measure.ts"
import type { Contender } from "./contenders.ts"
import type { Case, Part } from "./parts.ts"
import type { Measured, Outcome } from "./peer.ts"
import * as Runner from "./runner.ts"

/** What came of a case for each contender, by name: the medians of what its rounds took. */
export type Outcomes = ReadonlyMap<string, Outcome>

/** What a server counts: how many requests it has got so far. */
export type CountRequests = () => Promise<number>

/** After so many milliseconds of one case, a contender takes no more rounds of it. */
const enough = 10_000

/** What a process does before it counts, so that its code is compiled: milliseconds of CPU, or by the clock if it waits. */
const warmUp = { cpu: 1_000, wall: 3_000 }

export const runPart = async (
  part: Part,
  contenders: ReadonlyArray<Contender>,
  options: {
    readonly baseUrl: string
    readonly rounds: number
    readonly countRequests: CountRequests
    /** Hears what is about to be measured. */
    readonly tell: (line: string) => void
  }
): Promise<ReadonlyArray<Outcomes>> => {
  const runners = contenders.map((contender) => Runner.make(contender, options.baseUrl))
  try {
    for (const runner of runners) await warm(runner, part.cases[0]!)
    const outcomes: Array<Outcomes> = []
    for (const one of part.cases) {
      options.tell(`${part.title}, ${one.cells[0]!.title.replace(/:.*/, "")}`)
      const found = await runCase(one, runners, options)
      outcomes.push(new Map(contenders.map(({ name }, at) => [name, found[at]!])))
    }
    return outcomes
  } finally {
    for (const runner of runners) runner.stop()
  }
}

const warm = async (runner: Runner.Runner, { job }: Case): Promise<void> => {
  for (let cpu = 0, wall = 0; cpu < warmUp.cpu && wall < warmUp.wall;) {
    const outcome = await runner.run(job)
    // What is wrong with it will be seen when it counts.
    if (!("measured" in outcome)) return
    cpu += outcome.measured.cpuMicros / 1_000
    wall += outcome.measured.wallMillis
  }
}

const runCase = async (
  { job, rounds: most = Infinity }: Case,
  runners: ReadonlyArray<Runner.Runner>,
  { countRequests, rounds }: { readonly rounds: number; readonly countRequests: CountRequests }
): Promise<ReadonlyArray<Outcome>> => {
  const states = runners.map((runner) => ({
    runner,
    taken: [] as Array<Measured>,
    spent: 0,
    ended: undefined as Outcome | undefined
  }))
  for (let round = 0; round < Math.min(rounds, most); round++) {
    for (const state of states) {
      if (state.ended !== undefined || state.spent > enough) continue
      const before = await countRequests()
      const outcome = await state.runner.run(job)
      if ("measured" in outcome) {
        state.spent += outcome.measured.wallMillis
        state.taken.push({ ...outcome.measured, requests: await countRequests() - before })
      } else {
        state.ended = outcome
      }
    }
  }
  return states.map(({ ended, taken }) => ended ?? { measured: medians(taken) })
}

/** The median of each number, over the rounds. */
const medians = (taken: ReadonlyArray<Measured>): Measured => {
  const keys = Object.keys(taken[0]!) as ReadonlyArray<keyof Measured>
  return Object.fromEntries(keys.map((key) => [key, median(taken.map((one) => one[key]!))])) as unknown as Measured
}
