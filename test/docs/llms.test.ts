/** The lists of pages: the guides for people, `llms.txt` for models, `llms-full.txt` with all of them. */
import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import * as Llms from "../../docs/generate/llms.ts"
import { roomsOf } from "../../docs/generate/publicModules.ts"
import * as Reference from "../../docs/generate/reference.ts"
import * as Pages from "./snippets.ts"

const rooms = roomsOf(Pages.root)
const [list, full] = Llms.pages(Pages.root, rooms)
const guides = Pages.paths.filter((path) => path.startsWith("docs/") && path !== "docs/README.md")
const read = (path: string) => readFileSync(join(Pages.root, path), "utf8")

describe("the list of guides", () => {
  it("has every page once, with a sentence", () => {
    const listed = read("docs/README.md")
    assert.sameMembers([...Llms.pathsOf(listed)], guides)
    assert.lengthOf(Llms.pathsOf(listed), guides.length)
    for (const line of listed.match(/^- .*$/gm)!) assert.match(line, /^- \[.+\]\(.+\): .+\.$/)
  })
})

describe("llms.txt", () => {
  it("has the form of llmstxt.org: a title, a summary, and sections of links with a line each", () => {
    const [title, summary, ...rest] = list!.text.split("\n\n")
    assert.strictEqual(title, "# effect-lm")
    assert.match(summary!, /^> .+\.$/)
    const sections = rest.slice(rest.findIndex((part) => part.startsWith("## ")))
    assert.isAbove(sections.length, 10)
    for (const [at, part] of sections.entries()) {
      if (at % 2 === 0) assert.match(part, /^## .+$/)
      else for (const line of part.trim().split("\n")) assert.match(line, /^- \[.+\]\(.+\): .+$/)
    }
  })

  it("leads to the README, to every guide and to every page of the reference", () => {
    const made = Reference.pages(Pages.root, rooms).filter(({ path }) => path !== Reference.index)
    for (const path of ["README.md", ...guides, ...made.map((page) => page.path)]) {
      assert.include(list!.text, `](${path}): `)
    }
    assert.deepStrictEqual(Pages.brokenLinks(list!, new Map(made.map(({ path, text }) => [path, text]))), [])
  })
})

describe("llms-full.txt", () => {
  it("has the README and every guide whole, in the order of the list", () => {
    const parts = full!.text.split(/^<!-- (\S+\.md) -->\n\n/m).slice(1)
    const found = parts.flatMap((path, at) => at % 2 === 0 ? [[path, parts[at + 1]!.trim()] as const] : [])
    assert.deepStrictEqual(found.map(([path]) => path), ["README.md", ...Llms.pathsOf(read("docs/README.md"))])
    for (const [path, text] of found) assert.strictEqual(text, read(path).trim())
  })
})
