/**
 * The API reference: one Markdown page a public module, in the order of its source, and a page that lists them by room.
 */
import { dirname, relative } from "node:path"
import type { PublicModule, Room } from "./publicModules.ts"
import type { Export } from "./source.ts"

/** A page, and its path from the root of the package. */
export interface Page {
  readonly path: string
  readonly text: string
}

/** Where the page is that lists all others. */
export const index = "docs/api/README.md"

/** All pages of the reference, the list first. */
export const pages = (root: string, rooms: ReadonlyArray<Room>): ReadonlyArray<Page> => [
  { path: index, text: indexOf(rooms) },
  ...rooms.flatMap(({ modules }) => modules.map((module) => ({ path: pathOf(module), text: pageOf(root, module) })))
]

/** The path of a module's page. */
export const pathOf = ({ name, room }: PublicModule): string => `docs/api/${room}/${name}.md`

/** What a module is, in one sentence: its own, or that of what has its name. */
export const sentenceOf = ({ name, source }: PublicModule): string =>
  name === "index"
    ? `Types of the room itself: ${source.exports.map((it) => `\`${it.name}\``).join(", ")}.`
    : firstSentence(source.doc) || firstSentence(source.exports.find((it) => it.name === name)?.doc ?? "")

// Pages

const indexOf = (rooms: ReadonlyArray<Room>): string =>
  written([
    "# API reference",
    "Made from the docstrings of the source, module by module. To learn how things work together, begin with [the guides](../README.md).",
    ...rooms.flatMap(({ doc, modules, name }) => [
      `## effect-lm/${name}`,
      firstSentence(doc),
      modules.map((module) => `- [${module.name}](${module.room}/${module.name}.md): ${sentenceOf(module)}`).join("\n")
    ])
  ])

const pageOf = (root: string, module: PublicModule): string => {
  const { all, source, specifier } = module
  const to = (path: string) => relative(dirname(pathOf(module)), path).replaceAll("\\", "/")
  const file = relative(root, source.path).replaceAll("\\", "/")
  return written([
    `# ${specifier}`,
    module.name === "index" ? sentenceOf(module) : prose(source.doc, source.exports),
    fence(importLines(module).join("\n// or\n")),
    `Source: [${file}](${to(file)}). All modules: [API reference](${to(index)}).`,
    ...all.map((other) => `It also exports everything of [${other.name}](${to(pathOf(other))}).`),
    ...source.exports.flatMap((it, at) => [
      it.section === source.exports[at - 1]?.section || it.section === "" ? "" : `## ${it.section}`,
      `### ${it.name}`,
      fence(it.code),
      otherNames(module, it),
      prose(it.doc, source.exports)
    ])
  ])
}

/** How the entries call it, where that is another name than the module's own. */
const otherNames = ({ imports }: PublicModule, { name }: Export): string =>
  [...imports].flatMap(([entry, names]) =>
    names.filter((it) => it.original === name && it.name !== name).map((it) => `In \`${entry}\` it is \`${it.name}\`.`)
  ).join(" ")

/** How a module, or what is in it, is imported: from the entries that have it, else by itself. */
const importLines = ({ imports, name, specifier }: PublicModule): ReadonlyArray<string> => {
  const lines = [...imports].map(([entry, names]) =>
    `import { ${names.map((it) => (it.isType ? `type ${it.name}` : it.name)).join(", ")} } from "${entry}"`
  )
  const hasAll = name === "index" || [...imports.values()].flat().some(({ original }) => original === "*")
  return hasAll ? lines : [...lines, `import * as ${name} from "${specifier}"`]
}

// Text

const written = (parts: ReadonlyArray<string>): string => `${parts.filter((part) => part !== "").join("\n\n")}\n`

const fence = (code: string): string => `\`\`\`ts\n${code}\n\`\`\``

/** A docstring as Markdown: its example as code, its links to names of the same page. */
const prose = (doc: string, exports: ReadonlyArray<Export>): string => {
  const [text = "", ...examples] = doc.split(/^@example\b/m)
  return written([linked(text.trim(), exports), ...examples.map((example) => fence(example.trim()))]).trim()
}

const linked = (text: string, exports: ReadonlyArray<Export>): string =>
  text.replaceAll(
    /\{@link ([\w.]+)\}/g,
    (_, name: string) =>
      exports.some((it) => it.name === name) ? `[\`${name}\`](#${name.toLowerCase()})` : `\`${name}\``
  )

const firstSentence = (doc: string): string => {
  const [paragraph = ""] = doc.split(/\n\n|^@/m)
  const text = paragraph.replaceAll("\n", " ").replaceAll(/\{@link ([\w.]+)\}/g, "`$1`").trim()
  return /^.*?\.(?= [A-Z`]|$)/.exec(text)?.[0] ?? text
}
