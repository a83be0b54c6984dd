/** Results as one picture: a panel for each part, a dot for each contender, on a logarithmic scale. */
import { isLimit, isOurs, titleOf } from "./contenders.ts"
import type { Row } from "./tables.ts"

export interface Panel {
  readonly title: string
  readonly headline: string
  readonly rows: ReadonlyArray<Row>
}

const width = 760
const left = 210
const right = width - 70
const rowHeight = 20
const style = `
  text { font: 12px system-ui, sans-serif; fill: #1f2328 }
  .title { font-weight: 600; font-size: 13px }
  .small { font-size: 11px; fill: #59636e }
  .line { stroke: #d1d9e0 }
  .dot { fill: #818b98 }
  .limit .dot { fill: none; stroke: #818b98; stroke-width: 1.5 }
  .ours .dot { fill: #0969da }
  .ours text { fill: #0969da; font-weight: 600 }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc }
    .small { fill: #9198a1 }
    .line { stroke: #3d444d }
    .dot { fill: #9198a1 }
    .limit .dot { stroke: #9198a1 }
    .ours .dot { fill: #4493f8 }
    .ours text { fill: #4493f8 }
  }`

export const chartOf = (panels: ReadonlyArray<Panel>, caption: string): string => {
  let top = 28
  const drawn = panels.map((panel) => {
    const rows = panel.rows.filter(({ numbers }) => (numbers.get(panel.headline) ?? 0) > 0)
    if (rows.length === 0) return ""
    const svg = panelOf(panel, rows, top)
    top += rows.length * rowHeight + 74
    return svg
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${top + 4}" width="${width}" height="${
      top + 4
    }" role="img">`,
    `<title>effect-lm beside its peers: less is better</title>`,
    `<style>${style}\n</style>`,
    ...drawn,
    text(16, top - 10, `Less is better; scales are logarithmic. ${caption}`, "small"),
    "</svg>",
    ""
  ].join("\n")
}

const panelOf = ({ headline, title }: Panel, rows: ReadonlyArray<Row>, top: number): string => {
  const numberOf = ({ numbers }: Row) => numbers.get(headline)!
  const [low, high] = decades(rows.map(numberOf))
  const x = (number: number) => left + (right - left) * (Math.log10(number) - low) / (high - low)
  const bottom = top + 14 + rows.length * rowHeight
  const ticks = Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index))
  return [
    text(16, top, title, "title"),
    ...ticks.flatMap((tick) => [
      line(x(tick), top + 10, x(tick), bottom),
      text(x(tick), bottom + 15, written(tick), "small", "middle")
    ]),
    ...rows.map((row, index) => {
      const y = top + 24 + index * rowHeight
      const at = x(numberOf(row))
      const kind = isOurs(row.contender.name) ? "ours" : isLimit(row.contender.name) ? "limit" : "peer"
      return [
        `<g class="${kind}">`,
        text(left - 12, y + 4, nameOf(row), "", "end"),
        line(left, y, at, y),
        `<circle class="dot" cx="${at.toFixed(1)}" cy="${y}" r="5"/>`,
        text(at + 11, y + 4, written(numberOf(row)), ""),
        "</g>"
      ].join("")
    })
  ].join("\n")
}

/** The powers of ten around numbers, as exponents. */
const decades = (numbers: ReadonlyArray<number>): readonly [low: number, high: number] => {
  const low = Math.ceil(Math.log10(Math.min(...numbers))) - 1
  return [low, Math.max(low + 1, Math.ceil(Math.log10(Math.max(...numbers))))]
}

const nameOf = ({ contender: { name } }: Row): string => titleOf(name).replaceAll(/[*`]/g, "").replace(", a limit", "")

const written = (number: number): string =>
  number >= 100 ? Math.round(number).toLocaleString("en-US") : String(Number(number.toPrecision(2)))

const escaped = (words: string): string => words.replaceAll("&", "&amp;").replaceAll("<", "&lt;")

const text = (x: number, y: number, words: string, style: string, anchor = "start"): string =>
  `<text x="${x.toFixed(1)}" y="${y}" text-anchor="${anchor}"${style === "" ? "" : ` class="${style}"`}>${
    escaped(words)
  }</text>`

const line = (x1: number, y1: number, x2: number, y2: number): string =>
  `<line class="line" x1="${x1.toFixed(1)}" y1="${y1}" x2="${x2.toFixed(1)}" y2="${y2}"/>`
