import { assert, describe, it } from "@effect/vitest"
import { globSync, readFileSync } from "node:fs"
import { dirname, join, normalize } from "node:path"

const root = join(import.meta.dirname, "..")
const read = (file: string) => readFileSync(join(root, file), "utf8")

/** The folders of `src`, in the order in which CONTRIBUTING.md tells of them. */
const rooms = [...read("CONTRIBUTING.md").matchAll(/^\| `src\/(\w+)`/gm)].map(([, room]) => room!)

/** What a source file imports of this package, as paths from the root. */
const importsOf = (file: string) =>
  [...read(file).matchAll(/(?:from|import) ?\(?"(\.{1,2}\/[^"]+|#node\/[^"]+)"/g)].map(([, name]) =>
    name!.startsWith("#node/") ? `src/${name!.slice("#node/".length)}.ts` : normalize(join(dirname(file), name!))
  )

const roomOf = (file: string) => file.split("/")[1]!

const sources = globSync("src/*/**/*.ts", { cwd: root })

describe("rooms", () => {
  it("CONTRIBUTING.md has every folder of the sources", () => {
    assert.deepStrictEqual(rooms.toSorted(), [...new Set(sources.map(roomOf))].toSorted())
  })

  it("a folder imports only from the folders above it", () => {
    const upwards = sources.flatMap((file) =>
      importsOf(file)
        .filter((imported) => rooms.indexOf(roomOf(imported)) > rooms.indexOf(roomOf(file)))
        .map((imported) => `${file} imports ${imported}`)
    )
    assert.deepStrictEqual(upwards, [])
    assert.isAbove(sources.flatMap(importsOf).length, sources.length)
  })
})
