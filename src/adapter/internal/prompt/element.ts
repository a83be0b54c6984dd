/**
 * Text in an element: how values stand in a prompt, and a reply's fields, where the adapter is XML.
 */
import { type Inert, patternOf } from "./inert.ts"

export const element = (name: string, text: string): string => `<${name}>\n${text}\n</${name}>`

/**
 * Writes text so that no tag of these names stands in it: `<answer>` becomes `&lt;answer>`, and `&lt;answer>` becomes
 * `&amp;lt;answer>`, so that one can be told from the other. `<answer&gt;` becomes `&amp;lt;answer&gt;`, since a reply whose
 * markup is all escaped is read without that. All other markup stays as it is.
 */
export const withoutTags = (names: ReadonlyArray<string>): Inert => {
  const name = patternOf(names)
  const tag = `(?:\\/?${name}|[\\s\\\\/]{1,16}${name}[\\s\\\\/]{0,16}>)`
  const first = new RegExp(`<(?=${tag}([^<>]{0,256}?&gt;)?)|&(?=(?:amp;)*lt;${tag})`, "gi")
  return (text) =>
    text.replace(
      first,
      (character: string, escaped: string | undefined) =>
        character === "&" ? "&amp;" : escaped === undefined ? "&lt;" : "&amp;lt;"
    )
}
