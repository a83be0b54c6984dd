/**
 * What is nearly a marker, looked for at the end of a reply that lacks a field or its last marker: `[ ## note ## ]]`,
 * `[[ ## note (optional) ## ]]`, `## note ##`, `[[note]]`.
 *
 * A line of which three sides of a marker are left, with a hash, can be nothing else. A line with less may be a heading or a
 * link: it stands for its field only where the reply cannot be read without it.
 */
import { labelOf, patternOf } from "../internal/prompt/inert.ts"
import { foldName, isOneOff } from "../internal/spelling.ts"
import { fencedLines } from "./fences.ts"
import { completed } from "./marker.ts"

export interface Near {
  /** The text with markers in place of the lines that can only be markers. Undefined if there is no such line. */
  readonly sure: string | undefined
  /** The text with markers in place of the lines that may be something else too. */
  readonly likely: string | undefined
  /** The fields that these lines, and what else looks like a marker, may belong to. */
  readonly doubts: ReadonlySet<string>
  /** Whether a line that is not the last may be the last marker. */
  readonly mayEnd: boolean
}

interface Options {
  readonly resolve: (spelling: string) => string | undefined
  readonly isInput: (spelling: string) => boolean
  /** The fields that the reply lacks. */
  readonly lacking: ReadonlySet<string>
  /** Whether the last marker was there. */
  readonly isEnded: boolean
}

export const nearMarkers = (text: string, { isEnded, isInput, lacking, resolve }: Options): Near => {
  if (!mayHave.test(text)) return none
  const pieces = text.split(lineEnd)
  const lines = pieces.filter((_, index) => index % 2 === 0)
  const begin = lines.findIndex((line) => line.trim() !== "")
  const last = lines.findLastIndex((line) => line.trim() !== "")
  // Markers inside a code fence do not count, unless the fence is around the whole reply: its first line is left out here.
  const fenced = fencedLines(lines.map((line, index) => index === begin && isFence.test(line) ? "" : line))
  const sure = new Map<number, string>()
  const likely = new Map<number, string>()
  const doubts = new Set<string>()
  let mayEnd = false
  lines.forEach((line, index) => {
    if (!mayHave.test(line) || fenced.has(index)) return
    if (index !== last && half.test(line)) {
      for (const name of lacking) doubts.add(name)
      mayEnd = true
    }
    const exact = marker.exec(line)?.[1]
    const marked = exact === undefined ? undefined : resolve(exact)
    if (marked === undefined || lacking.has(marked)) {
      for (const name of lacking) if (isMisspelt(line, name)) doubts.add(name)
    }
    const divided = dividedLine(line, lacking, resolve)
    if (divided !== undefined) likely.set(index, divided)
    const found = divided === undefined ? readLine(line) : undefined
    if (found === undefined) return
    const { hasHash, isHeading, isSingle, sides, spelling } = found
    const direct = resolve(spelling)
    const name = direct ?? resolve(withoutRemarks(spelling))
    if (name === undefined && foldName(spelling) === completed) {
      if (isMarked(line)) return
      const isLastLine = index === last && index > begin && !isSingle && (hasHash || sides === 2)
      if (!isEnded && (isLastLine || (hasHash && sides >= 3))) sure.set(index, written(completed))
      else if (!isEnded && sides === 2) mayEnd = true
    } else if (isInput(spelling)) return
    else if (name !== undefined && lacking.has(name)) {
      doubts.add(name)
      if (sides >= 3 && hasHash) sure.set(index, written(name))
      else if (sides === 2 || (isHeading && direct !== undefined)) likely.set(index, written(name))
      else doubts.delete(name)
    } else if (sides >= 3 && hasHash) {
      if (name !== undefined && direct === undefined) doubts.add(name)
      for (const other of lacking) if (isLike(spelling, other)) doubts.add(other)
    }
  })
  if (!isEnded && last > begin) {
    const isExact = foldName(marker.exec(lines[last]!)?.[1] ?? "") === completed
    if (!isExact && isMisspelt(lines[last]!, completed)) sure.set(last, written(completed))
    else if (lastWord.test(lines[last]!) && !marker.test(lines[last - 1]!)) mayEnd = true
  }
  for (const name of lacking) {
    const label = labelOf(name)
    if (lines.some((line, index) => !fenced.has(index) && label.test(line) && !isMarked(line))) doubts.add(name)
    const looksLike = new RegExp(
      `(?<!["'\`])(?:\\[\\[[\\s#]{0,6}|#[ \\t]{0,3})${patternOf([name])}\\s{0,3}[#\\]]`,
      "i"
    )
    const isThere = (line: string, index: number) =>
      (line.includes("[") || line.includes("#")) && !fenced.has(index) && looksLike.test(line)
    if (lines.some(isThere)) doubts.add(name)
  }
  // What is left of a marker that is broken over lines stands above it or below.
  const lineOf = (markers: ReadonlyMap<number, string>, line: string, index: number) =>
    markers.get(index) ??
      ((markers.has(index - 1) && restBelow.test(line)) || (markers.has(index + 1) && restAbove.test(line)) ? "" : line)
  const replaced = (markers: ReadonlyMap<number, string>) =>
    pieces.map((piece, index) => index % 2 === 0 ? lineOf(markers, piece, index / 2) : piece).join("")
  const all = [...sure.values(), ...likely.values()]
  const isOneEach = likely.size > 0 && new Set(all).size === all.length
  return {
    sure: sure.size > 0 ? replaced(sure) : undefined,
    likely: isOneEach ? replaced(new Map([...sure, ...likely])) : undefined,
    doubts,
    mayEnd
  }
}

/** The last marker's name, and marks around it. */
const lastWord = /^[^\p{L}\p{N}]*completed[^\p{L}\p{N}]*$/iu
const isMarked = (line: string): boolean => marker.test(line)

/** Every line that is nearly a marker has one of these. */
const mayHave = /[#[\]]|\*\*|__/
const none: Near = { sure: undefined, likely: undefined, doubts: new Set(), mayEnd: false }

const written = (name: string): string => `[[ ## ${name} ## ]]`

/**
 * A line with several sections, in lines of their own: all fields that are missing are on it, each once and with text, and the
 * last marker at its end.
 */
const dividedLine = (
  line: string,
  lacking: ReadonlySet<string>,
  resolve: (spelling: string) => string | undefined
): string | undefined => {
  if (!line.includes("[[")) return undefined
  const parts = line.split(marker)
  const spellings = parts.filter((_, index) => index % 2 === 1)
  const texts = parts.slice(2).filter((_, index) => index % 2 === 0)
  if (spellings.length < 3 || foldName(spellings.pop()!) !== completed || texts.pop()!.trim() !== "") return undefined
  const names = spellings.map(resolve)
  const known = new Set(names)
  const isSure = known.size === names.length && [...lacking].every((name) => known.has(name)) &&
    !/["'`]$/.test(parts[0]!) && texts.every((text) => text.trim() !== "" && !listed.test(text))
  if (!isSure || known.has(undefined)) return undefined
  return [parts[0]!, ...names.map((name, index) => `${written(name!)}\n${texts[index]!}`), written(completed)].join(
    "\n"
  )
}

interface Line {
  readonly spelling: string
  /** How many of a marker's sides are there: brackets and hashes before the name, and behind it. */
  readonly sides: number
  readonly hasHash: boolean
  /** A heading in Markdown, or a line in bold. */
  readonly isHeading: boolean
  /** It has at most one bracket on each side. */
  readonly isSingle: boolean
}

/** Reads a line on which nothing stands but a name, and something of a marker. */
const readLine = (line: string): Line | undefined => {
  if (line.length > mostLine) return undefined
  const bare = line.replaceAll("\\", "").replace(decoration, "")
  let start = 0
  while (before.includes(bare[start] ?? "x")) start++
  let end = bare.length
  while (end > start && behind.includes(bare[end - 1]!)) end--
  const spelling = bare.slice(start, end)
  const left = bare.slice(0, start)
  // With a space between its brackets a marker is quoted, as prompts do it.
  if (spelling === "" || quotedMarker.test(left)) return undefined
  const right = bare.slice(end)
  const hashes = [left.includes("#"), right.includes("#")].filter(Boolean).length
  const brackets = [opening, closing].map((side, index) => side.test(index === 0 ? left : right)).filter(Boolean).length
  const isBold = hashes + brackets === 0 && bold.test(line)
  if (hashes === 0 && brackets < 2 && !isBold) return undefined
  return {
    spelling,
    sides: hashes + brackets,
    hasHash: hashes > 0,
    isHeading: isBold || (brackets === 0 && !right.includes("#")),
    isSingle: hashes === 0 && !(left.includes("[[") && right.includes("]]"))
  }
}

/** Whether a line with signs of a marker has the name's letters and no others, or a letter is wrong. */
const isMisspelt = (line: string, name: string): boolean => {
  if (line.length > name.length + mostSigns || !signs.test(line)) return false
  const [a, b] = [lettersOf(line), lettersOf(name)]
  return b.length < leastSimilar ? a === b : isOneOff(a, b)
}

const lettersOf = (text: string): string => foldName(text).replaceAll(/[^\p{L}\p{N}]/gu, "")

/** Shorter names are all alike. */
const leastSimilar = 3

/** A name without what replies add to it: a number, a type, a remark in brackets. */
const withoutRemarks = (spelling: string): string =>
  spelling.replace(/^\d{1,3}[.)]\s*/, "").replace(/^(?:output|field|section)s?\b[\s:]+/i, "").replace(/[([{<:].*$/, "")
    .replace(/\s+(?:field|section)\s*$/i, "").trim()

/** Whether the spelling may be meant for the name: it holds it, or one letter is another. */
const isLike = (spelling: string, name: string): boolean => {
  const [a, b] = [foldName(spelling), foldName(name)]
  if (b.length < leastSimilar) return spelling.toLowerCase().split(/[^\p{L}\p{N}]+/u).includes(b)
  return a.includes(b) || isOneOff(a, b)
}

const lineEnd = /(\r\n|[\r\n])/
const isFence = /^\s*(?:```|~~~)/
const decoration = /^[-+*•>_~`\s]*(?:\d{1,3}[.)]\s)?[*_~`\s]*/
const marker = /\[\[[ \t]*#+[ \t]*([^#[\]]{1,100}?)[ \t]*#+[ \t]*\]\]/
/** How text goes on behind a marker that is merely spoken of. */
const listed = /^\s*(?:[.,;!?)"'`]|(?:and|or|then|next|with|as|in|is|are|was|were|to|for|section|marker|field)\b)/i
const bold = /^\s*(?:[-*+>]\s+)?(?:\*\*|__)[^*_]+:?(?:\*\*|__):?\s*$/
const restBelow = /^[ \t]*#{0,2}[ \t]*\]{1,2}[ \t]*$/
const restAbove = /^[ \t]*\[{1,2}[ \t]*#{0,2}[ \t]*$/
/** A line with one half of a marker, whose other half is missing or on another line. */
const half = /^\s*\[\[[ \t]*#[^\]]{0,100}$|^[^[]{0,100}#[ \t]*\]\]\s*$/
const signs = /\[\[|\]\]|#|＃/
const mostSigns = 30
const quotedMarker = /\[\s+\[/
const opening = /[[({]/
const closing = /[\])}]/
const before = "[({# \t"
const behind = "])}#*_~`: \t."
const mostLine = 200
