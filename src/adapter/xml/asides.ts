/**
 * Parts of a text that do not belong to the reply: comments, and elements whose names say that they hold an example, a draft
 * or a thought.
 */

/** What is skipped up to its end. */
export interface Aside {
  /** The name of its element; a comment has no name. */
  readonly name: string | undefined
  /** How many elements of that name are open in it. */
  depth: number
}

export const asideOf = (name: string | undefined): Aside => ({ name, depth: 0 })

/** Whether an element of that name holds something other than the reply. */
export const isAsideName = (name: string): boolean => {
  if (name.length < shortest) return false
  const words = name.replaceAll(/([a-z])(?=[A-Z])/g, "$1 ").toLowerCase().split(/[^a-z]+/)
  return words.some((word) => asides.has(word)) && !words.some((word) => replies.has(word)) ||
    (words.length === 1 && thoughts.has(words[0]!))
}

const asides: ReadonlySet<string> = new Set([
  "example",
  "examples",
  "draft",
  "drafts",
  "scratchpad",
  "scratch",
  "template"
])
const shortest = "draft".length
const replies: ReadonlySet<string> = new Set(["final", "answer", "answers", "reply", "result", "results"])
const thoughts: ReadonlySet<string> = new Set([
  "think",
  "thinking",
  "thought",
  "thoughts",
  "reasoning",
  "reflection",
  "brainstorm",
  "monologue"
])

/** Skips what stands in an aside from `from` on: whether it ends, and where; what is left there may be the beginning of a tag. */
export const skipAside = (
  aside: Aside,
  text: string,
  from: number
): { readonly at: number; readonly isOver: boolean } => {
  const { name } = aside
  if (name === undefined) {
    const end = text.indexOf("-->", from)
    return end === -1 ? { at: Math.max(from, text.length - 2), isOver: false } : { at: end + 3, isOver: true }
  }
  const most = name.length + mostSpace
  for (let at = text.indexOf("<", from); at !== -1; at = text.indexOf("<", at + 1)) {
    const window = text.slice(at, at + most)
    const end = window.indexOf(">")
    if (end === -1) {
      if (at + window.length === text.length) return { at, isOver: false }
      continue
    }
    const tag = window.slice(1, end).toLowerCase()
    if (tag.trim() === name) aside.depth++
    else if (tag.startsWith("/") && tag.slice(1).trim() === name && --aside.depth < 0) {
      return { at: at + end + 1, isOver: true }
    }
  }
  return { at: text.length, isOver: false }
}

const mostSpace = 16
