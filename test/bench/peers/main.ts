/**
 * Measures the library beside its peers, in one run, against a server in another process: `npm run bench:peers`.
 *
 * Every contender has a process of its own; they take turns, and what is shown are medians. A whole run writes
 * `docs/performance.md` and `docs/performance.svg`; one with `--only` or `--peers` just prints. What the contenders need is
 * installed beside this file at first.
 */
import { fork } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { availableParallelism, cpus, loadavg } from "node:os"
import { parseArgs } from "node:util"
import { chartOf, type Panel } from "./chart.ts"
import { contenders } from "./contenders.ts"
import { install } from "./install.ts"
import { type Part, parts } from "./parts.ts"
import { type CountRequests, runPart } from "./rounds.ts"
import { isBuilt } from "./runner.ts"
import { behindOf, rowsOf, sectionOf } from "./tables.ts"

const say = (line: string) => process.stdout.write(`${line}\n`)

/** How far it is, for who waits. */
const tell = (line: string) => process.stderr.write(`... ${line}\n`)

/** The values of a flag, with commas between, each of which must be one of some names. */
const chosen = (flag: string, value: string | undefined, names: ReadonlyArray<string>): ReadonlyArray<string> => {
  if (value === undefined) return names
  const words = value.split(",")
  const unknown = words.find((word) => !names.includes(word))
  if (unknown !== undefined) throw new Error(`--${flag} knows ${names.join(", ")}, and not ${JSON.stringify(unknown)}`)
  return words
}

const serve = async (): Promise<{ baseUrl: string; countRequests: CountRequests; stop: () => void }> => {
  const server = fork(new URL("../server.ts", import.meta.url), { stdio: "inherit" })
  const heard = () => new Promise<unknown>((resolve) => server.once("message", resolve))
  const port = Number(await heard())
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    countRequests: async () => {
      const answer = heard()
      server.send("requests")
      return (await answer as { readonly requests: number }).requests
    },
    stop: () => server.disconnect()
  }
}

const machine = (): string =>
  `${cpus()[0]?.model.trim() ?? "unknown CPU"}, ${availableParallelism()} cores, Node ${process.version}`

const page = new URL("../../../docs/performance.md", import.meta.url)
const picture = new URL("../../../docs/performance.svg", import.meta.url)

/** Puts the results into the page, between its marks. */
const publish = (results: string, panels: ReadonlyArray<Panel>, caption: string): void => {
  const [begin, end] = ["<!-- results -->", "<!-- /results -->"]
  const text = readFileSync(page, "utf8")
  const before = text.slice(0, text.indexOf(begin) + begin.length)
  writeFileSync(page, `${before}\n\n${results}\n\n${text.slice(text.indexOf(end))}`)
  writeFileSync(picture, chartOf(panels, caption))
}

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      only: { type: "string" },
      peers: { type: "string" },
      rounds: { type: "string", default: "7" }
    }
  })
  const rounds = Number(values.rounds)
  if (!Number.isSafeInteger(rounds) || rounds < 1) {
    throw new Error(`--rounds is a whole number from 1, and not ${values.rounds}`)
  }
  const wanted = chosen("only", values.only, Object.keys(parts))
  const names = chosen("peers", values.peers, contenders.map(({ name }) => name))
  const load = loadavg()[0]!.toFixed(1)
  const { able, notes } = install(contenders.filter(({ name }) => names.includes(name)), tell)

  const sections: Array<string> = []
  const panels: Array<Panel> = []
  const behind: Array<string> = []
  const { baseUrl, countRequests, stop } = await serve()
  try {
    for (const name of wanted) {
      const part: Part = parts[name]!
      const those = able.filter(({ only = name }) => only === name)
      const rows = rowsOf(part, those, await runPart(part, those, { baseUrl, rounds, countRequests, tell }))
      sections.push(sectionOf(part, rows))
      panels.push({ title: part.charted, headline: part.headline, rows })
      behind.push(...behindOf(part, rows))
      say(`\n${sections.at(-1)}`)
    }
  } finally {
    stop()
  }

  const date = new Date().toISOString().slice(0, 10)
  const caption = `${date}, ${machine()}.`
  const command = ["npm run bench:peers", ...process.argv.slice(2).length > 0 ? ["--", ...process.argv.slice(2)] : []]
  const about = [
    `\`${command.join(" ")}\` on ${date}: ${machine()}, load ${load} before.`,
    `${rounds === 1 ? "One round" : `Medians of ${rounds} rounds`}; effect-lm from ${
      isBuilt ? "its built `dist`" : "its source"
    }.`,
    ...notes
  ].join("\n")
  const where = behind.length === 0
    ? "No library is before effect-lm in any column."
    : `### Where effect-lm is not first\n\nThe first library of each column that effect-lm does not lead:\n\n${
      behind.join("\n")
    }`
  say(`\n${where}\n\n${about}`)
  if (values.only !== undefined || values.peers !== undefined) return
  publish([about, ...sections, where].join("\n\n"), panels, caption)
  say("\nWritten: docs/performance.md, docs/performance.svg")
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 2
})
