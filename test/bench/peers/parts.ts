/** What is measured: the parts of a run, the cases of each, and the numbers that are shown of a case. */
import type { Job, Measured } from "./peer.ts"

/** A number that is shown: a column. */
export interface Cell {
  readonly title: string
  readonly of: (measured: Measured) => number | undefined
  readonly digits: number
}

export interface Case {
  readonly job: Job
  readonly cells: ReadonlyArray<Cell>
  /** The most rounds that it takes, where that is fewer than were asked for. */
  readonly rounds?: number
}

export interface Part {
  readonly title: string
  /** What the numbers are, and what was done. */
  readonly about: string
  readonly cases: ReadonlyArray<Case>
  /** The column that orders the rows, is compared with the reference, and is in the chart. */
  readonly headline: string
  /** What the chart says above it. */
  readonly charted: string
}

const count = (n: number): string => n.toLocaleString("en-US")

const streaming = (tokens: number, times: number, rounds?: number): Case => ({
  job: { kind: "stream", tokens, times },
  cells: [{ title: count(tokens), of: ({ cpuMicros }) => cpuMicros / tokens / times, digits: 1 }],
  ...(rounds === undefined ? {} : { rounds })
})

const objects = (tokens: number, times: number, rounds?: number): Case => ({
  ...streaming(tokens, times, rounds),
  job: { kind: "object", tokens, times }
})

const calls = (concurrency: number, times: number): Case => ({
  job: { kind: "call", concurrency, times },
  cells: [{ title: count(concurrency), of: ({ cpuMicros }) => cpuMicros / times, digits: 0 }]
})

const crowd = (streams: number): Case => ({
  job: { kind: "crowd", streams },
  rounds: 2,
  cells: [
    { title: `${count(streams)}: KB each`, of: ({ bytes }) => bytes && bytes / streams / 1_024, digits: 1 },
    { title: `${count(streams)}: CPU ms each`, of: ({ cpuMicros }) => cpuMicros / streams / 1_000, digits: 1 },
    { title: `${count(streams)}: first, ms`, of: ({ firstMillis }) => firstMillis, digits: 0 },
    { title: `${count(streams)}: 99 %, ms`, of: ({ lastMillis }) => lastMillis, digits: 0 }
  ]
})

const runs = 10

export const parts: Readonly<Record<string, Part>> = {
  streaming: {
    title: "Streaming two fields",
    about:
      "CPU µs a token, by the length of the reply in tokens. Libraries without fields show the text as it comes; " +
      "effect-lm, ax and DSPy show two fields apart, without their markers.",
    cases: [streaming(1_000, 10), streaming(5_000, 4), streaming(20_000, 1), streaming(100_000, 1, 3)],
    headline: count(20_000),
    charted: "Streaming two fields: CPU µs a token of 20,000"
  },
  objects: {
    title: "Streaming an object",
    about: "CPU µs a token, where a text and a list of texts are read as a value that grows. The limits " +
      "parse once, at the end. The openai SDK parses again when the text has grown by half, and ax gives items in bursts; " +
      "the others have a new value for every network read or token.",
    cases: [objects(1_000, 2), objects(3_000, 1), objects(10_000, 1, 3)],
    headline: count(10_000),
    charted: "Streaming an object: CPU µs a token of 10,000"
  },
  calls: {
    title: "Calls",
    about: "CPU µs a call, by how many are under way at once.",
    cases: [calls(1, 200), calls(64, 640), calls(256, 768), calls(1_000, 1_000)],
    headline: count(64),
    charted: "Calls: CPU µs each, 64 at once"
  },
  crowds: {
    title: "Streams at the same time",
    about:
      "Of a model that writes for three seconds, and ends no stream before all have begun: the memory of each when " +
      "all are under way, the CPU of each, and when half of them and 99 in 100 had shown their first text.",
    cases: [crowd(100), crowd(1_000)],
    headline: `${count(1_000)}: KB each`,
    charted: "1,000 streams at once: KB of memory each"
  },
  agents: {
    title: "An agent of ten tool calls",
    about:
      "A run of an agent whose model calls a tool ten times, one after the other, and then answers. DSPy asks for its " +
      "calls in text. DSPy asks once more for the fields of the answer.",
    cases: [{
      job: { kind: "agent", times: runs },
      cells: [
        { title: "CPU ms a run", of: ({ cpuMicros }) => cpuMicros / runs / 1_000, digits: 1 },
        { title: "ms a run", of: ({ wallMillis }) => wallMillis / runs, digits: 1 },
        { title: "requests", of: ({ requests }) => requests && requests / runs, digits: 0 }
      ]
    }],
    headline: "CPU ms a run",
    charted: "An agent of ten tool calls: CPU ms a run"
  }
}
