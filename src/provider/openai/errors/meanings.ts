/**
 * What providers mean by their errors: a table, read from its first row to its last. The first row that matches decides.
 *
 * Codes and types are what a provider means. Words are for the many services that share the words more than the codes: each
 * pattern is what at least one of them writes, and lower case is enough.
 */
import { type Facts, kind } from "./facts.ts"
import { access } from "./table/access.ts"
import { content } from "./table/content.ts"
import { limits } from "./table/limits.ts"
import { requests } from "./table/requests.ts"
import type { Row } from "./table/row.ts"
import { sizes } from "./table/sizes.ts"
import { written } from "./table/written.ts"

/** The table. A row may rely on those before it, in its own part and in others. */
export const rows: ReadonlyArray<Row> = [...written, ...limits, ...sizes, ...content, ...access, ...requests]

/** The first row that matches; none where the status alone has to say it. */
export const find = (facts: Facts, status: number | undefined): Row | undefined => {
  const words = `${facts.words.slice(0, longest).replace(echo, "")}\n${facts.names.slice(0, longest)}`.toLowerCase()
  return compiled.find(({ kinds, row }) => {
    const { at, forever, says, unless } = row
    if (at !== undefined && !at.includes(place(status)) && (status === undefined || !at.includes(status))) return false
    if (forever !== undefined && forever === (facts.delay !== undefined)) return false
    if (unless?.test(words)) return false
    return (status !== undefined && row.status?.includes(status)) || kinds.some((one) => facts.kinds.has(one)) ||
      says?.some((pattern) => pattern.test(words))
  })?.row
}

/** How much of a message is looked at: what is longer is a page, or repeats the request. */
const longest = 20_000

/** What Python servers repeat of the request, where it is not as they want it. */
const echo = /input_value=[^]{0,1000}?, input_type=/g

const compiled = rows.map((row) => ({ row, kinds: (row.kinds ?? []).map(kind) }))

const place = (status: number | undefined): "5xx" | "stream" | number =>
  status === undefined ? "stream" : status >= 500 ? "5xx" : status
