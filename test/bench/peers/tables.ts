/** Results as tables in Markdown, padded as the formatter of this project pads them. */
import { type Contender, isLimit, isOurs, reference, titleOf, versionOf } from "./contenders.ts"
import type { Part } from "./parts.ts"
import type { Outcomes } from "./rounds.ts"

/** A contender's numbers, by the titles of the part's columns; where something failed, why. */
export interface Row {
  readonly contender: Contender
  readonly numbers: ReadonlyMap<string, number>
  readonly notes: ReadonlyArray<string>
}

/** The rows of a part, ordered by its headline, without those that have nothing to say. */
export const rowsOf = (
  part: Part,
  contenders: ReadonlyArray<Contender>,
  outcomes: ReadonlyArray<Outcomes>
): ReadonlyArray<Row> => {
  const by = ({ numbers }: Row) => numbers.get(part.headline) ?? Number.MAX_VALUE
  return contenders.map((contender) => rowOf(part, contender, outcomes))
    .filter(({ notes, numbers }) => numbers.size > 0 || notes.length > 0)
    .toSorted((a, b) => by(a) - by(b))
}

const rowOf = (part: Part, contender: Contender, outcomes: ReadonlyArray<Outcomes>): Row => {
  const numbers = new Map<string, number>()
  const notes: Array<string> = []
  for (const [index, { cells }] of part.cases.entries()) {
    const outcome = outcomes[index]!.get(contender.name)
    if (outcome === undefined || "missing" in outcome) continue
    if ("failed" in outcome) {
      notes.push(`${titleOf(contender.name)}, ${cells[0]!.title}: ${oneLine(outcome.failed)}.`)
      continue
    }
    for (const { of, title } of cells) {
      const number = of(outcome.measured)
      if (number !== undefined) numbers.set(title, number)
    }
  }
  return { contender, numbers, notes }
}

const oneLine = (text: string): string => text.replaceAll(/[|<>`*_]/g, "").replaceAll(/\s+/g, " ").slice(0, 160)

/** A part as Markdown: its heading, what it is, its table, what went wrong. */
export const sectionOf = (part: Part, rows: ReadonlyArray<Row>): string => {
  const columns = part.cases.flatMap(({ cells }) => cells)
  const notes = rows.flatMap(({ notes }) => notes)
  const unit = rows.find(({ contender }) => contender.name === reference)?.numbers.get(part.headline)
  const table = [
    ["", ...columns.map(({ title }) => title), `beside the ${titleOf(reference)}`],
    ...rows.map(({ contender, numbers }) => [
      [titleOf(contender.name), versionOf(contender) ?? ""].join(" ").trim(),
      ...columns.map(({ digits, title }) => written(numbers.get(title), digits)),
      written(ratio(numbers.get(part.headline), unit), 2, "x")
    ])
  ]
  return [
    `### ${part.title}`,
    `${part.about} The last column compares “${part.headline}”.`,
    tableOf(table),
    ...(notes.length > 0 ? [notes.map((note) => `- ${note}`).join("\n")] : [])
  ].join("\n\n")
}

/** The columns of a part in which another library is before effect-lm, a line each. */
export const behindOf = (part: Part, rows: ReadonlyArray<Row>): ReadonlyArray<string> => {
  const ours = rows.find(({ contender }) => contender.name === "effect-lm")
  const peers = rows.filter(({ contender: { name } }) => !isOurs(name) && !isLimit(name))
  return part.cases.flatMap(({ cells }) => cells).flatMap(({ digits, title }) => {
    const shown = ({ numbers }: Row) => Number(numbers.get(title)?.toFixed(digits) ?? Infinity)
    const [best] = peers.toSorted((a, b) => shown(a) - shown(b))
    if (ours === undefined || best === undefined || shown(best) >= shown(ours)) return []
    const [theirs, own] = [best, ours].map(({ numbers }) => written(numbers.get(title), digits))
    return [`- ${part.title}, ${title}: ${titleOf(best.contender.name)} ${theirs}, effect-lm ${own}`]
  })
}

const ratio = (number: number | undefined, unit: number | undefined): number | undefined =>
  number === undefined || unit === undefined ? undefined : number / unit

const written = (number: number | undefined, digits: number, unit = ""): string =>
  number === undefined
    ? "–"
    : number.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits }) + unit

const tableOf = ([head, ...rows]: ReadonlyArray<ReadonlyArray<string>>): string => {
  const widths = head!.map((_, column) => Math.max(3, ...[head!, ...rows].map((row) => row[column]!.length)))
  const line = (row: ReadonlyArray<string>) =>
    `| ${
      row.map((cell, column) => column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)).join(" | ")
    } |`
  const rule = widths.map((width, column) => column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)
  return [line(head!), `| ${rule.join(" | ")} |`, ...rows.map(line)].join("\n")
}
