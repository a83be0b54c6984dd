/** The text of a web page. */

/**
 * The words of a page, without its markup, scripts and styles. It is read once, from left to right: a page may be written so
 * that a search from every tag to its end takes minutes.
 */
export const textOf = (html: string): string =>
  withoutMarkup(html)
    .replace(/&(?:amp|lt|gt|quot|nbsp|#39);/g, (entity) => entities.get(entity) ?? entity)
    .replace(/\s+/g, " ")
    .trim()

/** The page with a space for each tag and comment, and for each element that shows nothing. */
const withoutMarkup = (html: string): string => {
  const pieces: Array<string> = []
  const search = searchIn(html)
  let from = 0
  let start = html.indexOf("<")
  while (start !== -1) {
    const end = markupEnd(html, start, search)
    if (end === undefined) {
      start = html.indexOf("<", start + 1)
      continue
    }
    pieces.push(html.slice(from, start))
    from = end
    start = html.indexOf("<", from)
  }
  return [...pieces, html.slice(from)].join(" ")
}

/** Where what begins with this `<` ends, if it is markup: a page that breaks off inside of it has no end of it. */
const markupEnd = (html: string, start: number, search: Search): number | undefined => {
  const begins = html.slice(start + 1, start + 10)
  if (begins.startsWith("!--")) return search(comment, start + 2)
  if (!/^[a-z/!?]/i.test(begins)) return undefined
  const end = search(tag, start)
  const name = hidden.exec(begins)?.[1]?.toLowerCase()
  const closing = name === undefined ? undefined : closings.get(name)
  return end === undefined || closing === undefined ? end : search(closing, end) ?? end
}

/** Finds the end of the next match at or behind a place. */
type Search = (pattern: RegExp, from: number) => number | undefined

/** What is not there from one place on is not there from a later one, and is not searched for again. */
const searchIn = (html: string): Search => {
  const missing = new Set<RegExp>()
  return (pattern, from) => {
    if (missing.has(pattern)) return undefined
    pattern.lastIndex = from
    const found = pattern.exec(html)
    if (found === null) missing.add(pattern)
    return found === null ? undefined : found.index + found[0].length
  }
}

const comment = /-->/g

const tag = />/g

/** The beginning of an element whose text is not shown. */
const hidden = /^(script|style|head|svg|template|noscript)\b/i

const closings: ReadonlyMap<string, RegExp> = new Map(
  ["script", "style", "head", "svg", "template", "noscript"].map((
    name
  ) => [name, new RegExp(`</${name}\\b[^>]{0,100}>`, "gi")])
)

const entities: ReadonlyMap<string, string> = new Map([
  ["&amp;", "&"],
  ["&lt;", "<"],
  ["&gt;", ">"],
  ["&quot;", "\""],
  ["&nbsp;", " "],
  ["&#39;", "'"]
])
