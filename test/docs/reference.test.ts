/**
 * The API reference that is made from the source: every name that can be imported is in it, and every one says what it is.
 */
import { assert, describe, it } from "@effect/vitest"
import * as EffectLM from "effect-lm"
import { execFileSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { roomsOf } from "../../docs/generate/publicModules.ts"
import * as Reference from "../../docs/generate/reference.ts"
import * as Pages from "./snippets.ts"

const rooms = roomsOf(Pages.root)
const modules = rooms.flatMap((room) => room.modules)
const pages = Reference.pages(Pages.root, rooms)

describe("docstrings", () => {
  it("every room and every module says what it is, in a sentence", () => {
    assert.deepStrictEqual(rooms.filter(({ doc }) => doc === "").map(({ name }) => `src/${name}/index.ts`), [])
    assert.deepStrictEqual(modules.filter((it) => Reference.sentenceOf(it) === "").map((it) => it.source.path), [])
  })

  it("every export has one", () => {
    const missing = modules.flatMap(({ source }) =>
      source.exports.filter(({ doc }) => doc === "").map(({ from, original }) => `${from}: ${original}`)
    )
    assert.deepStrictEqual(missing, [])
  })
})

describe("the reference", () => {
  it("has every value that a module has when it is loaded", { timeout: 60_000 }, async () => {
    for (const { all, source } of modules.filter(({ name }) => name !== "index")) {
      const told = [source, ...all.map((other) => other.source)].flatMap((it) => it.exports)
      assert.sameMembers(
        told.filter(({ isType }) => !isType).map(({ name }) => name),
        Object.keys(await import(source.path)),
        source.path
      )
    }
  })

  it("says how each name of effect-lm is imported", () => {
    const names = modules.flatMap(({ imports }) => imports.get("effect-lm") ?? [])
    assert.deepStrictEqual(
      names.filter(({ isType }) => !isType).map(({ name }) => name).toSorted(),
      Object.keys(EffectLM).toSorted()
    )
  })

  it("has a page for each module, all of them in the list, and links that lead somewhere", () => {
    const made = new Map(pages.map(({ path, text }) => [path, text]))
    assert.strictEqual(made.size, modules.length + 1)
    const list = made.get(Reference.index)!
    for (const module of modules) {
      assert.include(list, `](${Reference.pathOf(module).replace("docs/api/", "")})`)
    }
    assert.deepStrictEqual(pages.flatMap((page) => Pages.brokenLinks(page, made)), [])
  })

  it("is written into a folder by its script, with the lists for models, and nothing of a run before stays", () => {
    const out = mkdtempSync(join(tmpdir(), "effect-lm-docs-"))
    try {
      mkdirSync(join(out, "docs/api/gone"), { recursive: true })
      execFileSync(process.execPath, [join(Pages.root, "docs/generate/main.ts"), out])
      for (const { path, text } of pages) assert.strictEqual(readFileSync(join(out, path), "utf8"), text)
      for (const name of ["llms.txt", "llms-full.txt"]) assert.isTrue(existsSync(join(out, name)), name)
      assert.isFalse(existsSync(join(out, "docs/api/gone")))
    } finally {
      rmSync(out, { recursive: true })
    }
  })
})

/** The pages of a small package: its files by path, with `src/a/index.ts` and `src/b/index.ts` as entries. */
const pagesOf = (files: Readonly<Record<string, string>>): ReadonlyMap<string, string> => {
  const root = mkdtempSync(join(tmpdir(), "effect-lm-reference-"))
  const entry = (file: string) => ({ "effect-lm-source": file, default: "./dist.js" })
  const manifest = {
    name: "small",
    exports: {
      "./package.json": "./package.json",
      ".": entry("./src/index.ts"),
      "./a": entry("./src/a/index.ts"),
      "./*": entry("./src/*.ts"),
      "./index": null,
      "./a/index": null,
      "./a/internal/*": null
    }
  }
  try {
    for (const [path, text] of Object.entries({ ...files, "package.json": JSON.stringify(manifest) })) {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), text)
    }
    return new Map(Reference.pages(root, roomsOf(root)).map(({ path, text }) => [path, text]))
  } finally {
    rmSync(root, { recursive: true })
  }
}

const barrels = {
  "src/index.ts": `export * from "./a/index.ts"\n`,
  "src/a/index.ts": `/** The room. */\nexport * as Thing from "./Thing.ts"\n`
}

describe("a page", () => {
  const thing = pagesOf({
    ...barrels,
    "src/a/internal/base.ts": `
/** What is below. */
export interface Base {
  /** In meters. */
  readonly size: number
}
/** Hidden. */
export const secret = 1
`,
    "src/a/Thing.ts": `/**
 * Things. They are many.
 *
 * @example
 * Thing.make({ size: 1 })
 */
import type * as Below from "./internal/base.ts"
import { secret } from "./internal/base.ts"

// Models

export type { Base as Bottom } from "./internal/base.ts"

/** Options of {@link make}, of {@link Other.thing} too. */
// oxlint-disable-next-line some-rule -- a note to the author
export interface Options extends Below.Base {}

/** Its limits. */
export const limits: { readonly most: number } = { most: 3 }

/** Both. */
export const Kind = "kind" as const
export type Kind = typeof Kind

// Constructors

/**
 * Makes one.
 *
 * @example
 * make({ size: 2 })
 */
export const make = (options: Options, times = 1): string => {
  return String(options.size * times)
}

/** Makes it later. */
export const later: (self: string) => string = (self) => self.trim() + secret

/** A default. */
export const Level = reference("level", { defaultValue: () => 3, other: () => [secret, secret, secret].map((one) => one * secret) })

/** In two steps. */
export const twice = (first: string) => (second: string): string => first + second

/** A class. */
export class Box {
  /** One of its own. */
  static readonly empty: Box = new Box()
  // oxlint-disable-next-line another-rule -- a note in between
  get message(): string {
    return "secret"
  }
}
`
  }).get("docs/api/a/Thing.md")!

  it("has the doc of its module, the examples, and how it is imported", () => {
    assert.isTrue(
      thing.startsWith("# small/a/Thing\n\nThings. They are many.\n\n```ts\nThing.make({ size: 1 })\n```\n")
    )
    assert.include(thing, "import { Thing } from \"small\"")
    assert.include(thing, "\nMakes one.\n\n```ts\nmake({ size: 2 })\n```\n")
  })

  it("has the order and the sections of the source", () => {
    assert.deepStrictEqual(thing.match(/^##+ .*$/gm), [
      "## Models",
      "### Bottom",
      "### Options",
      "### limits",
      "### Kind",
      "## Constructors",
      "### make",
      "### later",
      "### Level",
      "### twice",
      "### Box"
    ])
  })

  it("has declarations without code: no bodies, no values whose type is said, no notes to the author", () => {
    assert.include(thing, "```ts\nconst make = (options: Options, times = 1): string\n```")
    assert.include(thing, "```ts\nconst later: (self: string) => string\n```")
    assert.include(thing, "{ defaultValue: () => 3, other: () => ... })")
    assert.include(thing, "```ts\nconst twice = (first: string) => (second: string): string\n```")
    assert.include(thing, "  /** One of its own. */\n  static readonly empty: Box\n  get message(): string\n}")
    assert.include(thing, "```ts\nconst limits: { readonly most: number } = { most: 3 }\n```")
    assert.include(thing, "```ts\nconst Kind = \"kind\" as const\n\ntype Kind = typeof Kind\n```")
    assert.notMatch(thing, /secret|oxlint/)
  })

  it("has what is of files that cannot be imported: under its public name, and the members that are inherited", () => {
    assert.include(thing, "```ts\ninterface Bottom {\n  /** In meters. */\n  readonly size: number\n}\n```")
    assert.include(
      thing,
      "interface Options extends Below.Base {}\n\n// Below.Base\ninterface Base {\n  /** In meters. */"
    )
  })

  it("links to what is on it, and names what is elsewhere", () => {
    assert.include(thing, "Options of [`make`](#make), of `Other.thing` too.")
  })

  it("of what a room alone exports is the room's", () => {
    const made = pagesOf({
      "src/index.ts": `export * from "./a/index.ts"\n`,
      "src/a/index.ts": `/** The room. */\nexport type { Inner as Outer } from "./internal/inner.ts"\n`,
      "src/a/internal/inner.ts": "/** Inside. */\nexport interface Inner {}\n"
    })
    assert.deepStrictEqual([...made.keys()], ["docs/api/README.md", "docs/api/a/index.md"])
    assert.include(made.get("docs/api/a/index.md")!, "interface Outer {}")
  })

  it("is refused of a module that exports everything of a file which cannot be imported", () => {
    assert.throws(
      () =>
        pagesOf({
          ...barrels,
          "src/a/Thing.ts": `export * from "./internal/base.ts"\n`,
          "src/a/internal/base.ts": "export const a = 1\n"
        }),
      /Thing.ts exports everything of .*base.ts, which cannot be imported/
    )
  })
})
