/**
 * `llms.txt`, by which a model that reads the package finds its pages (https://llmstxt.org), and `llms-full.txt`, which has them all in one file.
 */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import type { Room } from "./publicModules.ts"
import * as Reference from "./reference.ts"

/** The page that lists the guides. */
const guides = "docs/README.md"

/** Both files, for the package at `root`. */
export const pages = (root: string, rooms: ReadonlyArray<Room>): ReadonlyArray<Reference.Page> => {
  const read = (path: string) => readFileSync(join(root, path), "utf8")
  const listed = read(guides)
  const intro = introOf(read("README.md"))
  return [
    { path: "llms.txt", text: listOf(intro, listed, rooms) },
    {
      path: "llms-full.txt",
      text: ["README.md", ...pathsOf(listed)].map((path) => `<!-- ${path} -->\n\n${read(path)}`).join("\n")
    }
  ]
}

/** The paths of the guides, in the order in which they are listed. */
export const pathsOf = (listed: string): ReadonlyArray<string> =>
  [...listed.matchAll(/^- \[.*?\]\((\w[\w-]*\.md)\)/gm)].map(([, name]) => `docs/${name}`)

// Details

/** The first words of the README: the title, the sentence, and what follows up to the first snippet. */
const introOf = (readme: string): { readonly title: string; readonly sentence: string; readonly more: string } => {
  const [title = "", sentence = "", more = ""] = readme.split("\n\n")
  return { title, sentence, more }
}

const listOf = (
  { more, sentence, title }: ReturnType<typeof introOf>,
  listed: string,
  rooms: ReadonlyArray<Room>
): string => {
  const sections = listed.slice(listed.indexOf("\n## ") + 1).trim().replaceAll(/\]\((?!\w+:|\.\.)/g, "](docs/")
    .replaceAll("](../", "](")
  const modules = rooms.flatMap((room) => room.modules).map((module) =>
    `- [${module.specifier}](${Reference.pathOf(module)}): ${Reference.sentenceOf(module)}`
  )
  return `${title}\n\n> ${sentence}\n\n${more}\n\n${sections}\n\n## API reference\n\n${modules.join("\n")}\n`
}
